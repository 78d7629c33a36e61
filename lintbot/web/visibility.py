"""Shell: who may see what. One place decides it for badges, pages, feeds and the API.

A repository that the viewer may not read, one that does not exist and a name that none can have
are all None, and everybody who asks answers None in one way: nothing can be learnt from it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from lintbot.model.lint_run import LintRun
from lintbot.model.people import Person
from lintbot.model.repository import Repository
from lintbot.ports import Catalog

_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}\Z")
_SHA = re.compile(r"[0-9a-fA-F]{7,64}\Z")
MAX_BRANCH_CHARACTERS = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who asks.

    Attributes:
        person: who signed in; None for a stranger.
        csrf: what every form of this viewer must send back; empty for a stranger.
    """

    person: Person | None = None
    csrf: str = field(default="", repr=False)


STRANGER: Final = Viewer()
VIEWER: Final[web.RequestKey[Viewer]] = web.RequestKey("viewer")


def viewer_of(request: web.Request) -> Viewer:
    """Return who sent a request: a stranger, unless a session was found for it."""
    viewer: Viewer = request.get(VIEWER, STRANGER)
    return viewer


def is_name(text: str) -> bool:
    """Tell whether GitHub could call an account or a repository this."""
    return _NAME.match(text) is not None


def is_branch(text: str) -> bool:
    """Tell whether a branch could be called this; databases refuse some other texts."""
    return text.isprintable() and len(text) <= MAX_BRANCH_CHARACTERS


def find_public(catalog: Catalog, owner: str, name: str) -> Repository | None:
    """Return a repository by any name it has or had, if a stranger may see it. Blocking.

    Raises:
        TransientError: the database is out of reach.
    """
    if not (is_name(owner) and is_name(name)):
        return None
    repository = catalog.find_repository(owner, name)
    return None if repository is None or repository.private else repository


class Visibility:
    """Answers what a viewer may see.

    Args:
        catalog: what is stored.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    async def find(self, viewer: Viewer, owner: str, name: str) -> Repository | None:
        """Return a repository by any name it has or had, if the viewer may read it.

        Raises:
            TransientError: the database or GitHub is out of reach, so nobody can tell.
        """
        del viewer
        return await asyncio.to_thread(find_public, self._catalog, owner, name)

    async def find_run(
        self, viewer: Viewer, owner: str, name: str, sha: str
    ) -> tuple[Repository, LintRun] | None:
        """Return the newest lint run of a commit, if the viewer may read its repository.

        Raises:
            TransientError: as ``find``.
        """
        repository = await self.find(viewer, owner, name)
        if repository is None or not _SHA.match(sha):
            return None
        run = await asyncio.to_thread(self._catalog.run_at, repository.id, sha)
        return (repository, run) if run is not None else None

    async def keep_visible(
        self, viewer: Viewer, repositories: Iterable[Repository]
    ) -> tuple[Repository, ...]:
        """Return those of some stored repositories that the viewer may read, in their order.

        Raises:
            TransientError: as ``find``.
        """
        del viewer
        return tuple(repository for repository in repositories if not repository.private)
