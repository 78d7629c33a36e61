"""Pure: a repository's history without contents and without people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One commit.

    Attributes:
        day: of the author's date, UTC.
        people: those who wrote it, as salted hashes that mean nothing outside this process.
        bot: a machine wrote it.
        code: it changes a file of code; None when that was not looked up.
    """

    day: date
    people: tuple[int, ...]
    bot: bool = False
    code: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The last 36 months of a branch, newest first, without merges.

    Attributes:
        tags: how many version tags there are.
        newest_tag: the day of the newest tagged commit among these; None: older, or none.
        whole: the history begins within these 36 months.
    """

    commits: tuple[Commit, ...]
    tags: int = 0
    newest_tag: date | None = None
    whole: bool = False
