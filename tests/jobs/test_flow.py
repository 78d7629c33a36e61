"""A push, from the transaction that accepts it to the check run, through the real engine."""

from __future__ import annotations

import asyncio
import logging

import pytest

from lintbot.errors import PermanentError, TransientError
from lintbot.intake.decide import decide
from lintbot.jobs import names, plans
from lintbot.jobs.names import make_reference
from lintbot.jobs.workflows import FAILED
from lintbot.model.actions import Action, RequestedAction
from lintbot.model.events import ActionRequested, PlanChanged
from lintbot.model.ids import AccountId, InstallationId, LintRunId
from lintbot.model.jobs import LintJob
from lintbot.model.lint_run import Conclusion
from lintbot.model.plans import Share
from lintbot.model.repository import Account
from lintbot.store.inbox import StoredInbox
from tests.jobs.conftest import House
from tests.support.deliveries import RealClock, a_delivery, a_push, a_repository, decide_push


def conclusions(house: House) -> dict[str, str | None]:
    return {row[0]: row[2] for row in house.workshop.github.all()}


async def test_an_accepted_push_ends_in_one_completed_check_run(each_house: House):
    run_id = each_house.push(1)
    async with each_house.worker():
        await each_house.until_posted(run_id)
    assert each_house.workshop.github.all() == [(run_id, 150, "success", 1)]
    assert each_house.run(run_id).verdict.conclusion is Conclusion.SUCCESS


async def test_a_push_that_is_rolled_back_leaves_no_job(each_house: House):
    lost = a_push(1)

    class StopError(Exception):
        pass

    class Broken:
        def announce(self, connection: object, job: LintJob) -> None:
            each_house.queue.announce(connection, job)
            raise StopError

    inbox = StoredInbox(each_house.database, RealClock(), Broken())
    with pytest.raises(StopError):
        inbox.accept(lost, decide_push(lost))
    assert each_house.queue.find_statuses(["announce:lint:1:" + "0" * 39 + "1:1"]) == {}


async def test_a_newer_push_closes_the_waiting_one_without_linting_it(house: House):
    old, new = house.push(1), house.push(2, before=1)
    async with house.worker():
        await house.until_posted(old, new)
    assert conclusions(house) == {old: "cancelled", new: "success"}
    assert house.workshop.linted == [new]


async def test_a_newer_push_stops_a_running_lint(each_house: House):
    stopped = asyncio.Event()
    lint = each_house.workshop.lint

    async def hang_on_the_first(job: LintJob) -> None:
        if job.before is not None:
            return await lint(job)
        each_house.workshop.linted.append(job.run_id)
        try:
            await asyncio.sleep(60)
        finally:
            stopped.set()

    each_house.workshop.lint = hang_on_the_first
    async with each_house.worker():
        old = each_house.push(1)
        await each_house.until(lambda: each_house.workshop.linted == [old])
        new = each_house.push(2, before=1)
        await each_house.until_posted(old, new)
        async with asyncio.timeout(5):
            await stopped.wait()
    assert conclusions(each_house) == {old: "cancelled", new: "success"}


async def test_linting_goes_on_when_github_cannot_be_told_that_it_begins(house: House):
    async def fail(_job: LintJob) -> None:
        raise TransientError("GitHub is down", retry_after_seconds=3600)

    house.workshop.announce = fail
    run_id = house.push(1)
    async with house.worker():
        await house.until_posted(run_id)
    assert conclusions(house) == {run_id: "success"}


async def test_a_bug_ends_in_a_neutral_verdict_whose_reference_is_in_the_log(
    house: House, caplog: pytest.LogCaptureFixture
):
    tries: list[str] = []

    async def fail(job: LintJob) -> None:
        tries.append(job.run_id)
        raise ZeroDivisionError("a bug")

    house.workshop.lint = fail
    run_id = house.push(1)
    async with house.worker():
        await house.until_posted(run_id)
    verdict = house.run(run_id).verdict
    assert (verdict.conclusion, verdict.reason) == (Conclusion.NEUTRAL, FAILED)
    assert conclusions(house) == {run_id: "neutral"}
    assert len(tries) == 3
    told = [r for r in caplog.records if getattr(r, "reference", "") == verdict.reference]
    assert told[0].exc_info is not None
    assert "a bug" in str(told[0].exc_info[1])


async def test_a_lint_that_could_not_reach_github_is_tried_again(house: House):
    lint, tries = house.workshop.lint, []

    async def fail_twice(job: LintJob) -> None:
        tries.append(job.run_id)
        if len(tries) <= 2:
            raise TransientError("try later", retry_after_seconds=0.01)
        await lint(job)

    house.workshop.lint = fail_twice
    run_id = house.push(1)
    async with house.worker():
        await house.until_posted(run_id)
    assert (len(tries), conclusions(house)) == (3, {run_id: "success"})


