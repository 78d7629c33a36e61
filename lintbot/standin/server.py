"""Shell: the stand-in as a server on a port of this machine."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import aiohttp
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from lintbot.standin.administer import Administrator
from lintbot.standin.api_apps import AppsApi, HooksApi
from lintbot.standin.api_checks import ChecksApi
from lintbot.standin.api_issues import IssuesApi
from lintbot.standin.api_marketplace import MarketplaceApi
from lintbot.standin.api_repositories import RepositoriesApi
from lintbot.standin.api_users import UsersApi
from lintbot.standin.auth import authenticate, authorise
from lintbot.standin.check_shapes import CheckShapes
from lintbot.standin.events import Events
from lintbot.standin.faults import Faults
from lintbot.standin.git_http import GitHttp
from lintbot.standin.hooks import Hooks
from lintbot.standin.middleware import RateLimit, make_entrance, make_faults
from lintbot.standin.problems import Problem
from lintbot.standin.register import Register
from lintbot.standin.service import Service
from lintbot.standin.shapes import Places, Shapes
from lintbot.standin.sign_in import SignIn
from lintbot.standin.state import EVENTS, PERMISSIONS, App
from lintbot.standin.world import World

API_PATH: Final = "/api/v3"
MAX_BODY_BYTES: Final = 8 * 1024 * 1024


class StandIn(Administrator):
    """A GitHub of one's own: ``async with StandIn(folder) as github: …``.

    Like a GitHub Enterprise Server it has one host for web, git and API. Everything but the git
    repositories lives in memory.

    Args:
        folder: for git repositories that it makes itself.
        port: 0 takes a free one.
        key: of the first App, private and public PEM; made when there is none.

    Attributes:
        url: the web and git host.
        api_url: the REST base.
        app: the App that is registered from the start.
        faults: troubles on demand.
        rate_limit: requests an hour.
        git_http: counts what fetches cost.
    """

    def __init__(self, folder: Path, *, port: int = 0, key: tuple[str, str] | None = None) -> None:
        super().__init__(World(), folder)
        self.url = ""
        self.api_url = ""
        self.faults = Faults()
        self.rate_limit = RateLimit()
        self.git_http = GitHttp(self._authorise_git)
        self._port = port
        self._tasks: set[asyncio.Future[object]] = set()
        self.app = self.add_app({"name": "lintbot"}, key)

    async def __aenter__(self) -> Self:
        """Open the port; GitHub's JSON is full of addresses, so it is bound before all else."""
        listener = socket.create_server(("127.0.0.1", self._port))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.api_url = self.url + API_PATH
        self._session = aiohttp.ClientSession()
        self.shapes = Shapes(Places(self.url, self.api_url))
        self.checks = CheckShapes(self.shapes, self.world)
        self.events = Events(self.shapes, self.checks)
        self.hooks = Hooks(self._session)
        self._runner = web.AppRunner(self._make_host(), handle_signals=False, shutdown_timeout=1)
        await self._runner.setup()
        await web.SockSite(self._runner, listener).start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let deliveries under way end, and close the port."""
        await self.settle()
        await self._runner.cleanup()
        await self._session.close()

    async def settle(self) -> None:
        """Wait until every webhook that follows from a request was answered."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    def add_app(self, manifest: dict[str, Any], key: tuple[str, str] | None = None) -> App:
        """Register an App, as GitHub's manifest flow does; a key and secrets are made."""
        number = next(self.world.new_id)
        private, public = key or make_key()
        app = App(
            id=number,
            slug=manifest["name"].lower().replace(" ", "-"),
            name=manifest["name"],
            client_id=f"Iv23{secrets.token_hex(8)}",
            client_secret=secrets.token_hex(20),
            owner=self.world.account("octo-owner"),
            private_key=private,
            public_keys=[public],
            webhook_secret=secrets.token_hex(20),
            permissions=dict(manifest.get("default_permissions", PERMISSIONS)),
            events=list(manifest.get("default_events", EVENTS)),
            hook_url=manifest.get("hook_attributes", {}).get("url"),
            callback_urls=list(manifest.get("callback_urls", ())),
        )
        self.world.apps[number] = app
        return app

    def _make_host(self) -> web.Application:
        service = Service(
            world=self.world,
            shapes=self.shapes,
            checks=self.checks,
            events=self.events,
            hooks=self.hooks,
            announce=lambda action, run: self._later(self.send_check_run(action, run)),
            redeliver=lambda delivery: self._later(self.hooks.again(delivery)),
            rate_limit=self.rate_limit.left,
            add_app=self.add_app,
        )
        api = web.Application(
            middlewares=[make_entrance(self.world, self.rate_limit)], client_max_size=MAX_BODY_BYTES
        )
        parts = (AppsApi, HooksApi, ChecksApi, IssuesApi, RepositoriesApi, UsersApi, MarketplaceApi)
        for part in parts:
            api.add_routes(part(service).routes())
        host = web.Application(
            middlewares=[make_faults(self.faults)], client_max_size=MAX_BODY_BYTES
        )
        pages = (SignIn(self.world), Register(self.offer_manifest), self.git_http)
        for page in pages:
            host.add_routes(page.routes())
        host.add_subapp(API_PATH, api)
        return host

    def _later(self, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _authorise_git(self, name: str, token: str | None) -> Path | str | None:
        """Return where a repository is, for those who may read it; see ``git_http``."""
        owner, _, repository_name = name.partition("/")
        found = self.world.find_repository(owner, repository_name)
        renamed = self.world.find_renamed(owner, repository_name)
        repository = found or renamed
        if repository is None:
            return None
        try:
            caller = authenticate(self.world, token and f"token {token}")
            authorise(self.world, caller, repository, "contents:read")
        except Problem:
            return None
        return repository.path if found else f"/{repository.full_name}"


def make_key() -> tuple[str, str]:
    """Return a new RSA key: the private and the public half, PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()
