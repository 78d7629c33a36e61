"""Shell: installation tokens, each narrowed to its job, minted once and kept until they age.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import jwt
from cachetools import LRUCache
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from gidgethub.apps import get_jwt

from lintbot.errors import GoneError, PermanentError, TransientError
from lintbot.github.client import Client
from lintbot.github.errors import NotFoundError, UnauthorizedError, UnprocessableError
from lintbot.model.ids import InstallationId, RepositoryId
from lintbot.ports import Clock

_log = logging.getLogger(__name__)

JWT_SECONDS: Final = 600
"""From ``iat``, which is 60 s in the past: so it ends 540 s from now; GitHub allows 600."""

REFRESH_BEFORE: Final = timedelta(minutes=10)
"""A token is not handed out in its last minutes: a fetch that starts with it must also end."""

_MAX_TOKENS: Final = 4096

Permissions = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppCredentials:
    """Who we are to GitHub.

    Attributes:
        app_id: the App's numeric id; check runs carry it.
        issuer: the App's client id (recommended by GitHub), or its numeric id as text.
        private_keys: PEM texts, tried in order: several are valid while a key is rotated.
    """

    app_id: int
    issuer: str
    private_keys: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a token may be used for: some permissions on one repository."""

    installation_id: InstallationId
    repository_id: RepositoryId
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
        client: without a cache: a token is never answered from memory.
        credentials: of the App.
        clock: tells when a token has aged.
    """

    def __init__(self, client: Client, credentials: AppCredentials, clock: Clock) -> None:
        self._client = client
        self._credentials = credentials
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
        wanted = {
            "repository_ids": [scope.repository_id],
            "permissions": dict(scope.permissions),
        }
        try:
            answer = await self._post_as_app(
                "/app/installations/{id}/access_tokens", {"id": str(scope.installation_id)}, wanted
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

    async def _post_as_app(self, path: str, variables: Mapping[str, str], data: object) -> Any:
        """Post with the App's own JSON web token, signed by the first key that is accepted."""
        refusal = UnauthorizedError("the App has no private key")
        for number, key in enumerate(self._credentials.private_keys, start=1):
            try:
                signed = sign(self._credentials.issuer, key)
                return await self._client.post(path, variables, data=data, jwt=signed)
            except UnauthorizedError as error:
                _log.warning("GitHub refuses the App's private key %d: %s", number, error)
                refusal = error
        raise refusal


def sign(issuer: str, private_key: str) -> str:
    """Return a JSON web token of the App: RS256, issued 60 s ago for a clock that runs ahead.

    Raises:
        PermanentError: the key is not an RSA private key in PEM form.
    """
    try:
        key: Any = _load_key(private_key)
        return get_jwt(app_id=issuer, private_key=key, expiration=JWT_SECONDS)
    except (jwt.PyJWTError, ValueError, TypeError, UnsupportedAlgorithm):
        # Not "from": the library's words may quote the key.
        raise PermanentError("the App's private key is not an RSA key in PEM form") from None


@functools.lru_cache(maxsize=8)
def _load_key(private_key: str) -> PrivateKeyTypes:
    """Parse a key once: its check takes 60 ms, in which no webhook would be answered."""
    return load_pem_private_key(private_key.encode(), password=None)
