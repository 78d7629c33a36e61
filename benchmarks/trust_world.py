"""What the trust benchmarks share: real git over HTTP, sandbox, index and reporter; no GitHub."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from lintbot.git.command import Git, find_git
from lintbot.git.histories import GitHistories
from lintbot.git.trees import GitTrees
from lintbot.index.client import IndexClient, open_index
from lintbot.index.osv import read_records
from lintbot.index.pip_default import find_default_index
from lintbot.model.history import History
from lintbot.model.ids import RepositoryId, Sha
from lintbot.model.repository_settings import RepositorySettings
from lintbot.model.trust import TrustJob, TrustReport
from lintbot.ports import GitSource
from lintbot.sandbox import LayeredSandbox, make_sandbox
from lintbot.standin.git_http import GitHttp
from lintbot.store.database import Database
from lintbot.store.migrate import migrate
from lintbot.store.packages import StoredPackages
from lintbot.trust.local_advisories import LocalAdvisories
from lintbot.trust.reporter import Reporter
from lintbot.trust.watcher import Watcher


@dataclass
class FixedClock:
    """Always the same moment."""

    moment: datetime

    def now(self) -> datetime:
        """Return it."""
        return self.moment


@dataclass
class LocalForge:
    """A git host with the repositories of this machine; nothing there is archived."""

    repositories: list[Path]
    url: str = ""

    def find(self, name: str, _token: str | None) -> Path:
        """Return the repository that is called ``o/NUMBER``."""
        return self.repositories[int(name.partition("/")[2])]

    async def git_source(self, target: Any) -> GitSource:
        """Return where it is fetched from."""
        return self.source(target.repository_id)

    def source(self, number: int) -> GitSource:
        """Return where a repository is fetched from."""
        url = f"{self.url}/o/{number}.git"
        return GitSource(repository_id=RepositoryId(number), url=url, token="t")

    async def is_archived(self, _target: Any) -> bool:
        """Return the same for all of them."""
        return False

    async def keep_issue(self, *_: Any) -> tuple[str, ...]:
        """Keep none."""
        return ()

    async def may_fetch(self, _target: Any) -> bool:
        """Return the same for all of them."""
        return True


@dataclass
class KeptReports:
    """Reports in memory."""

    made: list[TrustReport] = field(default_factory=list)

    def load(self, _: RepositoryId) -> TrustReport | None:
        """Return the one that was made last."""
        return self.made[-1] if self.made else None

    def save(self, _job: TrustJob, report: TrustReport, _names: Iterable[str]) -> None:
        """Keep one."""
        self.made.append(report)


@dataclass
class KeptHistories:
    """Histories as they pass by."""

    inner: GitHistories
    read_so_far: list[History] = field(default_factory=list)

    async def read(self, *arguments: Any) -> History:
        """Read a history and keep it."""
        self.read_so_far.append(await self.inner.read(*arguments))
        return self.read_so_far[-1]


@dataclass
class World:
    """The parts."""

    reporter: Reporter
    reports: KeptReports
    histories: KeptHistories
    index: IndexClient | None
    sandbox: LayeredSandbox
    trees: GitTrees
    forge: LocalForge

    async def report(self, number: int, sha: str) -> TrustReport:
        """Make the report of a commit of a repository."""
        job = TrustJob(
            repository_id=RepositoryId(number),
            installation_id=1,
            owner="o",
            name=str(number),
            private=False,
            sha=Sha(sha),
        )
        await self.reporter.refresh(job)
        return self.reports.made[-1]


@asynccontextmanager
async def open_world(
    place: Path, repositories: list[Path], now: datetime, *, with_index: bool
) -> AsyncIterator[World]:
    """Join the real parts.

    Args:
        place: an empty folder that every user may pass through.
        repositories: bare ones.
        now: what the clock says.
        with_index: ask the package index that pip is set up with.
    """
    logging.disable(logging.INFO)
    url = f"sqlite:///{place}/db.sqlite"
    await asyncio.to_thread(migrate, url)
    clock, database, forge = FixedClock(now), Database(url), LocalForge(repositories)
    git = Git(find_git(os.environ), environ=os.environ)
    trees = GitTrees(git=git, mirrors=place / "mirrors", jobs=place / "jobs")
    sandbox = make_sandbox(mode="auto", jobs_root=place / "jobs", tools_root=place / "tools")
    async with AsyncExitStack() as stack:
        stack.callback(database.close)
        forge.url = await stack.enter_async_context(_serve(forge))
        await sandbox.start()
        stack.push_async_callback(sandbox.aclose)
        index_url = find_default_index()
        index = await stack.enter_async_context(open_index(index_url)) if with_index else None
        histories, reports = (
            KeptHistories(GitHistories(git=git, mirrors=trees.mirrors)),
            KeptReports(),
        )
        reporter = Reporter(
            sandbox=sandbox,
            forge=forge,  # type: ignore[arg-type]  what a trust report asks of it
            trees=trees,
            histories=histories,
            reports=reports,  # type: ignore[arg-type]  the same
            watcher=Watcher(index=index, packages=StoredPackages(database, clock), clock=clock),
            clock=clock,
            own_indexes=frozenset([index_url, find_default_index(isolated=True)]),
            read_settings=lambda _: RepositorySettings(),
            keep_issue=forge.keep_issue,
            may_fetch=forge.may_fetch,
            advisories=LocalAdvisories(None, read_records),
        )
        yield World(reporter, reports, histories, index, sandbox, trees, forge)


@asynccontextmanager
async def _serve(forge: LocalForge) -> AsyncIterator[str]:
    app = web.Application()
    app.add_routes(GitHttp(forge.find).routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
