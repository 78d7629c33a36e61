"""The store on SQLite and on PostgreSQL; every contract test runs on both."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from lintbot.model.actions import RequestedAction
from lintbot.model.intake import PlanQuestion
from lintbot.model.jobs import LintJob
from lintbot.model.lint_run import Conclusion
from lintbot.store.backlog import StoredBacklog
from lintbot.store.catalog import StoredCatalog
from lintbot.store.database import Database
from lintbot.store.inbox import StoredInbox
from lintbot.store.lint_runs import StoredLintRuns
from lintbot.store.migrate import migrate
from lintbot.store.tables import metadata
from tests.support.databases import postgres_database
from tests.support.deliveries import StoppedClock, a_push, decide_push


@dataclass
class Enqueued:
    """A queue that only remembers, in a table of the same transaction."""

    announced: list[LintJob] = field(default_factory=list)
    closed: list[tuple[str, Conclusion, str]] = field(default_factory=list)
    acted: list[RequestedAction] = field(default_factory=list)
    compared: list[int] = field(default_factory=list)
    questions: list[PlanQuestion] = field(default_factory=list)

    def announce(self, _connection: sa.Connection, job: LintJob) -> None:
        self.announced.append(job)

    def close(
        self, _connection: sa.Connection, run_id: str, conclusion: Conclusion, reason: str
    ) -> None:
        self.closed.append((run_id, conclusion, reason))

    def act(self, _connection: sa.Connection, action: RequestedAction) -> None:
        self.acted.append(action)

    def compare(
        self, _connection: sa.Connection, installation_id: int, _asked_at: datetime
    ) -> None:
        self.compared.append(installation_id)

    def follow_plan(
        self, _connection: sa.Connection, question: PlanQuestion, _occasion: str
    ) -> None:
        self.questions.append(question)


@dataclass
class Store:
    url: str
    database: Database
    clock: StoppedClock
    queue: Enqueued
    inbox: StoredInbox
    runs: StoredLintRuns
    catalog: StoredCatalog
    backlog: StoredBacklog

    def push(self, sha: int, **facts: object) -> LintJob:
        """Accept a push; return the job that came of it."""
        delivery = a_push(sha, **facts)  # type: ignore[arg-type]
        plan = self.inbox.accept(delivery, decide_push(delivery, self.clock.now()))
        assert plan is not None
        assert plan.job is not None
        return plan.job


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("empty") / "lintbot.sqlite"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def empty_postgres() -> Iterator[str]:
    with postgres_database() as url:
        migrate(url)
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        file = tmp_path / "lintbot.sqlite"
        shutil.copy(request.getfixturevalue("empty_sqlite"), file)
        url = f"sqlite:///{file}"
    else:
        url = request.getfixturevalue("empty_postgres")
    made = make_store(url)
    with made.database.write() as connection:
        for table in metadata.sorted_tables:
            connection.execute(table.delete())
    yield made
    made.database.close()


def make_store(url: str) -> Store:
    database, clock, queue = Database(url), StoppedClock(), Enqueued()
    return Store(
        url,
        database,
        clock,
        queue,
        StoredInbox(database, clock, queue),
        StoredLintRuns(database, clock),
        StoredCatalog(database),
        StoredBacklog(database),
    )
