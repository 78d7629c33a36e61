"""Shell: requests about one repository, with a token that can do no more than the job needs."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import aiohttp
from cachetools import LRUCache

from lintbot.github.client import AnswerCache, Client
from lintbot.github.errors import InaccessibleError, RateLimitedError, UnauthorizedError
from lintbot.github.tokens import InstallationTokens, Permissions, Scope, Token
from lintbot.model.ids import InstallationId
from lintbot.ports import Clock, Target

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

CHECKS: Final[Permissions] = (("checks", "write"),)
READ: Final[Permissions] = (("contents", "read"), ("pull_requests", "read"))
FETCH: Final[Permissions] = (("contents", "read"),)
ISSUES: Final[Permissions] = (("issues", "write"),)
METADATA: Final[Permissions] = (("metadata", "read"),)

YOUNG_SECONDS: Final = 60.0
YOUNG_DELAYS_SECONDS: Final = (0.5, 1.0, 2.0, 4.0)
"""A new token may be refused for some seconds, until all of GitHub knows it:
https://github.com/octokit/auth-app.js/issues/65"""

_MAX_PAUSES: Final = 4096
_REPOSITORY: Final = "/repos/{owner}/{repo}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Everything that a request needs but its path.

    Attributes:
        sleep: waits so many seconds.
        pauses: installation to the moment (seconds since 1970) before which GitHub wants no
            request: asking on is what gets an App banned.
    """

    session: aiohttp.ClientSession
    api_url: str
    tokens: InstallationTokens
    clock: Clock
    sleep: Callable[[float], Awaitable[None]]
    cache: AnswerCache = field(default_factory=AnswerCache)
    pauses: LRUCache[InstallationId, float] = field(
        default_factory=lambda: LRUCache(maxsize=_MAX_PAUSES)
    )

    def to(self, target: Target, permissions: Permissions) -> ScopedAccess:
        """Return access to one repository for one job."""
        names = {"owner": target.owner, "repo": target.name}
        return ScopedAccess(self, make_scope(target, permissions), _REPOSITORY, names)

    def to_installation(
        self, installation_id: InstallationId, permissions: Permissions
    ) -> ScopedAccess:
        """Return access to what belongs to no single repository of an installation."""
        scope = Scope(installation_id=installation_id, repository_id=None, permissions=permissions)
        return ScopedAccess(self, scope, "", {})

    async def token(self, scope: Scope) -> Token:
        """Return a token for one repository."""
        async with self.obeying_limits(scope.installation_id):
            return await self.tokens.get(scope)

    @asynccontextmanager
    async def obeying_limits(self, installation_id: InstallationId) -> AsyncIterator[None]:
        """Ask nothing while GitHub wants no request, and remember when it says so.

        Raises:
            RateLimitedError: now, or again; it tells for how long.
        """
        left = self.pauses.get(installation_id, 0.0) - self.clock.now().timestamp()
        if left > 0:
            raise RateLimitedError("GitHub wants no request now", retry_after_seconds=left)
        try:
            yield
        except RateLimitedError as error:
            seconds = error.retry_after_seconds or 0.0
            self.pauses[installation_id] = self.clock.now().timestamp() + seconds
            raise


class ScopedAccess:
    """Requests with a token of one scope.

    Args:
        access: everything else that a request needs.
        scope: what the token can do.
        root: of every path; with variables.
        names: their values.
    """

    def __init__(self, access: Access, scope: Scope, root: str, names: Mapping[str, str]) -> None:
        self._access = access
        self._root = root
        self._names = names
        self._scope = scope
        cache = access.cache.view(f"{scope.installation_id}/{scope.repository_id}")
        self._client = Client(access.session, access.api_url, cache)

    async def get(self, path: str, **variables: str) -> Any:
        """Return one object."""
        url, values = self._url(path, variables)
        return await self._call(lambda token: self._client.getitem(url, values, oauth_token=token))

    async def pages(
        self, path: str, key: str, *, most: int | None = None, **variables: str
    ) -> list[dict[str, Any]]:
        """Return the items of all pages; with ``most``, no page more once there are so many."""
        url, values = self._url(path, variables)

        async def collect(token: str) -> list[dict[str, Any]]:
            items = self._client.getiter(url, values, oauth_token=token, iterable_key=key)
            collected: list[dict[str, Any]] = []
            async for item in items:
                collected.append(item)
                if len(collected) == most:
                    break
            return collected

        return await self._call(collect)

    async def post(self, path: str, data: Mapping[str, Any]) -> Any:
        """Create something."""
        url, values = self._url(path, {})
        return await self._call(
            lambda token: self._client.post(url, values, data=data, oauth_token=token)
        )

    async def patch(self, path: str, data: Mapping[str, Any], **variables: str) -> Any:
        """Change something."""
        url, values = self._url(path, variables)
        return await self._call(
            lambda token: self._client.patch(url, values, data=data, oauth_token=token)
        )

    def _url(self, path: str, variables: Mapping[str, str]) -> tuple[str, dict[str, str]]:
        return self._root + path, {**self._names, **variables}

    async def _call(self, request: Callable[[str], Awaitable[_T]]) -> _T:
        """Make a request; a token that is refused gets some patience, then makes way."""
        for delay in YOUNG_DELAYS_SECONDS:
            token = await self._access.token(self._scope)
            try:
                return await self._once(request, token)
            except (UnauthorizedError, InaccessibleError) as error:
                if self._access.tokens.age_seconds(token) < YOUNG_SECONDS:
                    _log.info("a token is refused, perhaps for its youth: %s", error)
                elif isinstance(error, InaccessibleError):
                    raise
                else:
                    self._access.tokens.forget(self._scope, token)
            await self._access.sleep(delay)
        # Not for its youth, then. After an uninstallation, minting another one tells so.
        self._access.tokens.forget(self._scope, token)
        return await self._once(request, await self._access.token(self._scope))

    async def _once(self, request: Callable[[str], Awaitable[_T]], token: Token) -> _T:
        async with self._access.obeying_limits(self._scope.installation_id):
            return await request(token.value)


def make_scope(target: Target, permissions: Permissions) -> Scope:
    """Return the scope of one job on one repository."""
    return Scope(
        installation_id=target.installation_id,
        repository_id=target.repository_id,
        permissions=permissions,
    )
