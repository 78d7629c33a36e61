"""Shell: how a run ends that relied on what it remembered, and must not have."""

from __future__ import annotations

import os
from typing import NoReturn

AGAIN = 75
"""The status of a linter that has to be run again with nothing known; it has reported nothing."""
PLAIN = 76
"""The status of a linter that has to be executed as it is; it has reported nothing."""


def be_plain() -> NoReturn:
    """End this process, so that the linter is executed as it is, with nothing to remember."""
    os._exit(PLAIN)


def give_up() -> NoReturn:
    """End this process, so that the run is repeated with nothing known."""
    os._exit(AGAIN)
