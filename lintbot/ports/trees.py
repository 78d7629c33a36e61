"""Pure: commits, fetched by git and laid out as plain files."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lintbot.model.ids import Sha
from lintbot.ports.forge import GitSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """One commit as plain files: no .git, no links, no special files.

    Attributes:
        root: the folder; removed when the context ends.
        files: every file written, relative, POSIX, sorted.
        skipped: one plain sentence for each kind of entry that was left out.
    """

    root: Path
    files: tuple[str, ...]
    skipped: tuple[str, ...] = ()


class Trees(Protocol):
    """Commits, fetched by git and laid out as plain files."""

    def checkout(self, source: GitSource, sha: Sha) -> AbstractAsyncContextManager[Checkout]:
        """Fetch one commit (only what is new) and lay it out.

        Raises:
            LimitError: the tree is larger than the documented limits.
            TransientError: the fetch failed in a way that may pass.
            PermanentError: the commit does not exist (any more).
        """
        ...

    async def find_changed(self, source: GitSource, base: Sha, head: Sha) -> frozenset[str]:
        """Return the paths of files that differ between two commits.

        Raises:
            LimitError: they are too many.
            TransientError: a fetch failed in a way that may pass.
            PermanentError: a commit does not exist (any more).
        """
        ...


class PatchMaker(Protocol):
    """Patches, made by git."""

    async def make(self, root: Path, changed: Mapping[str, bytes]) -> str:
        """Return the patch from a tree's files to their changed contents; git has tried it.

        Raises:
            PermanentError: git cannot make such a patch.
        """
        ...