@pytest.mark.parametrize(
    "error", [TransientError("down", retry_after_seconds=3600), PermanentError("no"), KeyError("x")]
)
async def test_a_report_that_failed_is_posted_when_the_sweeper_asks_again(
    house: House, error: Exception
):
    report, tries = house.workshop.report, []

    async def fail_once(run_id: LintRunId) -> None:
        tries.append(run_id)
        if len(tries) == 1:
            raise error
        await report(run_id)

    house.workshop.report = fail_once
    run_id = house.push(1)
    async with house.worker():
        await house.until(lambda: len(tries) == 1)
        house.queue.enqueue_report(run_id, 1)
        house.queue.enqueue_report(run_id, 1)
        await house.until_posted(run_id)
    assert (len(tries), conclusions(house)) == (2, {run_id: "success"})


async def test_a_lint_beyond_the_deadline_is_stopped_and_reported_as_timed_out(each_house: House):
    stopped = asyncio.Event()

    async def hang(_job: LintJob) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            stopped.set()

    each_house.workshop.lint, each_house.timeout_seconds = hang, 1.0
    run_id = each_house.push(1)
    async with each_house.worker():
        await each_house.until_posted(run_id)
        assert stopped.is_set()
    assert conclusions(each_house) == {run_id: "timed_out"}
    assert "1 seconds" in each_house.run(run_id).verdict.reason


async def test_a_lint_run_whose_job_was_lost_is_linted(house: House):
    class Forgetful:
        def announce(self, *_: object) -> None:
            pass

    house.inbox = StoredInbox(house.database, RealClock(), Forgetful())
    run_id = house.push(1, age_seconds=60)
    async with house.worker():
        await house.until_posted(run_id)
    assert conclusions(house) == {run_id: "success"}


async def test_a_job_that_ends_without_a_verdict_is_closed(
    house: House, caplog: pytest.LogCaptureFixture
):
    async def do_nothing(_job: LintJob) -> None:
        pass

    house.workshop.lint = do_nothing
    run_id = house.push(1, age_seconds=60)
    async with house.worker():
        await house.until_posted(run_id)
    verdict = house.run(run_id).verdict
    assert (verdict.conclusion, verdict.reference) == (Conclusion.NEUTRAL, make_reference(run_id))
    assert verdict.reference in {getattr(r, "reference", "") for r in caplog.records}


async def test_one_account_never_takes_more_than_its_share(each_house: House):
    each_house.slots, each_house.account_slots = 4, 1
    at_work: list[int] = []
    most: dict[int, int] = {}
    together = 0
    lint = each_house.workshop.lint

    async def count(job: LintJob) -> None:
        nonlocal together
        at_work.append(job.account_id)
        together = max(together, len(at_work))
        most[job.account_id] = max(most.get(job.account_id, 0), at_work.count(job.account_id))
        await asyncio.sleep(0.3)
        await lint(job)
        at_work.remove(job.account_id)

    each_house.workshop.lint = count
    runs = [
        each_house.push(n, branch=f"b{n}", repository=a_repository(1 + n % 2)) for n in range(6)
    ]
    async with each_house.worker():
        await each_house.until_posted(*runs)
    assert most == {10: 1, 20: 1}
    assert together == 2


async def test_an_account_whose_plan_gives_twice_the_slots_takes_four(each_house: House):
    at_work: list[int] = []
    most: dict[int, int] = {}
    lint, four = each_house.workshop.lint, asyncio.Event()

    async def count(job: LintJob) -> bool:
        at_work.append(job.account_id)
        most[job.account_id] = max(most.get(job.account_id, 0), at_work.count(job.account_id))
        if at_work.count(20) == 4:
            four.set()
        await four.wait()
        await asyncio.sleep(0.3)  # so that one too many would come in
        at_work.remove(job.account_id)
        return await lint(job)

    each_house.workshop.lint = count
    each_house.workshop.paying = {AccountId(20)}
    runs = [
        each_house.push(n, branch=f"b{n}", repository=a_repository(1 + n % 2)) for n in range(10)
    ]
    async with each_house.worker():
        await each_house.until(lambda: set(each_house.workshop.linted) == set(runs), 60)
    assert most == {10: 2, 20: 4}


