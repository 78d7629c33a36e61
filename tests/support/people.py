"""People at browsers, the whole web half in this process, and a stand-in for GitHub beside it."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import sqlalchemy as sa
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from multidict import CIMultiDictProxy
from yarl import URL

from lintbot.github.sign_in import GitHubSignIn, OAuthApp, open_sign_in
from lintbot.github.webhook import Webhook
from lintbot.intake.accept import Acceptor
from lintbot.model.actions import RequestedAction
from lintbot.model.ids import InstallationId, LintRunId, RepositoryId, make_lint_run_id
from lintbot.model.intake import PlanQuestion
from lintbot.model.jobs import LintJob
from lintbot.model.lint_run import Conclusion, Verdict
from lintbot.standin.server import StandIn
from lintbot.standin.sign_in import USER_COOKIE
from lintbot.standin.state import Repository
from lintbot.store.attempts import StoredAttempts
from lintbot.store.baselines import StoredBaselines
from lintbot.store.catalog import StoredCatalog
from lintbot.store.database import Database
from lintbot.store.desk import StoredBadgeTokens, StoredEraser
from lintbot.store.inbox import StoredInbox
from lintbot.store.lint_runs import StoredLintRuns
from lintbot.store.migrate import migrate
from lintbot.store.packages import StoredPackages
from lintbot.store.people import StoredPeople
from lintbot.store.reports import StoredReports
from lintbot.store.seal import FernetSeal
from lintbot.store.trust import StoredTrust
from lintbot.web.app import Parts, make_app
from lintbot.web.repository_settings import Desk
from lintbot.web.sessions import COOKIE
from lintbot.web.sign_in import Entrance
from tests.support.github import SetClock, commit, the_key
from tests.support.report_values import a_comparison, a_finding, a_judgement, a_profile

CALLBACK = "http://lint.example/auth/callback"


class IdleQueue:
    """Takes every job and never runs it: lint runs are decided by the test."""

    def announce(self, connection: sa.Connection, job: LintJob) -> None:
        """Nothing."""

    def close(
        self, connection: sa.Connection, run_id: LintRunId, conclusion: Conclusion, reason: str
    ) -> None:
        """Nothing."""

    def compare(
        self, connection: sa.Connection, installation_id: InstallationId, now: datetime
    ) -> None:
        """Nothing."""

    def follow_plan(self, connection: sa.Connection, question: PlanQuestion, occasion: str) -> None:
        """Nothing."""

    def act(self, connection: sa.Connection, action: RequestedAction) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: CIMultiDictProxy[str]

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def location(self) -> str:
        return self.headers["Location"]

    def told(self) -> tuple[int, bytes, dict[str, str]]:
        """Return everything that could tell one answer from another."""
        kept = {k: v for k, v in self.headers.items() if k not in {"Date", "Content-Length"}}
        return self.status, self.body, kept


@dataclass
class Browser:
    """Keeps cookies as browsers keep those that are ``Secure``, and follows nothing by itself."""

    client: TestClient[web.Request, web.Application] | aiohttp.ClientSession
    login: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **headers: str) -> Answer:
        return await self._send("GET", path, None, headers)

    async def post(self, path: str, form: Mapping[str, str], **headers: str) -> Answer:
        return await self._send("POST", path, form, headers)

    async def csrf(self, path: str = "/me") -> str:
        """Return what the forms of a page prove themselves with."""
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', (await self.get(path)).text)
        return found.group(1) if found else ""

    async def sign_in(self, path: str = "") -> Answer:
        """Press "Sign in", and "Authorize" on GitHub; return the last answer."""
        begun = await self.get(f"/login?next={path}" if path else "/login")
        back = await self.authorize(begun.location)
        return await self.get(back)

    async def authorize(self, address: str) -> str:
        """Visit GitHub's page and return the path of ours that it leads back to."""
        cookies = {USER_COOKIE: self.login}
        async with (
            aiohttp.ClientSession(cookies=cookies, cookie_jar=aiohttp.CookieJar(unsafe=True)) as on,
            on.get(URL(address, encoded=True), allow_redirects=False) as response,
        ):
            return URL(response.headers["Location"], encoded=True).raw_path_qs

    async def _send(
        self, method: str, path: str, form: Mapping[str, str] | None, headers: dict[str, str]
    ) -> Answer:
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        async with self.client.request(
            method, URL(path, encoded=True), data=form, headers=headers, allow_redirects=False
        ) as response:
            for name, morsel in response.cookies.items():
                self.cookies[name] = morsel.value
                if not morsel.value:
                    del self.cookies[name]
            return Answer(response.status, await response.read(), response.headers)


