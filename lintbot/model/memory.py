"""Pure: whose memory a lint run, or the proof of its patch, may read and write.

A linter's configuration is code, so a run can lie about what it found. What it leaves behind is
therefore read only where its author could have pushed anyway.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from lintbot.model.events import is_queue_branch

PULL_PREFIX = "refs/pull/"
"""Begins the name that a pull request from a fork goes by in the base repository."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """The branches of one repository whose memory a run uses.

    Attributes:
        reads: the first that has something counts.
        writes: None: what the run leaves is thrown away.
    """

    reads: tuple[str, ...]
    writes: str | None

    def only_read(self) -> Lines:
        """Return the same lines for a run that leaves nothing."""
        return replace(self, writes=None)


def choose_lines(branch: str | None, default_branch: str, *, fresh: bool) -> Lines:
    """Return the lines of a run.

    A branch of the repository reads its own line, else the default branch's, and writes its own.
    A fork's commit, a merge group and a commit of which no branch is known read the default
    branch's line and write none.

    Args:
        branch: whose head was linted; ``refs/pull/N/head`` for a fork; None: not known.
        default_branch: of the repository.
        fresh: somebody asked for the run again: nothing is read.
    """
    trusted = branch is not None and not branch.startswith(PULL_PREFIX)
    own = branch if trusted and branch and not is_queue_branch(branch) else None
    reads = (own, default_branch) if own else (default_branch,)
    return Lines(reads=() if fresh else tuple(dict.fromkeys(reads)), writes=own)