async def test_what_an_account_may_have_does_not_keep_it_from_being_linted(
    house: House, caplog: pytest.LogCaptureFixture
):
    async def fail(_job: LintJob) -> Share:
        raise RuntimeError("a bug")

    house.workshop.share = fail
    run_id = house.push(1)
    async with house.worker():
        await house.until_posted(run_id)
    assert conclusions(house) == {run_id: "success"}
    assert "share failed" in caplog.text


async def test_a_small_job_never_waits_behind_huge_ones(each_house: House):
    each_house.slots, each_house.account_slots = 1, 1
    lint, done = each_house.workshop.lint, asyncio.Event()
    running: list[str] = []

    async def hang_on_huge(job: LintJob) -> None:
        if job.huge:
            running.append(job.run_id)
            await done.wait()
        await lint(job)

    each_house.workshop.lint = hang_on_huge
    huge = [
        each_house.push(n, branch=f"b{n}", changed_files=1000, repository=a_repository(1 + n % 2))
        for n in range(3)
    ]
    async with each_house.worker():
        await each_house.until(lambda: len(running) == 1)
        small = [each_house.push(9, branch="c"), each_house.push(10, branch="d")]
        await each_house.until_posted(*small)
        assert len(running) == 1
        done.set()
        await each_house.until_posted(*huge)


async def test_a_cancelled_job_leaves_no_traceback(house: House, caplog: pytest.LogCaptureFixture):
    async def hang(_job: LintJob) -> None:
        await asyncio.sleep(60)

    house.workshop.lint, house.timeout_seconds = hang, 0.5
    run_id = house.push(1)
    async with house.worker():
        await house.until_posted(run_id)
        await asyncio.sleep(1.2)
    assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []


async def test_a_button_that_github_cannot_be_asked_about_is_tried_again(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(names, "ACT_DELAY_SECONDS", 0.1)
    failures = [TransientError("no answer", retry_after_seconds=60), RuntimeError("a bug")]
    seen: list[RequestedAction] = []

    async def fail_first(action: RequestedAction) -> None:
        seen.append(action)
        if failures:
            raise failures.pop(0)

    house.workshop.act = fail_first
    async with house.worker():
        for number in (1, 2):
            press(house, number)
        await house.until(lambda: len(seen) == 3)
    assert len(set(seen)) == 2, "each press is carried out; a bug is not tried again"


def press(house: House, sender: int) -> None:
    repository = a_repository()
    run_id = LintRunId("lint:1:0:1")
    account = Account(id=AccountId(sender), login="ann")
    event = ActionRequested(
        installation_id=InstallationId(7),
        repository=repository,
        action=Action.RELINT,
        run_id=run_id,
        sender=account,
    )
    now = RealClock().now()
    house.inbox.accept(a_delivery(event), lambda known: decide(event, known, now))


async def test_a_patch_is_made_after_the_verdict_and_shown_after_the_report(each_house: House):
    workshop = each_house.workshop
    workshop.fixable = True
    async with each_house.worker():
        run_id = each_house.push(1)
        await each_house.until(lambda: bool(workshop.shown))
    assert (workshop.fixed, workshop.shown) == ([run_id], [(run_id, True)])


async def test_without_a_patch_the_verdict_stands(house: House, caplog: pytest.LogCaptureFixture):
    workshop = house.workshop
    workshop.fixable = True
    failures = [PermanentError("no git"), RuntimeError("a bug")]

    async def fail(job: LintJob) -> bool:
        workshop.fixed.append(job.run_id)
        raise failures.pop(0)

    workshop.fix = fail
    async with house.worker():
        runs = [house.push(1), house.push(2, branch="other")]
        await house.until_posted(*runs)
        await house.until(lambda: len(workshop.fixed) == 2)
        await house.until(lambda: "fix failed" in caplog.text)
    assert workshop.shown == []
    assert set(conclusions(house).values()) == {"success"}


async def test_the_biller_is_asked_until_it_answers(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(names, "FOLLOW_PLAN_DELAYS_SECONDS", (0.0, 0.1, 0.1))
    monkeypatch.setattr(plans, "FOLLOW_PLAN_DELAYS_SECONDS", (0.0, 0.1, 0.1))
    house.workshop.billers_absences = 2
    delivery = a_delivery(PlanChanged(account_id=AccountId(7), bought=True), "marketplace_purchase")
    for _ in range(2):
        house.inbox.accept(delivery, lambda known: decide(delivery.event, known, RealClock().now()))
    async with house.worker():
        await house.until(lambda: len(house.workshop.followed) == 3)
        await house.until(lambda: house.workshop.reconciled == 1)
    assert house.workshop.followed == [(7, True)] * 3
