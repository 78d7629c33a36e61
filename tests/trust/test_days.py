"""The watch over days: a real index and database, real HTTP, a clock moved by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from lintbot.index.client import open_index
from lintbot.index.osv import read_records
from lintbot.model.ids import RepositoryId
from lintbot.model.package import EventKind, Presence
from lintbot.model.trust import TrustJob
from lintbot.store.database import Database
from lintbot.store.migrate import migrate
from lintbot.store.packages import StoredPackages
from lintbot.store.trust import StoredTrust
from lintbot.trust.keeper import Keeper
from lintbot.trust.local_advisories import LocalAdvisories
from lintbot.trust.watcher import Watcher
from tests.support.deliveries import StoppedClock
from tests.support.github import NoSleep
from tests.support.index import LocalIndex, a_local_index
from tests.support.trust_values import a_trust_report

if TYPE_CHECKING:
    from lintbot.store.advisories import StoredAdvisories
    from lintbot.trust.package_reporter import PackageReporter
    from lintbot.trust.reporter import Reporter

DAY = timedelta(days=1)


@dataclass
class World:
    index: LocalIndex
    watcher: Watcher
    packages: StoredPackages
    trust: StoredTrust
    clock: StoppedClock

    def watch(self, *names: str, repository: int = 1) -> None:
        job = TrustJob(
            repository_id=RepositoryId(repository),
            installation_id=1,
            owner="o",
            name="n",
            private=False,
            sha="1" * 40,
        )
        self.trust.save(job, a_trust_report(), names)

    async def go_round(self, days: float = 1) -> list[str]:
        """Let time pass and look at all that is due; return what was asked for."""
        self.clock.moment += days * DAY
        before = len(self.index.asked)
        while await self.watcher.look_at_due():
            pass
        return [f"{name} {status}" for name, status in self.index.asked[before:]]

    def told(self) -> list[str]:
        return [it.title for it in reversed(self.packages.events_of(RepositoryId(1), 100))]

    def presence(self, name: str) -> Presence:
        return self.packages.load([name])[name].presence


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    url = f"sqlite:///{tmp_path}/db.sqlite"
    await asyncio.to_thread(migrate, url)
    clock, database = StoppedClock(), Database(url)
    packages = StoredPackages(database, clock)
    async with a_local_index() as index, open_index(index.url, sleep=NoSleep()) as client:
        watcher = Watcher(index=client, packages=packages, clock=clock)
        yield World(index, watcher, packages, StoredTrust(database, clock), clock)
    database.close()


async def test_each_distinct_package_is_asked_for_once_a_day_and_unchanged_is_a_304(world: World):
    for name in ("a", "b"):
        world.index.list(name, world.clock.now(), "1.0")
    world.watch("a", "b")
    world.watch("b", repository=2)
    assert sorted(await world.go_round(0)) == ["a 200", "b 200"]
    assert await world.go_round(0.9) == []
    assert sorted(await world.go_round(0.2)) == ["a 304", "b 304"]
    assert world.told() == []


async def test_404_once_is_not_vanished_and_a_new_owner_is_told_apart(world: World):
    uploaded = world.clock.now()
    for name in ("gone", "other"):
        world.index.list(name, uploaded, "1.0")
    world.watch("gone", "other", "internal")
    await world.go_round(0)
    assert world.presence("internal") is Presence.NOT_FOUND
    listed = world.index.projects.pop("gone")
    await world.go_round()
    assert (world.presence("gone"), world.told()) == (Presence.MISSING, [])
    world.index.projects["gone"] = listed
    await world.go_round()
    assert (world.presence("gone"), world.told()) == (Presence.FOUND, [])
    del world.index.projects["gone"]
    await world.go_round()
    await world.go_round()
    assert (world.presence("gone"), world.told()) == (Presence.VANISHED, ["gone vanished"])
    world.index.list("gone", world.clock.now() + DAY / 2, "6.6.6")
    await world.go_round()
    assert world.told() == ["gone vanished", "gone re-registered"]


async def test_an_index_that_loses_everything_is_not_believed(world: World):
    for name in ("a", "b"):
        world.index.list(name, world.clock.now(), "1.0")
    world.watch("a", "b")
    await world.go_round(0)
    world.index.projects.clear()
    await world.go_round()
    await world.go_round()
    assert {world.presence(name) for name in ("a", "b")} == {Presence.FOUND}
    assert "other packages" in world.packages.load(["a"])["a"].trouble


async def test_everything_that_an_index_can_do_to_a_package(world: World):
    uploaded = world.clock.now()
    project = world.index.list("p", uploaded, "1.0", "2.0", "3.0")
    files = sorted(project.files)
    world.watch("p")
    await world.go_round(0)
    project.files[files[1]]["yanked"] = "broken\n<b>wheel</b>"
    del project.files[files[0]]
    await world.go_round()
    for status in ("archived", "deprecated", "quarantined", "active"):
        project.status = {"status": status, "reason": "because"}
        await world.go_round()
    kept = dict(project.files)
    project.files.clear()
    await world.go_round()
    project.files.update(kept)
    await world.go_round()
    assert world.told() == [
        "p 1.0 deleted",
        "p 2.0 yanked",
        *("p archived", "p deprecated", "p quarantined", "p active"),
        *("p emptied", "p returned"),
    ]
    (yanked,) = [
        it for it in world.packages.events_of(RepositoryId(1), 9) if it.kind is EventKind.YANKED
    ]
    assert yanked.reason == "broken <b>wheel</b>"


async def test_a_package_that_lintbot_fails_to_read_is_answered_and_not_tried_for_ever(
    world: World,
):
    async def fail(_: str) -> None:
        raise KeyError("what nobody thought of")

    keeper = Keeper(
        reporter=cast("Reporter", None),
        package_reporter=cast("PackageReporter", SimpleNamespace(make=fail)),
        watcher=world.watcher,
        reports=world.trust,
        packages=world.packages,
        package_reports=world.packages,
        advisories=LocalAdvisories(None, read_records),
        known_advisories=cast("StoredAdvisories", None),
        clock=world.clock,
    )
    world.packages.wish("odd")
    assert await keeper.report_one()
    world.clock.moment += DAY / 2
    assert not await keeper.report_one()
    assert world.packages.wish("odd") == (None, "lintbot failed to read it.", False)


@pytest.mark.parametrize("fault", ["broken", "html", "500", "busy", "other"])
async def test_an_answer_that_cannot_be_used_changes_nothing_and_is_asked_again_within_the_hour(
    world: World, fault: str
):
    project = world.index.list("p", world.clock.now(), "1.0")
    world.watch("p")
    await world.go_round(0)
    project.fault = fault
    assert len(await world.go_round()) == 1
    seen = world.packages.load(["p"])["p"]
    assert (seen.presence, world.told()) == (Presence.FOUND, [])
    assert seen.trouble
    project.fault = ""
    assert await world.go_round(1.1 / 24) == ["p 304"]
    assert world.packages.load(["p"])["p"].trouble == ""


async def test_an_index_of_an_older_api_reports_no_status(world: World):
    project = world.index.list("p", world.clock.now(), "1.0")
    project.version = "1.0"
    del project.files[next(iter(project.files))]["upload-time"]
    world.watch("p")
    await world.go_round(0)
    seen = world.packages.load(["p"])["p"].project
    assert seen is not None
    assert (seen.status.value, seen.newest_upload) == ("unknown", None)
