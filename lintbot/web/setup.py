"""Shell: registers the GitHub App by GitHub's manifest flow in the operator's browser.

https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest

The pages are served by ``lintbot setup`` alone, to whoever knows its key, and until it is done.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, urlsplit

from aiohttp import web

from lintbot.errors import PermanentError, TransientError
from lintbot.model.app import NewApp
from lintbot.report.html import Site
from lintbot.report.setup import SetupView, render_set_up, render_setup, render_setup_failed
from lintbot.web.html import HEADERS, Html
from lintbot.web.visibility import is_name

_log = logging.getLogger(__name__)

STATE_COOKIE: Final = "lintbot-setup"
GONE, BAD_REQUEST, BAD_GATEWAY, NOT_FOUND = 410, 400, 502, 404
CLOSED: Final = "lintbot is set up. To register another App: lintbot setup, on its server.\n"

MakeManifest = Callable[[str], dict[str, object]]
"""Returns the manifest for an address that GitHub leads the browser back to."""


@dataclass(slots=True, kw_only=True)
class Setup:
    """One registration.

    Attributes:
        key: who opens the pages must know it.
        convert: trades GitHub's code for the App's credentials.
        save: stores them; blocking.
        done: the App, once it is registered and its credentials are stored.
    """

    site: Site
    key: str = field(repr=False)
    make_manifest: MakeManifest
    convert: Callable[[str], Awaitable[NewApp]]
    save: Callable[[NewApp], None]
    done: asyncio.Future[NewApp]
    _state: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    _begun: bool = False

    async def show(self, request: web.Request) -> web.Response:
        """Answer ``GET /setup?key=…``; ``&organization=`` registers it for one."""
        if self.done.done():
            return _closed()
        if not _same(request.query.get("key", ""), self.key):
            return web.Response(status=NOT_FOUND, text="Open the address that lintbot printed.\n")
        organization = request.query.get("organization", "").strip()
        if organization and not is_name(organization):
            return self._fail("That is no name of an organisation.", BAD_REQUEST)
        view = SetupView(
            key=self.key,
            organization=organization,
            manifest=json.dumps(self.make_manifest(f"{self._origin(request)}/setup/created")),
            action=self._action(organization),
        )
        answer = Html(site=self.site).answer_once(render_setup(self.site, view))
        answer.headers["Content-Security-Policy"] = HEADERS["Content-Security-Policy"].replace(
            "form-action 'self'", f"form-action 'self' {self.site.github_url}"
        )
        answer.set_cookie(
            STATE_COOKIE, self._state, max_age=3600, path="/setup", httponly=True, samesite="Lax"
        )
        return answer

    async def created(self, request: web.Request) -> web.Response:
        """Answer ``GET /setup/created?code=…&state=…``, where GitHub leads the browser back to."""
        if self.done.done() or self._begun:
            return _closed()
        given, kept = request.query.get("state", ""), request.cookies.get(STATE_COOKIE, "")
        if not (_same(given, self._state) and _same(kept, self._state)):
            return self._fail("This was begun in another browser. Nothing was done.", BAD_REQUEST)
        self._begun = True
        try:
            app = await self.convert(request.query.get("code", ""))
            await asyncio.to_thread(self.save, app)
        except (TransientError, PermanentError) as error:
            self._begun = False
            _log.error("the App could not be set up: %s", error)
            return self._fail(f"GitHub did not tell the App’s credentials: {error}", BAD_GATEWAY)
        self.done.set_result(app)
        return Html(site=self.site).answer_once(render_set_up(self.site, app))

    def _action(self, organization: str) -> str:
        place = f"organizations/{quote(organization)}/" if organization else ""
        return f"{self.site.github_url}/{place}settings/apps/new?state={self._state}"

    def _origin(self, request: web.Request) -> str:
        """Return how the browser reaches these pages: behind a proxy that is the public address."""
        if request.host == urlsplit(self.site.public_url).netloc:
            return self.site.public_url
        return f"http://{request.host}"

    def _fail(self, words: str, status: int) -> web.Response:
        return Html(site=self.site).answer_once(
            render_setup_failed(self.site, words), status=status
        )


def setup_routes(setup: Setup) -> list[web.RouteDef]:
    """Return the routes of the registration."""
    return [web.get("/setup", setup.show), web.get("/setup/created", setup.created)]


def closed_setup_routes() -> list[web.RouteDef]:
    """Return the same routes for a lintbot that is set up."""

    async def answer(_: web.Request) -> web.Response:
        return _closed()

    return [web.get("/setup", answer), web.get("/setup/created", answer)]


def _closed() -> web.Response:
    return web.Response(status=GONE, text=CLOSED, headers={"Cache-Control": "no-store"})


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), wanted.encode())
