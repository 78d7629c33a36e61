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

from lintbot.model.ids import RepositoryId
from lintbot.model.lint_run import LintRun
from lintbot.model.people import Person, Rights
from lintbot.model.repository import Repository
from lintbot.ports import Catalog
from lintbot.web.rights import Readers

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


class Visibility:
    """Answers what a viewer may see.

    For somebody who signed in GitHub is asked about every repository that is not public here,
    one that lintbot does not know included: so neither the time that an answer takes nor what
    happens while GitHub is away tells which ones it knows.

    Args:
        catalog: what is stored.
        readers: what people who signed in may read on GitHub; None: nobody can sign in.
    """

    def __init__(self, catalog: Catalog, readers: Readers | None = None) -> None:
        self._catalog = catalog
        self._readers = readers

    async def find(self, viewer: Viewer, owner: str, name: str) -> Repository | None:
        """Return a repository by any name it has or had, if the viewer may read it.

        Raises:
            TransientError: the database or GitHub is out of reach, so nobody can tell.
        """
        if not (is_name(owner) and is_name(name)):
            return None
        stored = await asyncio.to_thread(self._catalog.find_repository, owner, name)
        if stored is not None and not stored.private:
            return stored
        rights = await self._rights(viewer, owner, name, stored)
        return stored if rights is not None else None

    async def find_administered(self, viewer: Viewer, owner: str, name: str) -> Repository | None:
        """Return a repository, if the viewer may change its settings on GitHub.

        Raises:
            TransientError: as ``find``.
        """
        if not (is_name(owner) and is_name(name)):
            return None
        stored = await asyncio.to_thread(self._catalog.find_repository, owner, name)
        rights = await self._rights(viewer, owner, name, stored)
        return stored if rights is not None and rights.admin else None

    async def _rights(
        self, viewer: Viewer, owner: str, name: str, stored: Repository | None
    ) -> Rights | None:
        """Return what GitHub lets the viewer do, if it speaks of the same repository."""
        if viewer.person is None or self._readers is None:
            return None
        if stored is not None:
            owner, name = stored.account.login, stored.name
        rights = await self._readers.find(viewer.person.id, owner, name)
        same = rights is not None and stored is not None and rights.repository_id == stored.id
        return rights if same else None

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

    async def find_branch(self, request: web.Request) -> tuple[Repository, str] | None:
        """Return the repository and branch that an address names, if its sender may see it.

        Raises:
            TransientError: as ``find``.
        """
        path, branch = request.match_info, request.query.get("branch", "")
        repository = await self.find(viewer_of(request), path["owner"], path["repo"])
        if repository is None or not is_branch(branch):
            return None
        return repository, branch or repository.default_branch

    async def find_named_run(self, request: web.Request) -> tuple[Repository, LintRun] | None:
        """Return the lint run that an address names, if its sender may see it.

        Raises:
            TransientError: as ``find``.
        """
        path = request.match_info
        return await self.find_run(viewer_of(request), path["owner"], path["repo"], path["sha"])

    async def keep_visible(
        self, viewer: Viewer, owner: str, repositories: Iterable[Repository]
    ) -> tuple[Repository, ...]:
        """Return those of an account's repositories that the viewer may read, in their order.

        Raises:
            TransientError: as ``find``.
        """
        readable: set[RepositoryId] = set()
        if viewer.person is not None and self._readers is not None:
            rights = await self._readers.list(viewer.person.id, owner)
            readable = {it.repository_id for it in rights}
        return tuple(it for it in repositories if not it.private or it.id in readable)
