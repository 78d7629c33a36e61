"""Shell: installation tokens, each narrowed to its job, minted once and kept until they age.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cachetools import LRUCache

from lintbot.errors import GoneError, TransientError
from lintbot.github.as_app import AppRequests
from lintbot.github.errors import NotFoundError, UnprocessableError
from lintbot.model.ids import InstallationId, RepositoryId
from lintbot.ports import Clock

REFRESH_BEFORE: Final = timedelta(minutes=10)
"""A token is not handed out in its last minutes: a fetch that starts with it must also end."""

_MAX_TOKENS: Final = 4096

Permissions = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a token may be used for: some permissions on one repository (None: on all)."""

    installation_id: InstallationId
    repository_id: RepositoryId | None
    permissions: Permissions


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An installation token. About 520 characters since 2026; nothing here counts them."""

    value: str = field(repr=False)
    minted_at: datetime
    expires_at: datetime


@dataclass(slots=True)
class _Slot:
    """One scope's token, and the lock under which it is minted."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    token: Token | None = None


class InstallationTokens:
    """Mints tokens, one at a time for each scope, and keeps them.

    Args:
        app: asks for them.
        clock: tells when a token has aged.
    """

    def __init__(self, app: AppRequests, clock: Clock) -> None:
        self._app = app
        self._clock = clock
        self._slots: LRUCache[Scope, _Slot] = LRUCache(maxsize=_MAX_TOKENS)

    async def get(self, scope: Scope) -> Token:
        """Return a token with at least ten minutes to live.

        Raises:
            GoneError: the App is not installed there, is suspended, or lost the repository.
            PermanentError: the installation did not grant these permissions.
            TransientError: GitHub could not be asked, or does not accept the App's keys now.
        """
        slot = self._slots.get(scope)
        if slot is None:
            slot = self._slots[scope] = _Slot()
        async with slot.lock:
            if slot.token is None or self._is_old(slot.token):
                slot.token = await self._mint(scope)
            return slot.token

    def forget(self, scope: Scope, token: Token) -> None:
        """Drop a token that GitHub refuses, unless another has taken its place."""
        slot = self._slots.get(scope)
        if slot is not None and slot.token is token:
            slot.token = None

    def age_seconds(self, token: Token) -> float:
        """Return how long ago a token was minted."""
        return (self._clock.now() - token.minted_at).total_seconds()

    def _is_old(self, token: Token) -> bool:
        return self._clock.now() >= token.expires_at - REFRESH_BEFORE

    async def _mint(self, scope: Scope) -> Token:
        wanted: dict[str, object] = {"permissions": dict(scope.permissions)}
        if scope.repository_id is not None:
            wanted["repository_ids"] = [scope.repository_id]
        try:
            answer = await self._app.post(
                "/app/installations/{id}/access_tokens", wanted, id=str(scope.installation_id)
            )
        except NotFoundError as error:
            raise GoneError(f"the App is not installed there any more: {error}") from error
        except UnprocessableError as error:
            if "not accessible" in str(error):
                raise GoneError(f"the repository left the installation: {error}") from error
            raise
        try:
            expires_at = datetime.fromisoformat(answer["expires_at"])
            return Token(value=answer["token"], minted_at=self._clock.now(), expires_at=expires_at)
        except (KeyError, TypeError, ValueError):
            raise TransientError("GitHub's answer holds no token") from None
