"""Signed webhooks over HTTP into the real store and queue, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from lintbot.jobs.client import QueueClient
from lintbot.model.jobs import LintJob
from lintbot.model.lint_run import Conclusion, LintRun
from lintbot.store.database import Database
from lintbot.store.inbox import StoredInbox
from lintbot.store.lint_runs import StoredLintRuns
from lintbot.store.tables import lint_run, metadata
from tests.support import payloads
from tests.support.databases import migrate_all, postgres_database
from tests.support.deliveries import RealClock
from tests.support.hook_site import Client, a_hook_site
from tests.support.payloads import ZERO, Json

A, B = "a" * 40, "b" * 40


@dataclass
class Site:
    client: Client
    database: Database
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    async def send(self, event: str, payload: Json, *, delivery: str = "") -> int:
        body = payloads.encoded(payload)
        delivery = delivery or f"d-{next(self.numbers)}"
        headers = payloads.headers_for(body, event, delivery=delivery)
        async with self.client.post("/webhooks/github", data=body, headers=headers) as response:
            return response.status

    async def push(self, before: str, after: str, **changes: Any) -> int:
        return await self.send("push", payloads.a_push(after, before, **changes))

    def runs(self) -> list[LintRun]:
        with self.database.read() as connection:
            ids = connection.execute(sa.select(lint_run.c.run_id)).scalars().all()
        store = StoredLintRuns(self.database, RealClock())
        return sorted((run for i in ids if (run := store.load(i))), key=lambda run: run.job.run_id)

    def verdicts(self) -> dict[str, Conclusion | None]:
        """Map commit and attempt, such as ``a1``, to the conclusion."""
        return {
            f"{run.job.head_sha[0]}{run.job.attempt}": run.verdict and run.verdict.conclusion
            for run in self.runs()
        }

    def is_superseded(self, job: LintJob) -> bool:
        return StoredLintRuns(self.database, RealClock()).is_superseded(job)


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if request.param == "sqlite":
        yield migrate_all(f"sqlite:///{tmp_path_factory.mktemp('hooks')}/lintbot.sqlite")
        return
    with postgres_database() as made:
        yield migrate_all(made)


@pytest.fixture
async def site(url: str) -> AsyncIterator[Site]:
    async with a_site(url) as site:
        with site.database.write() as connection:
            for table in metadata.sorted_tables:
                connection.execute(table.delete())
        yield site


@asynccontextmanager
async def a_site(url: str, *, timeout_seconds: float = 8.0) -> AsyncIterator[Site]:
    database, queue = Database(url), QueueClient(url)
    inbox = StoredInbox(database, RealClock(), queue)
    async with a_hook_site(inbox, timeout_seconds=timeout_seconds) as client:
        yield Site(client, database)
    queue.destroy()
    database.close()


async def test_three_events_of_one_commit_make_one_lint_run(site: Site):
    sent = [
        site.push(A, B, ref="refs/heads/topic"),
        site.send("check_suite", payloads.a_check_suite(head=B, head_branch="topic")),
        site.send("pull_request", payloads.a_pull_request(head=B)),
    ]
    statuses = await asyncio.gather(*sent)
    assert sorted(statuses) == [200, 200, 202]
    (run,) = site.runs()
    assert (run.job.head_sha, run.job.branch, run.job.pull_number) == (B, "topic", 12)


async def test_a_replayed_delivery_changes_nothing(site: Site):
    push = payloads.a_push(B, A)
    statuses = [await site.send("push", push, delivery="same") for _ in range(3)]
    assert statuses == [202, 200, 200]
    assert site.verdicts() == {"b1": None}


async def test_a_newer_push_closes_the_older_commit(site: Site):
    await site.push(ZERO, A)
    assert await site.push(A, B) == 202
    assert site.verdicts() == {"a1": Conclusion.CANCELLED, "b1": None}


async def test_a_branch_that_comes_back_to_a_commit_has_it_judged(site: Site):
    for before, after in ((ZERO, A), (A, B), (B, A)):
        assert await site.push(before, after) == 202
    cancelled = Conclusion.CANCELLED
    assert site.verdicts() == {"a1": cancelled, "a2": None, "b1": cancelled}
    last = site.runs()[1].job
    assert (last.attempt, site.is_superseded(last)) == (2, False)


async def test_a_push_that_comes_late_does_not_displace_the_newer_one(site: Site):
    await site.push(A, B)
    assert await site.push(ZERO, A) == 202
    old, new = site.runs()
    assert (site.is_superseded(old.job), site.is_superseded(new.job)) == (True, False)
    assert new.verdict is None


async def test_a_commit_of_two_branches_is_judged_as_long_as_one_is_there(site: Site):
    await site.push(ZERO, A, ref="refs/heads/topic")
    assert await site.push(ZERO, A) == 200
    await site.push(A, B, ref="refs/heads/topic")
    assert site.verdicts() == {"a1": None, "b1": None}
    job = site.runs()[0].job
    assert not site.is_superseded(job)
    await site.push(A, "c" * 40)
    assert site.verdicts()["a1"] is Conclusion.CANCELLED
    assert site.is_superseded(job)


async def test_two_forks_with_the_same_branch_do_not_meet(site: Site):
    for number, head in ((1, A), (2, B)):
        pull = payloads.a_pull_request(
            head=head, number=number, head_repository=payloads.a_fork(), head_branch="main"
        )
        assert await site.send("pull_request", pull) == 202
    assert site.verdicts() == {"a1": None, "b1": None}


@pytest.mark.parametrize("action", ["opened", "synchronize"])
async def test_names_that_a_database_could_choke_on(site: Site, action: str):
    branch = "ünï/'; DROP TABLE lint_run; --\U0001f600" + "x" * 180
    assert await site.push(ZERO, B, ref=f"refs/heads/{branch}") == 202
    pull = payloads.a_pull_request(action, head=B, head_branch=branch)
    assert await site.send("pull_request", pull) == 200
    assert site.runs()[0].job.branch == branch


async def test_a_database_that_is_away_is_503():
    async with a_site("postgresql://nobody@127.0.0.1:1/none") as site:
        assert await site.push(A, B) == 503


async def test_a_locked_database_is_503_and_the_redelivery_counts_once(tmp_path: Path):
    file = tmp_path / "lintbot.sqlite"
    url = migrate_all(f"sqlite:///{file}")
    async with a_site(url, timeout_seconds=0.2) as site:
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert await site.send("push", payloads.a_push(B, A), delivery="same") == 503
            other.execute("ROLLBACK")
        statuses = [503]
        while statuses[-1] == 503:  # whichever of the two is stored first
            statuses.append(await site.send("push", payloads.a_push(B, A), delivery="same"))
        assert statuses[-1] in {200, 202}
        assert site.verdicts() == {"b1": None}


async def test_every_kind_of_delivery_can_be_stored(site: Site):
    sent = [
        ("ping", payloads.a_ping()),
        ("installation", payloads.an_installation("created")),
        ("installation_repositories", payloads.an_installation_repositories([9001], [])),
        ("push", payloads.a_push()),
        ("push", payloads.a_push(after=ZERO)),
        ("check_suite", payloads.a_check_suite("rerequested")),
        ("check_run", payloads.a_check_run()),
        ("merge_group", payloads.a_merge_group(head="d" * 40)),
        ("repository", payloads.a_repository_event("renamed", name="greetings")),
        ("public", payloads.a_repository_event(None)),
        ("installation_target", payloads.an_account_renamed("new-name")),
        ("installation_repositories", payloads.an_installation_repositories([], [9001])),
        ("installation", payloads.an_installation("deleted")),
    ]
    statuses = [await site.send(event, payload) for event, payload in sent]
    assert set(statuses) == {200, 202}
