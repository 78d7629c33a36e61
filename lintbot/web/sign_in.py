"""Shell: sign-in with GitHub, and out again.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
"""

from __future__ import annotations

import hmac
import json
import logging
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from aiohttp import web
from yarl import URL

from lintbot.errors import PermanentError, SignedOutError, TransientError
from lintbot.ports import Clock, People, Seal, SignIn
from lintbot.report.people import render_me, render_sign_in_failed
from lintbot.web.answers import UNAVAILABLE
from lintbot.web.html import Html
from lintbot.web.repository_settings import Desk
from lintbot.web.rights import RECHECK_SECONDS, Readers
from lintbot.web.sessions import Sessions, drop_cookie, is_own_form, set_cookie
from lintbot.web.visibility import viewer_of

_log = logging.getLogger(__name__)

COOKIE: Final = "__Host-lintbot-sign-in"
CALLBACK_PATH: Final = "/auth/callback"
"""Registered with the App as its callback URL, below where people reach lintbot."""
PATIENCE: Final = timedelta(minutes=10)
"""As long as GitHub's code is good."""
BAD_REQUEST, FORBIDDEN = 400, 403

_RANDOM_BYTES: Final = 32
_OWN_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]{0,1000}\Z")
"""A path of ours: browsers take ``//host`` and ``/\\host`` for another site."""

_ELSEWHERE = (
    "The sign-in was begun in another browser, or more than ten minutes ago. Nothing was changed."
)
_DENIED = "You did not let GitHub tell lintbot who you are, so you are not signed in."
_REFUSED = "GitHub did not take the sign-in: its code was used before, or is too old."
_AWAY = "GitHub or the database cannot be reached just now."
_UNFIT = (
    "GitHub does not accept how this lintbot is set up. Its operator finds the reason in the log."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """What it takes to let people sign in.

    Attributes:
        desk: what admins may change.
        recheck_seconds: how long what GitHub says of somebody's rights is believed.
    """

    people: People
    sign_in: SignIn
    seal: Seal
    clock: Clock
    desk: Desk
    recheck_seconds: float = RECHECK_SECONDS


def make_readers(entrance: Entrance) -> Readers:
    """Return what tells who may read what."""
    return Readers(entrance.people, entrance.sign_in, entrance.clock, entrance.recheck_seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPages:
    """Answers for signing in and out."""

    sign_in: SignIn
    seal: Seal
    sessions: Sessions
    html: Html

    async def login(self, request: web.Request) -> web.StreamResponse:
        """Answer ``GET /login``; ``?next=`` or the page before is where it leads back to."""
        state, verifier = (secrets.token_urlsafe(_RANDOM_BYTES) for _ in range(2))
        begun = json.dumps([state, verifier, self._next(request)]).encode()
        answer = _lead_to(self.sign_in.authorize_url(state, verifier))
        set_cookie(answer, COOKIE, self.seal.close(begun).decode(), PATIENCE)
        return answer

    async def callback(self, request: web.Request) -> web.StreamResponse:
        """Answer ``GET /auth/callback``, where GitHub leads the browser back to."""
        begun = self.seal.open(request.cookies.get(COOKIE, "").encode(), PATIENCE)
        state, verifier, path = json.loads(begun) if begun else ("", "", "/")
        given = request.query.get("state", "")
        if not state or not hmac.compare_digest(given.encode(), state.encode()):
            return self._fail(_ELSEWHERE, BAD_REQUEST)
        if "error" in request.query:
            return self._fail(_DENIED, BAD_REQUEST)
        answer = _lead_to(path)
        try:
            tokens = await self.sign_in.redeem(request.query.get("code", ""), verifier)
            person = await self.sign_in.who_is(tokens.access)
            await self.sessions.begin(request, answer, person, tokens)
        except SignedOutError as error:
            _log.info("a sign-in is refused: %s", error)
            return self._fail(_REFUSED, BAD_REQUEST)
        except TransientError as error:
            _log.warning("nobody can sign in: %s", error)
            return self._fail(_AWAY, UNAVAILABLE)
        except PermanentError as error:
            _log.error("nobody can sign in: %s", error)
            return self._fail(_UNFIT, UNAVAILABLE)
        drop_cookie(answer, COOKIE)
        return answer

    async def logout(self, request: web.Request) -> web.StreamResponse:
        """Answer ``POST /logout``."""
        if not await is_own_form(request):
            return self._fail("Only your own page can sign you out.", FORBIDDEN)
        answer = _lead_to("/")
        await self.sessions.end(request, answer)
        return answer

    async def me(self, request: web.Request) -> web.StreamResponse:
        """Answer ``GET /me``: who is signed in."""
        viewer = viewer_of(request)
        return self.html.answer_once(render_me(self.html.site, viewer.person, viewer.csrf))

    def _fail(self, words: str, status: int) -> web.Response:
        answer = self.html.answer_once(render_sign_in_failed(self.html.site, words), status=status)
        drop_cookie(answer, COOKIE)
        return answer

    def _next(self, request: web.Request) -> str:
        """Return a path of ours, whatever was asked: a sign-in leads to no other site."""
        wanted = request.query.get("next", "")
        if not wanted:
            ours, _, path = request.headers.get("Referer", "").partition(self.html.site.public_url)
            wanted = path if not ours else ""
        return wanted if _OWN_PATH.match(wanted) else "/me"


def sign_in_routes(entrance: Entrance, sessions: Sessions, html: Html) -> list[web.RouteDef]:
    """Return the routes of signing in and out."""
    pages = SignInPages(sign_in=entrance.sign_in, seal=entrance.seal, sessions=sessions, html=html)
    return [
        web.get("/login", pages.login),
        web.get(CALLBACK_PATH, pages.callback),
        web.post("/logout", pages.logout),
        web.get("/me", pages.me),
    ]


def _lead_to(address: str) -> web.Response:
    location = str(URL(address, encoded=True))
    return web.Response(status=303, headers={"Location": location, "Cache-Control": "no-store"})
