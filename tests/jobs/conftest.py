"""A worker in the test's own loop, and a web process's end of the queue."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lintbot.jobs.bell import Bell
from lintbot.jobs.client import QueueClient
from lintbot.jobs.engine import Engine, EngineOptions
from lintbot.model.ids import LintRunId
from lintbot.model.lint_run import LintRun
from lintbot.store.backlog import StoredBacklog
from lintbot.store.database import Database
from lintbot.store.inbox import StoredInbox
from lintbot.store.lint_runs import StoredLintRuns
from tests.support.databases import migrate_all, postgres_database
from tests.support.deliveries import RealClock, a_job, a_push, decide_push
from tests.support.workshop import PretendGitHub, Workshop


@dataclass
class House:
    url: str
    folder: Path
    database: Database
    runs: StoredLintRuns
    queue: QueueClient
    inbox: StoredInbox
    workshop: Workshop
    timeout_seconds: float = 300.0
    sweep_seconds: float = 0.2
    slots: int = 2
    account_slots: int = 2

    def push(self, sha: int, *, age_seconds: float = 0, **facts: Any) -> LintRunId:
        """Accept a push that came so long ago; return its lint run."""
        delivery = a_push(sha, **facts)
        received_at = RealClock().now() - timedelta(seconds=age_seconds)
        self.inbox.accept(delivery, decide_push(delivery, received_at))
        return a_job(delivery).run_id

    def run(self, run_id: LintRunId) -> LintRun:
        run = self.runs.load(run_id)
        assert run is not None
        return run

    async def until_posted(self, *run_ids: LintRunId) -> None:
        await self.until(lambda: all(self.run(run_id).posted_at for run_id in run_ids))

    @asynccontextmanager
    async def worker(
        self, grace_seconds: float = 0, bell: Bell | None = None
    ) -> AsyncIterator[Engine]:
        options = EngineOptions(
            url=self.url,
            folder=self.folder / "executors",
            slots=self.slots,
            account_slots=self.account_slots,
            billed=True,
            timeout_seconds=self.timeout_seconds,
            sweep_seconds=self.sweep_seconds,
        )
        engine = Engine(options, self.workshop, StoredBacklog(self.database), RealClock(), bell)
        await engine.start()
        try:
            yield engine
        finally:
            await engine.stop(grace_seconds)

    async def until(self, condition: Callable[[], bool], seconds: float = 20.0) -> None:
        async with asyncio.timeout(seconds):
            while not await asyncio.to_thread(condition):  # noqa: ASYNC110  another process may do it
                await asyncio.sleep(0.02)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """On SQLite: for what lintbot's own code does."""
    yield from _house(f"sqlite:///{tmp_path / 'lintbot.sqlite'}", tmp_path)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def each_house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """On both: for what the engine and the database do."""
    if request.param == "sqlite":
        yield from _house(f"sqlite:///{tmp_path / 'lintbot.sqlite'}", tmp_path)
    else:
        with postgres_database() as url:
            yield from _house(url, tmp_path)


def _house(url: str, folder: Path) -> Iterator[House]:
    migrate_all(url)
    database, clock, queue = Database(url), RealClock(), QueueClient(url)
    runs = StoredLintRuns(database, clock)
    workshop = Workshop(runs, PretendGitHub(folder / "github.sqlite"))
    inbox = StoredInbox(database, clock, queue)
    yield House(url, folder, database, runs, queue, inbox, workshop)
    queue.destroy()
    database.close()
