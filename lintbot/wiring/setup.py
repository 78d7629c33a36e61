"""Shell: what ``lintbot setup`` asks, joined from the adapters."""

from __future__ import annotations

import webbrowser

from lintbot.github.manifest import make_manifest
from lintbot.github.registration import convert_manifest
from lintbot.setup import SetupTools


def make_setup_tools(*, browser: bool) -> SetupTools:
    """Return what the command asks."""
    return SetupTools(
        make_manifest=make_manifest,
        convert=convert_manifest,
        browse=webbrowser.open if browser else _leave_alone,
    )


def _leave_alone(_url: str) -> None:
    """Open nothing."""
