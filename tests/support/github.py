"""The stand-in for GitHub with one small repository, and a place that receives its webhooks."""

from __future__ import annotations

import functools
import json
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from gidgethub.apps import get_jwt

from lintbot.github.as_app import AppCredentials
from lintbot.github.forge import GitHub, GitHubForge, open_github
from lintbot.github.webhook import Webhook
from lintbot.model.events import Event
from lintbot.model.ids import InstallationId, RepositoryId, Sha
from lintbot.ports import Target
from lintbot.standin.server import StandIn, make_key
from lintbot.standin.state import Installation, Repository


@functools.cache
def the_key() -> tuple[str, str]:
    """Return the first App's key; making one takes longer than most tests."""
    return make_key()


def git(path: Path, *arguments: str, stdin: str | None = None) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *arguments],
        cwd=path,
        input=stdin,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def commit(repository: Repository, files: dict[str, str], *parents: str) -> Sha:
    """Write a commit into a bare repository; no branch moves."""
    entries = []
    for name, text in files.items():
        blob = git(repository.path, "hash-object", "-w", "--stdin", stdin=text)
        entries.append(f"100644 blob {blob}\t{name}\n")
    tree = git(repository.path, "mktree", stdin="".join(entries))
    named = [word for parent in parents for word in ("-p", parent)]
    return Sha(git(repository.path, "commit-tree", tree, *named, "-m", f"Write {', '.join(files)}"))


@dataclass
class SetClock:
    """Real time, moved on by hand."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class NoSleep:
    """Remembers for how long it would have slept."""

    seconds: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@dataclass
class Place:
    """One repository with two commits on ``main``, and the App installed."""

    github: StandIn
    repository: Repository
    installation: Installation
    first: Sha
    head: Sha
    clock: SetClock = field(default_factory=SetClock)
    sleep: NoSleep = field(default_factory=NoSleep)

    @property
    def target(self) -> Target:
        return self.target_of(self.repository)

    def target_of(self, repository: Repository) -> Target:
        return Target(
            installation_id=InstallationId(self.installation.id),
            repository_id=RepositoryId(repository.id),
            owner=repository.owner.login,
            name=repository.name,
        )

    def credentials(self, *keys: str) -> AppCredentials:
        app = self.github.app
        return AppCredentials(
            app_id=app.id, issuer=app.client_id, private_keys=keys or (app.private_key,)
        )

    @asynccontextmanager
    async def forge(self, credentials: AppCredentials | None = None) -> AsyncIterator[GitHubForge]:
        async with self.everything(credentials) as github:
            yield github.forge

    @asynccontextmanager
    async def everything(self, credentials: AppCredentials | None = None) -> AsyncIterator[GitHub]:
        async with open_github(
            credentials or self.credentials(),
            api_url=self.github.api_url,
            web_url=self.github.url,
            clock=self.clock,
            sleep=self.sleep,
        ) as github:
            yield github


@asynccontextmanager
async def open_place(folder: Path, *, private: bool = True) -> AsyncIterator[Place]:
    async with StandIn(folder, key=the_key()) as github:
        repository = await github.add_repository("me", "code", private=private)
        first = commit(repository, {"a.py": "x = 1\n"})
        head = commit(repository, {"a.py": "x = 2\n", "b.py": "y = 1\n"}, first)
        await github.push(repository, "main", first)
        await github.push(repository, "main", head)
        installation, _ = await github.install("me")
        yield Place(github, repository, installation, first, head)


@dataclass
class Receiver:
    """Where webhooks arrive."""

    url: str = ""
    status: int = 202
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def names(self) -> list[str]:
        return [headers["X-GitHub-Event"] for headers, _ in self.got]

    def payloads(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.got]

    def typed(self, github: StandIn) -> list[Event]:
        webhook = Webhook(secrets=(github.app.webhook_secret,), app_id=github.app.id)
        return [webhook.open(headers, body).event for headers, body in self.got]


@asynccontextmanager
async def open_receiver(github: StandIn) -> AsyncIterator[Receiver]:
    receiver = Receiver()

    async def receive(request: web.Request) -> web.Response:
        receiver.got.append((dict(request.headers), await request.read()))
        return web.Response(status=receiver.status, text="thank you")

    app = web.Application()
    app.router.add_post("/hook", receive)
    runner = web.AppRunner(app, handle_signals=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    github.app.hook_url = receiver.url
    yield receiver
    await github.settle()
    await runner.cleanup()


@dataclass
class Asker:
    """Plain HTTP, to see exactly what the stand-in answers."""

    github: StandIn
    session: aiohttp.ClientSession
    token: str = ""

    async def ask(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[int, Any, Mapping[str, str]]:
        sent = {"User-Agent": "test", **headers}
        if self.token:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        url = path if path.startswith("http") else self.github.api_url + path
        async with self.session.request(
            method, url, json=body, headers=sent, allow_redirects=False
        ) as response:
            content = await response.read()
            shown = json.loads(content) if "json" in response.content_type and content else content
            return response.status, shown, response.headers

    async def ask_as_app(
        self, method: str, path: str, body: object = None
    ) -> tuple[int, Any, Mapping[str, str]]:
        app = self.github.app
        signed = get_jwt(app_id=app.client_id, private_key=app.private_key)
        return await self.ask(method, path, body, Authorization=f"Bearer {signed}")

    async def mint(self, installation: Installation, **narrowed: object) -> str:
        path = f"/app/installations/{installation.id}/access_tokens"
        status, content, _ = await self.ask_as_app("POST", path, narrowed)
        assert status == 201, content
        return str(content["token"])


@asynccontextmanager
async def open_asker(place: Place) -> AsyncIterator[Asker]:
    async with aiohttp.ClientSession(skip_auto_headers=("User-Agent",)) as session:
        asker = Asker(place.github, session)
        asker.token = await asker.mint(place.installation)
        yield asker
