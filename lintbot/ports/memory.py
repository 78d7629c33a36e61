"""Pure: what lint runs leave for the next ones of the same repository."""

from __future__ import annotations

from typing import Protocol

from lintbot.model.ids import RepositoryId
from lintbot.model.memory import Lines


class Memory(Protocol):
    """What one lint run may recall and keep. All calls block."""

    def recall(self, part: str) -> bytes:
        """Return what was kept of a part, such as ``pylint`` in one folder; empty: nothing."""
        ...

    def keep(self, part: str, left: bytes) -> None:
        """Keep it in the place of what was kept before, if this run may."""
        ...


class Memories(Protocol):
    """Memories of all repositories, never shared between two."""

    def open(self, repository_id: RepositoryId, lines: Lines) -> Memory | None:
        """Return a run's memory; None: nothing is remembered here."""
        ...
