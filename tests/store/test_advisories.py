"""Known advisories as they are stored, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from lintbot.model.ids import RepositoryId
from lintbot.model.package import EventKind, PackageEvent
from lintbot.store.advisories import StoredAdvisories
from lintbot.store.packages import StoredPackages
from lintbot.store.trust import QUIET, StoredTrust
from tests.store.conftest import Store
from tests.store.test_trust import claim, finish
from tests.support.trust_values import a_project, a_trust_report, seen


def an_event(store: Store, name: str, advisory: str = "PYSEC-1") -> PackageEvent:
    return PackageEvent(
        name=name, kind=EventKind.VULNERABLE, at=store.clock.now(), advisory=advisory, reason="x"
    )


def test_each_advisory_of_a_watched_package_is_told_by_one_worker_only(store: Store):
    finish(store, 1)
    job = claim(store, 2 * QUIET)
    assert job is not None
    report = replace(a_trust_report(), sha=job.sha, advisories={"requests": ("PYSEC-1",)})
    trust = StoredTrust(store.database, store.clock)
    trust.save(job, report, ["requests"])
    assert trust.load(job.repository_id) == report
    packages = StoredPackages(store.database, store.clock)
    packages.wish("asked")
    for name in ("asked", "unwatched"):
        packages.save(seen(a_project("1.0", name=name)), (), store.clock.now())
    first = StoredAdvisories(store.database, store.clock)
    second = StoredAdvisories(store.database, store.clock)
    assert first.load() == set()

    many = [(f"p{number:04}", "X") for number in range(1_001)]
    learned = sorted([("asked", "PYSEC-1"), ("requests", "PYSEC-1"), ("unwatched", "PYSEC-1")])
    events = [an_event(store, name) for name in ("asked", "requests", "unwatched", "p0001")]
    assert first.learn([*learned[:1], *many, *learned[1:]], events) == tuple(events[:2])
    assert second.load() == {*learned, *many}
    assert second.learn(learned, events) == ()
    assert packages.events_of(job.repository_id, 9) == (events[1],)
    assert packages.events("asked", None, 9) == (events[0],)
    assert claim(store, 2 * QUIET) is not None, "what is told makes the report due"
    another = an_event(store, "requests", "PYSEC-2")
    both = [events[1], another]
    assert second.learn([learned[1], ("requests", "PYSEC-2")], both) == (another,)


def test_what_is_told_of_a_private_requirement_stays_there(store: Store):
    packages = StoredPackages(store.database, store.clock)
    known = StoredAdvisories(store.database, store.clock)
    packages.save(seen(a_project("1.0")), (), store.clock.now())
    finish(store, 1)
    job = claim(store, 2 * QUIET)
    assert job is not None
    private = replace(job, repository_id=RepositoryId(77))
    StoredTrust(store.database, store.clock).save(private, a_trust_report(), ["requests"])
    before = an_event(store, "requests")
    assert known.learn([("requests", "PYSEC-1")], [before]) == (before,)
    assert packages.events_of(private.repository_id, 9) == (before,)
    store.clock.moment += timedelta(hours=1)
    packages.wish("requests")
    assert packages.events("requests", None, 9) == ()
    after = an_event(store, "requests", "PYSEC-2")
    known.learn([("requests", "PYSEC-2")], [after])
    assert packages.events("requests", None, 9) == (after,)
