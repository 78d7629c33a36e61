"""Shell: requests as the App itself, signed with its private key.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from gidgethub.apps import get_jwt

from lintbot.errors import PermanentError
from lintbot.github.client import Client
from lintbot.github.errors import UnauthorizedError

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

JWT_SECONDS: Final = 600
"""From ``iat``, which is 60 s in the past: so it ends 540 s from now; GitHub allows 600."""


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


class AppRequests:
    """Requests of the App, signed by the first of its keys that GitHub accepts.

    Args:
        client: without a cache: what the App asks about itself is never answered from memory.
        credentials: of the App.
    """

    def __init__(self, client: Client, credentials: AppCredentials) -> None:
        self._client = client
        self._credentials = credentials

    async def get(self, path: str, **variables: str) -> Any:
        """Return one object."""
        return await self._call(lambda jwt: self._client.getitem(path, variables, jwt=jwt))

    async def pages(
        self, path: str, *, take_while: Callable[[Any], bool] | None = None, **variables: str
    ) -> list[Any]:
        """Return the items of all pages; with ``take_while`` those before the first unwanted."""

        async def collect(jwt: str) -> list[Any]:
            items = []
            async for item in self._client.getiter(path, variables, jwt=jwt):
                if take_while is not None and not take_while(item):
                    break
                items.append(item)
            return items

        return await self._call(collect)

    async def post(self, path: str, data: object, **variables: str) -> Any:
        """Create something."""
        return await self._call(lambda jwt: self._client.post(path, variables, data=data, jwt=jwt))

    async def _call(self, request: Callable[[str], Awaitable[_T]]) -> _T:
        refusal = UnauthorizedError("the App has no private key")
        for number, key in enumerate(self._credentials.private_keys, start=1):
            try:
                return await request(sign(self._credentials.issuer, key))
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
