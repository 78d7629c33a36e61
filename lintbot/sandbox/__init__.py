"""Shell: untrusted code runs here, or nowhere."""

from __future__ import annotations

import os
from pathlib import Path

from lintbot.sandbox.launch import SANDBOX_USER
from lintbot.sandbox.layered import LayeredSandbox, Options, TierReport
from lintbot.sandbox.limits import Limits
from lintbot.sandbox.tiers import Tier, parse_mode
from lintbot.sandbox.toolenv import TOOLS

__all__ = ["SANDBOX_USER", "LayeredSandbox", "Limits", "Tier", "TierReport", "make_sandbox"]


def make_sandbox(  # noqa: PLR0913  each is one decision of the caller
    *,
    mode: str,
    jobs_root: Path,
    tools_root: Path,
    limits: Limits | None = None,
    tools: tuple[str, ...] = TOOLS,
    warm: bool = True,
    index_url: str = "",
) -> LayeredSandbox:
    """Make a sandbox; ``start`` it before use and ``aclose`` it after.

    Args:
        mode: ``auto``, ``A``, ``B``, ``C`` or ``none``.
        jobs_root: the folder below which every checkout lies; made if it is missing.
        tools_root: where the linters' own environments are kept; outside ``jobs_root``.
        limits: of one job; None: the documented defaults.
        tools: the distributions to hold ready.
        warm: import the linters before the first job.
        index_url: of the package index with other versions; empty: as pip is set up.

    Raises:
        ValueError: the mode is none of these.
    """
    options = Options(
        tiers=parse_mode(mode),
        checkouts=_make_checkouts(jobs_root),
        tools_folder=tools_root.resolve(),
        limits=limits or Limits(),
        tools=tools,
        warm=warm,
        index_url=index_url,
    )
    return LayeredSandbox(options)


def _make_checkouts(folder: Path) -> Path:
    """Return the real folder, closed to everybody but us and the sandbox's user."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(folder, 0, SANDBOX_USER)
        folder.chmod(0o750)
    else:
        folder.chmod(0o700)
    return folder.resolve()
