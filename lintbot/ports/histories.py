"""Pure: who committed when, without contents and without names."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Protocol

from lintbot.model.history import History
from lintbot.model.ids import Sha
from lintbot.ports.forge import GitSource


class Histories(Protocol):
    """Who committed when, without contents and without names."""

    async def read(
        self, source: GitSource, sha: Sha, now: datetime, mailmap: Path | None = None
    ) -> History:
        """Fetch commits without contents (only what is new) and return the last 36 months.

        Args:
            source: where to fetch from.
            sha: the newest commit.
            now: the present moment.
            mailmap: the repository's own .mailmap as a file, if it has one.

        Raises:
            TransientError: the fetch failed in a way that may pass.
            PermanentError: the commit does not exist (any more).
        """
        ...
