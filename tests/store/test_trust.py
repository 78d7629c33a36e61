"""Trust reports and packages as they are stored, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lintbot.model.lint_run import Conclusion, Verdict
from lintbot.model.package import EventKind, Observation, PackageEvent, Presence
from lintbot.model.trust import TrustJob
from lintbot.store.desk import StoredEraser
from lintbot.store.packages import MAX_WISHES, StoredPackages
from lintbot.store.plans import StoredPlans
from lintbot.store.tables import repository
from lintbot.store.trust import EVERY, LEASE, QUIET, StoredTrust
from tests.store.conftest import Store
from tests.store.values import a_judgement
from tests.support.deliveries import a_repository, a_sha
from tests.support.trust_values import a_project, a_trust_report, seen


def finish(store: Store, number: int) -> None:
    job = store.push(number)
    store.runs.decide(job.run_id, Verdict(conclusion=Conclusion.SUCCESS), a_judgement())


def trust_of(store: Store) -> StoredTrust:
    return StoredTrust(store.database, store.clock)


def packages_of(store: Store) -> StoredPackages:
    return StoredPackages(store.database, store.clock)


def claim(store: Store, after: timedelta) -> TrustJob | None:
    return trust_of(store).claim(store.clock.now() + after)


def test_a_report_is_due_after_a_lint_run_once_and_again_after_a_day(store: Store):
    store.push(1)
    assert claim(store, 2 * QUIET) is None, "nothing is linted yet"
    finish(store, 2)
    assert claim(store, timedelta()) is None, "others may be pushed at once"
    job = claim(store, 2 * QUIET)
    assert job is not None
    assert (job.sha, job.private, job.letter) == (a_sha(2), False, "")
    assert claim(store, 2 * QUIET) is None, "it is claimed"
    assert claim(store, 3 * LEASE) is not None, "whoever claimed it is gone"

    saved = replace(a_trust_report(), sha=a_sha(2))
    trust_of(store).save(job, saved, ["requests", "flask"])
    assert trust_of(store).load(job.repository_id) == saved
    assert claim(store, 2 * QUIET) is None
    again = claim(store, EVERY + QUIET)
    assert again is not None
    assert again.letter == "B"


def test_a_push_makes_the_report_due_and_an_error_puts_it_off(store: Store):
    finish(store, 1)
    job = claim(store, 2 * QUIET)
    assert job is not None
    trust_of(store).put_off(job.repository_id, store.clock.now() + timedelta(hours=1))
    assert claim(store, 2 * QUIET) is None
    assert claim(store, timedelta(hours=2)) is not None


def test_what_no_plan_covers_has_no_report(store: Store):
    private = replace(a_repository(), private=True)
    job = store.push(1, repository=private)
    store.runs.decide(job.run_id, Verdict(conclusion=Conclusion.NEUTRAL, withheld=True))
    assert claim(store, 2 * QUIET) is None
    job = store.push(2, repository=private)
    store.runs.decide(job.run_id, Verdict(conclusion=Conclusion.SUCCESS), a_judgement())
    StoredPlans(store.database).save_lapse(private.id, store.clock.now())
    assert claim(store, 2 * QUIET) is None
    StoredPlans(store.database).save_lapse(private.id, None)
    assert claim(store, 2 * QUIET) is not None


@pytest.mark.parametrize("reported", [False, True])
def test_deleted_data_is_not_made_again_before_a_push(store: Store, reported: bool):
    finish(store, 1)
    if reported:
        job = claim(store, 2 * QUIET)
        assert job is not None
        trust_of(store).save(job, replace(a_trust_report(), sha=job.sha), ["requests"])
    StoredEraser(store.database).erase(a_repository().id)
    assert trust_of(store).load(a_repository().id) is None
    assert claim(store, 2 * EVERY) is None
    finish(store, 2)
    again = claim(store, 2 * QUIET)
    assert again is not None
    assert (again.sha, again.letter) == (a_sha(2), "")


def test_watched_packages_are_claimed_when_they_are_due(store: Store):
    packages = packages_of(store)
    finish(store, 1)
    job = claim(store, 2 * QUIET)
    assert job is not None
    packages.save(seen(a_project("1.0", name="unwatched")), (), store.clock.now())
    trust_of(store).save(job, replace(a_trust_report(), sha=job.sha), ["requests"])
    assert claim(store, 2 * QUIET) is None
    now = store.clock.now()
    due = packages.claim(now)
    assert due == Observation(name="requests", presence=Presence.UNKNOWN)
    assert packages.claim(now) is None, "it is claimed"
    found = seen(a_project("1.0"))
    event = PackageEvent(name="requests", kind=EventKind.YANKED, at=now, version="1.0", reason="x")
    packages.save(found, (event,), now + EVERY)
    assert event.title == "requests 1.0 yanked"
    assert packages.load(["requests", "nobody"]) == {"requests": found}
    assert packages.events("requests", None, 10) == (event,)
    assert packages.events(None, None, 10) == packages.events_of(job.repository_id, 10) == (event,)
    assert packages.events("flask", None, 10) == ()
    assert packages.events(None, {EventKind.VANISHED}, 10) == ()
    assert claim(store, 2 * QUIET) is not None, "what happened makes the report due"
    with store.database.write() as connection:
        connection.execute(repository.update().values(private=True))
    assert packages.events("requests", None, 10) == packages.events(None, None, 10) == ()
    assert packages.events_of(job.repository_id, 10) == (event,)
    assert packages.find_other("unwatched") == "requests"
    assert packages.find_other("requests") == "unwatched"


def test_a_stranger_learns_nothing_of_what_only_private_repositories_require(store: Store):
    packages = packages_of(store)
    finish(store, 1)
    job = claim(store, 2 * QUIET)
    assert job is not None
    trust_of(store).save(job, replace(a_trust_report(), sha=job.sha), ["requests"])
    before = store.clock.now()
    known = replace(seen(a_project("1.0")), checked_at=before)
    event = PackageEvent(name="requests", kind=EventKind.YANKED, at=before, version="1", reason="")
    packages.save(known, (event,), before + EVERY)
    assert packages.show("requests") == known, "a public repository requires it"
    with store.database.write() as connection:
        connection.execute(repository.update().values(private=True))

    store.clock.moment += timedelta(hours=1)
    for name in ("requests", "unwatched"):
        assert packages.wish(name) == (None, "", True)
        assert packages.show(name) is None
        assert packages.events(name, None, 10) == packages.events(None, None, 10) == ()
    now = store.clock.now()
    assert packages.claim(now) == known, "it is looked at again at once"
    later = replace(event, at=now, version="2")
    packages.save(replace(known, checked_at=now), (later,), now + EVERY)
    assert packages.show("requests") == replace(known, checked_at=now)
    assert packages.events("requests", None, 10) == (later,), "somebody had asked for it"
    store.clock.moment += timedelta(days=2)
    packages.save_report("requests", None, "x")
    store.clock.moment += timedelta(days=2)
    packages.wish("requests")
    assert packages.events("requests", None, 10) == (later,), "asked again, it stays"


def test_what_nobody_needs_is_forgotten(store: Store):
    packages = packages_of(store)
    packages.save(seen(a_project("1.0")), (), store.clock.now())
    packages.delete_old(store.clock.now() + timedelta(days=1))
    assert packages.load(["requests"])
    packages.delete_old(store.clock.now() + timedelta(days=40))
    assert not packages.load(["requests"])


def test_people_wait_for_reports_of_packages_but_not_too_many(store: Store):
    packages = packages_of(store)
    assert packages.wish("flask") == (None, "", True)
    assert packages.wish("flask") == (None, "", True)
    assert packages.claim_wish(store.clock.now()) == "flask"
    assert packages.claim_wish(store.clock.now()) is None
    packages.save_report("flask", a_trust_report(), "")
    assert packages.wish("flask") == (a_trust_report(), "", False)
    for number in range(MAX_WISHES):
        packages.wish(f"p{number}")
    report, trouble, waiting = packages.wish("one-too-many")
    assert (report, waiting) == (None, False)
    assert "Too many" in trouble
