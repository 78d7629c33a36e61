"""From a newer download of advisories to the feeds: real files, database and HTTP."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import feedparser
import pytest
import sqlalchemy as sa

from lintbot.index.osv import read_records
from lintbot.model.jobs import LintJob
from lintbot.model.lint_run import Conclusion, Verdict
from lintbot.model.repository import Repository
from lintbot.model.requirement import Requirement
from lintbot.model.trust import TrustJob
from lintbot.store.advisories import StoredAdvisories
from lintbot.store.catalog import StoredCatalog
from lintbot.store.database import Database
from lintbot.store.inbox import StoredInbox
from lintbot.store.lint_runs import StoredLintRuns
from lintbot.store.migrate import migrate
from lintbot.store.packages import StoredPackages
from lintbot.store.reports import StoredReports
from lintbot.store.tables import repository as repository_table
from lintbot.store.trust import StoredTrust
from lintbot.trust.judge import find_advisories
from lintbot.trust.keeper import Keeper
from lintbot.trust.local_advisories import LocalAdvisories
from tests.support.deliveries import StoppedClock, a_push, decide_push
from tests.support.index import an_advisory, write_records
from tests.support.report_site import a_site
from tests.support.report_values import a_judgement
from tests.support.trust_values import a_requirement, a_trust_report

OLD = an_advisory("PYSEC-1", "flask", "1.0")
NEW = an_advisory("PYSEC-2", "Flask", "2.0", summary="<b>Cookies</b>\nleak", aliases=["GHSA-2"])
AGAIN = an_advisory("GHSA-2", "flask", "2.0", aliases=["PYSEC-2"])
WITHDRAWN = an_advisory("PYSEC-3", "flask", "2.0", withdrawn="2026-11-01T00:00:00Z")
UNWATCHED = an_advisory("PYSEC-4", "jinja2", "2.0")
TITLE = "flask vulnerable: PYSEC-2"


class NoQueue:
    def announce(self, _connection: sa.Connection, job: LintJob) -> None:
        """Queue nothing."""


@dataclass
class Town:
    """One database that has a public repository, and one file of advisories."""

    url: str
    database: Database
    clock: StoppedClock
    file: Path
    repository: Repository
    written: int = 0

    def publish(self, *records: dict[str, Any]) -> None:
        """Put a newer file in place."""
        self.written += 1
        write_records(self.file, *records)
        os.utime(self.file, (self.written, self.written))

    def start_worker(self) -> Keeper:
        """Start a worker, with a memory of its own."""
        database = Database(self.url)
        return Keeper(
            reporter=cast("Any", None),
            package_reporter=cast("Any", None),
            watcher=cast("Any", None),
            reports=StoredTrust(database, self.clock),
            packages=cast("Any", None),
            package_reports=cast("Any", None),
            advisories=LocalAdvisories(self.file, read_records),
            known_advisories=StoredAdvisories(database, self.clock),
            clock=self.clock,
        )

    def report(self, keeper: Keeper, *requirements: Requirement) -> None:
        """Store a trust report of these requirements."""
        job = self.claim()
        assert job is not None
        affecting = find_advisories(requirements, keeper.advisories.find)
        report = replace(a_trust_report(), sha=job.sha, advisories=affecting)
        StoredTrust(self.database, self.clock).save(job, report, [it.name for it in requirements])

    def claim(self) -> TrustJob | None:
        """Take the repository if its report is due."""
        self.clock.moment += timedelta(minutes=1)
        return StoredTrust(self.database, self.clock).claim(self.clock.now())

    async def told(self, path: str) -> list[Any]:
        """Return what a feed says of vulnerabilities."""
        async with (
            a_site(
                StoredCatalog(self.database),
                StoredTrust(self.database, self.clock),
                reports=StoredReports(self.database),
                packages=StoredPackages(self.database, self.clock),
            ) as client,
            client.get(f"{path}/feed.atom") as response,
        ):
            feed = feedparser.parse(await response.text())
        assert not feed.bozo
        return [it for it in feed.entries if "vulnerable" in it.title]

    async def titles(self, path: str) -> list[str]:
        """Return the titles of what a feed says of vulnerabilities."""
        return [it.title for it in await self.told(path)]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    url = f"sqlite:///{tmp_path / 'lintbot.sqlite'}"
    migrate(url)
    database, clock, delivery = Database(url), StoppedClock(), a_push(1)
    plan = StoredInbox(database, clock, cast("Any", NoQueue())).accept(
        delivery, decide_push(delivery, clock.now())
    )
    assert plan is not None
    assert plan.job is not None
    assert plan.repository is not None
    verdict = Verdict(conclusion=Conclusion.SUCCESS)
    StoredLintRuns(database, clock).decide(plan.job.run_id, verdict, a_judgement())
    yield Town(url, database, clock, tmp_path / "all.zip", plan.repository)
    database.close()


async def test_a_new_advisory_is_told_once_whatever_the_number_of_workers_and_restarts(town: Town):
    town.publish(OLD)
    first = town.start_worker()
    town.report(first, a_requirement("flask"))
    await first.read_advisories()
    assert await town.titles("/pypi/flask") == [], "years of advisories are no news"

    town.publish(OLD, NEW, AGAIN, WITHDRAWN, UNWATCHED)
    second = town.start_worker()
    await asyncio.gather(first.read_advisories(), second.read_advisories())
    for worker in (first, town.start_worker()):
        await worker.read_advisories()
    (entry,) = await town.told("/pypi/flask")
    assert entry.title == TITLE
    assert entry.content[0].type == "text/plain"
    assert entry.content[0].value.endswith(
        "The advisory says: Affected: before 2.0. <b>Cookies</b> leak "
        "Source: https://osv.dev/vulnerability/PYSEC-2 (CC-BY 4.0)"
    )
    assert await town.titles("/pypi") == []
    assert await town.titles("/pypi/jinja2") == []
    assert await town.titles(f"/gh/{town.repository.full_name}") == [f"Dependency {TITLE}"]


async def test_a_repository_hears_of_it_where_its_pin_is_affected(town: Town):
    town.publish(OLD)
    worker = town.start_worker()
    pins = {it: a_requirement("flask", f"=={it}", pinned=it) for it in ("1.5", "2.0")}
    town.report(worker, pins["1.5"])
    await worker.read_advisories()
    town.publish(OLD, NEW)
    await worker.read_advisories()
    own = f"/gh/{town.repository.full_name}"
    assert await town.titles(own) == [], "nobody has compared the pin yet"
    town.report(worker, pins["1.5"], a_requirement("flask", ">=1"))
    assert await town.titles(own) == [f"Dependency {TITLE}"]
    assert town.claim() is None, "the event has made it due once"
    town.clock.moment += timedelta(days=1)
    town.report(worker, pins["2.0"], a_requirement("flask", ">=1"))
    assert await town.titles(own) == []


async def test_strangers_hear_of_it_only_if_they_had_asked_or_it_is_required_in_public(town: Town):
    with town.database.write() as connection:
        connection.execute(repository_table.update().values(private=True))
    town.publish(OLD)
    worker = town.start_worker()
    town.report(worker, a_requirement("flask"))
    await worker.read_advisories()
    town.publish(OLD, NEW)
    await worker.read_advisories()
    town.clock.moment += timedelta(hours=1)
    StoredPackages(town.database, town.clock).wish("flask")
    assert await town.titles("/pypi/flask") == []
    town.publish(OLD, NEW, an_advisory("PYSEC-5", "flask", "3.0"))
    await worker.read_advisories()
    assert await town.titles("/pypi/flask") == ["flask vulnerable: PYSEC-5"]


async def test_an_unreadable_file_tells_nothing_and_a_later_one_does(town: Town):
    town.publish(OLD)
    worker = town.start_worker()
    town.report(worker, a_requirement("flask"))
    await worker.read_advisories()
    town.file.write_bytes(b"noise")
    await town.start_worker().read_advisories()
    town.publish(OLD, NEW)
    await worker.read_advisories()
    assert await town.titles("/pypi/flask") == [TITLE]
