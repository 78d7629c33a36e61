"""Shell: what GitHub knows of the App itself, and how it comes to know it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import aiohttp

from lintbot.errors import TransientError
from lintbot.github.as_app import AppCredentials, AppRequests
from lintbot.github.client import Client, open_session
from lintbot.github.deliveries import HookDeliveries
from lintbot.model.app import NewApp

LOG_LIFE: Final = timedelta(days=3)
_POLLS: Final = 15
_POLL_SECONDS: Final = 1.0
"""GitHub gives up on a delivery after 10 seconds."""


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


async def convert_manifest(code: str, api_url: str) -> NewApp:
    """Trade the code of the manifest flow for the new App's credentials, once, within an hour.

    Raises:
        TransientError, PermanentError: GitHub is out of reach, or does not know the code.
    """
    path = "/app-manifests/{code}/conversions"
    async with open_session() as session:
        got = await Client(session, api_url).post(path, {"code": code}, data={})
        return NewApp(
            id=int(got["id"]),
            name=str(got["name"]),
            html_url=str(got["html_url"]),
            client_id=str(got["client_id"]),
            client_secret=str(got["client_secret"]),
            private_key=str(got["pem"]),
            webhook_secret=str(got["webhook_secret"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """The App's webhook as GitHub has it.

    Attributes:
        event: of the newest delivery; empty: there was none in the last days.
        answered: the server answered it 2xx.
    """

    url: str
    event: str
    answered: bool


async def try_hook(
    credentials: AppCredentials,
    api_url: str,
    *,
    now: datetime,
    sleep: Callable[[float], Awaitable[None]],
) -> Hook:
    """Have GitHub send its newest ping again, and see whether the server answers it.

    Without a ping in the log, which is kept for days, the newest delivery is looked at.

    Raises:
        TransientError, PermanentError: GitHub is out of reach or refuses.
    """
    async with open_session() as session:
        app = AppRequests(Client(session, api_url), credentials)
        url = str((await app.get("/app/hook/config")).get("url", ""))
        deliveries, since = HookDeliveries(app), now - LOG_LIFE
        log = await deliveries.list_since(since)
        ping = next((it for it in log if it.event == "ping"), None)
        if ping is None:
            last = log[0] if log else None
            return Hook(
                url=url,
                event=last.event if last else "",
                answered=last is not None and last.succeeded,
            )
        await deliveries.redeliver(ping.id)
        for _ in range(_POLLS):
            await sleep(_POLL_SECONDS)
            for line in await deliveries.list_since(since):
                if line.guid == ping.guid and line.id > ping.id:
                    return Hook(url=url, event="ping", answered=line.succeeded)
        return Hook(url=url, event="ping", answered=False)


async def _read_date(session: aiohttp.ClientSession, api_url: str) -> str:
    try:
        async with session.get(f"{api_url}/zen") as response:
            return response.headers.get("Date", "")
    except (aiohttp.ClientError, TimeoutError) as error:
        raise TransientError("GitHub did not tell its time") from error
