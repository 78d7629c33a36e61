from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lintbot.intake.decide import decide
from lintbot.intake.missed import compare_branches, compare_pulls, settle, sort_deliveries
from lintbot.model.events import BranchDeleted, PullRequestChanged, Push
from lintbot.model.intake import Known, KnownRun
from lintbot.model.recovery import (
    MAX_REDELIVERIES,
    KnownHeads,
    ListedPull,
    LoggedDelivery,
    wait_before_next,
)
from lintbot.model.repository import Account, Repository

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
A, B, C = ("a" * 40, "b" * 40, "c" * 40)
REPOSITORY = Repository(
    id=9, account=Account(id=5, login="octo"), name="hello", private=False, default_branch="main"
)
PLACE = (7, REPOSITORY)


def an_attempt(number: int, guid: str, *, succeeded: bool) -> LoggedDelivery:
    return LoggedDelivery(id=number, guid=guid, event="push", delivered_at=NOW, succeeded=succeeded)


def test_deliveries_are_missed_when_no_attempt_succeeded():
    log = [
        an_attempt(6, "twice failed", succeeded=False),
        an_attempt(5, "came back", succeeded=True),
        an_attempt(4, "twice failed", succeeded=False),
        an_attempt(3, "came back", succeeded=False),
        an_attempt(2, "asked for twice", succeeded=False),
        an_attempt(1, "asked for twice", succeeded=True),
    ]
    missed, received = sort_deliveries(log)
    assert [it.id for it in missed] == [6], "the newest attempt"
    assert received == {"came back", "asked for twice"}


def test_redeliveries_wait_longer_and_longer_but_not_for_ever():
    waits = [wait_before_next(number) for number in range(MAX_REDELIVERIES)]
    assert waits[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert waits[-1] == wait_before_next(10**6) == timedelta(hours=1)
    assert timedelta(hours=6) < sum(waits, timedelta()) < timedelta(days=3), "GitHub forgets"


def known(compared: bool = True, **heads: str) -> KnownHeads:
    return KnownHeads(heads=heads, compared_at=NOW if compared else None)


@pytest.mark.parametrize(
    ("thought", "there", "found"),
    [
        (known(main=A), {"main": A}, []),
        (known(main=A), {"main": B}, [("main", A, B)]),
        (known(main=A), {"main": A, "new": B}, [("new", None, B)]),
        (known(compared=False, main=A), {"main": B, "old": C}, [("main", A, B)]),
        (known(compared=False), {"main": A}, []),
        (known(main=A, gone=B), {"main": A}, ["gone"]),
        (known(**{"main": A, "refs/pull/1/head": B}), {"main": A}, []),
        (known(main=A), {"main": A, "gh-readonly-queue/main/pr-1-a": B}, []),
    ],
)
def test_branches_that_nobody_told_of(thought: KnownHeads, there: dict[str, str], found: list[Any]):
    events = list(compare_branches(PLACE, thought, there))
    told = [
        (it.branch, it.before, it.after) if isinstance(it, Push) else it.branch for it in events
    ]
    assert told == found
    assert all(isinstance(it, BranchDeleted) or it.found for it in events)


@pytest.mark.parametrize("seconds", [-59, 0, 1, 60])
def test_a_push_in_the_second_of_another_is_looked_for(seconds: int):
    assert settle(NOW - timedelta(seconds=seconds), listed_at=NOW) is None


def test_what_was_pushed_long_ago_is_not_compared_again():
    assert settle(NOW - timedelta(seconds=61), listed_at=NOW) == NOW - timedelta(seconds=61)
    assert settle(None, listed_at=NOW) is None


def a_pull(*, from_fork: bool, created_at: datetime = NOW) -> ListedPull:
    return ListedPull(
        number=3,
        head_sha=B,
        head_branch="topic",
        from_fork=from_fork,
        base_sha=A,
        base_branch="main",
        created_at=created_at,
    )


OLD = NOW - timedelta(days=1)


@pytest.mark.parametrize(
    ("pull", "thought", "linted", "is_found"),
    [
        (a_pull(from_fork=True), known(), {}, True),
        (a_pull(from_fork=True), known(**{"refs/pull/3/head": A}), {}, True),
        (a_pull(from_fork=True), known(**{"refs/pull/3/head": B}), {}, False),
        (a_pull(from_fork=True), known(compared=False), {}, False),
        (a_pull(from_fork=False), known(topic=B), {B: False}, True),
        (a_pull(from_fork=False), known(topic=B), {B: True}, False),
        (a_pull(from_fork=False), known(topic=B), {}, False),
        (a_pull(from_fork=False, created_at=OLD), known(topic=B), {B: False}, False),
    ],
)
def test_pull_requests_that_nobody_told_of(
    pull: ListedPull, thought: KnownHeads, linted: dict[str, bool], is_found: bool
):
    events = list(compare_pulls(PLACE, thought, [pull], linted))
    assert [isinstance(it, PullRequestChanged) and it.found for it in events] == [True] * is_found


def a_found_push(**changes: Any) -> Push:
    facts = {"branch": "main", "before": A, "after": B, "forced": False, "changed_files": 0}
    return Push(installation_id=7, repository=REPOSITORY, **{"found": True} | facts | changes)


def test_what_is_found_is_linted_like_what_is_told():
    plan = decide(a_found_push(), Known(head_sha=A), NOW)
    assert plan.job is not None
    assert (plan.job.before, plan.job.branch, plan.branch.sha) == (A, "main", B)


def test_what_is_found_gives_way_to_what_was_told_meanwhile():
    plan = decide(a_found_push(), Known(head_sha=C, head_before=A), NOW)
    assert (plan.job, plan.branch, plan.repository) == (None, None, None)


def a_run(**changes: Any) -> KnownRun:
    facts = {"attempt": 1, "decided": True, "compared_with_pull": False}
    return KnownRun(run_id=f"lint:9:{B}:1", **facts | changes)


def test_a_delivery_that_was_accepted_before_is_redone_only_if_its_job_failed():
    push = a_found_push(found=False)
    done = decide(push, Known(runs=(a_run(),), head_sha=B, seen=True), NOW)
    assert (done.needs_work, done.outcome) == (False, "this delivery was accepted before")
    assert not decide(push, Known(head_sha=B, seen=True), NOW).needs_work
    failed = Known(runs=(a_run(failed=True),), head_sha=B, seen=True)
    again = decide(push, failed, NOW)
    assert again.job is not None
    assert (again.job.attempt, again.job.branch) == (2, "main")
    left = decide(push, Known(runs=failed.runs, head_sha=C, seen=True), NOW)
    assert left.job is not None
    assert left.job.branch is None
    gone = BranchDeleted(installation_id=7, repository=REPOSITORY, branch="main")
    assert not decide(gone, failed, NOW).needs_work
