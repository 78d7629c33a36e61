"""Shell: browsers that are signed in: their cookie, and what proves that a form is ours.

The cookie is a random number; the database knows only its digest.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Middleware

from lintbot.errors import TransientError
from lintbot.model.people import Person, UserTokens
from lintbot.ports import Clock, People
from lintbot.web.visibility import VIEWER, Viewer, viewer_of

_log = logging.getLogger(__name__)

COOKIE: Final = "__Host-lintbot"
"""Browsers take a cookie of this name only over HTTPS (or from this machine), for one host:
https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#section-4.1.3.2"""
SESSION_LIFE: Final = timedelta(days=14)
CSRF_FIELD: Final = "csrf"
_COOKIE_BYTES: Final = 32
_FOR_NOBODY: Final = ("/badge/", "/static/", "/webhooks/")
"""Answers below these are the same for everybody."""


@dataclass(frozen=True, slots=True)
class Sessions:
    """Begins, finds and ends sessions."""

    people: People
    clock: Clock

    async def begin(
        self, request: web.Request, answer: web.Response, person: Person, tokens: UserTokens
    ) -> None:
        """Sign a browser in; whoever was signed in there before is not any more."""
        await self.end(request, answer)
        value = secrets.token_urlsafe(_COOKIE_BYTES)
        until = self.clock.now() + SESSION_LIFE
        await asyncio.to_thread(self.people.sign_in, person, tokens, _digest(value), until)
        set_cookie(answer, COOKIE, value, SESSION_LIFE)

    async def end(self, request: web.Request, answer: web.Response) -> None:
        """Sign a browser out."""
        value = request.cookies.get(COOKIE)
        if value:
            await asyncio.to_thread(self.people.sign_out, _digest(value))
        drop_cookie(answer, COOKIE)

    async def find(self, request: web.Request) -> Viewer | None:
        """Return who sent a request; None: a stranger."""
        value = request.cookies.get(COOKIE)
        if not value or request.path.startswith(_FOR_NOBODY):
            return None
        person = await asyncio.to_thread(self.people.find, _digest(value))
        return None if person is None else Viewer(person=person, csrf=_digest(f"csrf {value}"))


def make_door(sessions: Sessions) -> Middleware:
    """Return the middleware that finds out who asks."""

    @web.middleware
    async def enter(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        try:
            viewer = await sessions.find(request)
        except TransientError as error:
            _log.warning("nobody can be recognised: %s", error)
            viewer = None
        if viewer is not None:
            request[VIEWER] = viewer
        return await handler(request)

    return enter


async def is_own_form(request: web.Request) -> bool:
    """Tell whether a form was sent from a page of ours that this viewer was shown."""
    wanted = viewer_of(request).csrf
    given = (await request.post()).get(CSRF_FIELD)
    return (
        bool(wanted)
        and isinstance(given, str)
        and hmac.compare_digest(given.encode(), wanted.encode())
    )


def set_cookie(answer: web.Response, name: str, value: str, life: timedelta) -> None:
    """Give a browser a cookie that no script and no other site's form can use."""
    answer.set_cookie(
        name,
        value,
        max_age=int(life.total_seconds()),
        path="/",
        secure=True,
        httponly=True,
        samesite="Lax",
    )


def drop_cookie(answer: web.Response, name: str) -> None:
    """Take a cookie back."""
    answer.del_cookie(name, path="/", secure=True, httponly=True, samesite="Lax")


def _digest(value: str) -> str:
    return sha256(value.encode()).hexdigest()
