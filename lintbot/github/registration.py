"""Shell: what GitHub knows of the App itself; for ``lintbot doctor``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp

from lintbot.errors import TransientError
from lintbot.github.as_app import AppCredentials, AppRequests
from lintbot.github.client import Client, open_session


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """The App as GitHub has it.

    Attributes:
        permissions: name to ``read`` or ``write``.
        date: GitHub's clock, as HTTP writes it; empty when it was not told.
    """

    slug: str
    permissions: Mapping[str, str]
    events: tuple[str, ...]
    date: str


async def read_registration(credentials: AppCredentials, api_url: str) -> Registration:
    """Ask GitHub about the App, with the App's own key.

    Raises:
        TransientError, PermanentError: GitHub is out of reach, or takes none of the keys.
    """
    async with open_session() as session:
        got = await AppRequests(Client(session, api_url), credentials).get("/app")
        return Registration(
            slug=str(got.get("slug", "")),
            permissions={str(k): str(v) for k, v in got.get("permissions", {}).items()},
            events=tuple(map(str, got.get("events", []))),
            date=await _read_date(session, api_url),
        )


async def _read_date(session: aiohttp.ClientSession, api_url: str) -> str:
    try:
        async with session.get(f"{api_url}/zen") as response:
            return response.headers.get("Date", "")
    except (aiohttp.ClientError, TimeoutError) as error:
        raise TransientError("GitHub did not tell its time") from error
