"""Pure: the time of day."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The time of day, so that tests can choose it."""

    def now(self) -> datetime:
        """Return the present moment, aware UTC."""
        ...