@dataclass
class Town:
    """lintbot and GitHub, with nobody at work."""

    github: StandIn
    database: Database
    clock: SetClock
    client: TestClient[web.Request, web.Application]
    entrance: Entrance
    sign_in: GitHubSignIn
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def browser(self, login: str = "") -> Browser:
        return Browser(self.client, login)

    async def visitor(self, login: str) -> Browser:
        """Return the browser of somebody who signed in."""
        browser = self.browser(login)
        await browser.sign_in()
        assert COOKIE in browser.cookies
        return browser

    async def push(self, repository: Repository) -> str:
        """Push one commit; its lint run fails with one new finding."""
        text = f"x = {next(self.numbers)}\n"
        sha = commit(repository, {"a.py": text})
        await self.github.push(repository, repository.default_branch, sha)
        runs = StoredLintRuns(self.database, self.clock)
        run_id = make_lint_run_id(RepositoryId(repository.id), sha, 1)
        verdict = Verdict(conclusion=Conclusion.FAILURE)
        assert runs.decide(
            run_id, verdict, a_judgement(a_comparison(new=(a_finding(5),)), neutral=a_profile())
        )
        return sha


@asynccontextmanager
async def open_town(
    folder: Path,
    database_url: str = "",
    *,
    recheck_seconds: float = 0.0,
) -> AsyncIterator[Town]:
    """Start both; GitHub is asked anew every time unless ``recheck_seconds`` says otherwise."""
    url = database_url or f"sqlite:///{folder / 'lintbot.sqlite'}"
    migrate(url)
    database, clock = Database(url), SetClock()
    async with StandIn(folder, key=the_key()) as github:
        github.app.callback_urls.append(CALLBACK)
        app = OAuthApp(
            client_id=github.app.client_id,
            client_secret=github.app.client_secret,
            web_url=github.url,
            api_url=github.api_url,
            callback_url=CALLBACK,
        )
        async with open_sign_in(app, clock) as sign_in:
            seal = FernetSeal(github.app.client_secret)
            people = StoredPeople(database, seal, clock)
            attempts = StoredAttempts(database, clock, IdleQueue())
            desk = Desk(
                badge_tokens=StoredBadgeTokens(database),
                baselines=StoredBaselines(database, clock, attempts),
                eraser=StoredEraser(database),
                reports=StoredReports(database),
                clock=clock,
            )
            entrance = Entrance(
                people=people,
                sign_in=sign_in,
                seal=seal,
                clock=clock,
                desk=desk,
                recheck_seconds=recheck_seconds,
            )
            acceptor = Acceptor(StoredInbox(database, clock, IdleQueue()), clock)
            webhook = Webhook(secrets=(github.app.webhook_secret,), app_id=github.app.id)
            parts = Parts(
                hooks={"github": webhook.open},
                acceptor=acceptor,
                catalog=StoredCatalog(database),
                reports=StoredReports(database),
                public_url="http://lint.example",
                github_url=github.url,
                trust=StoredTrust(database, clock),
                packages=StoredPackages(database, clock),
                entrance=entrance,
            )
            async with TestClient(TestServer(make_app(parts))) as client:
                github.app.hook_url = str(client.make_url("/webhooks/github"))
                yield Town(github, database, clock, client, entrance, sign_in)
            acceptor.close()
    database.close()
