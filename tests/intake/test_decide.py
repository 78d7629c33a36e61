from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lintbot.intake.decide import HUGE_FILES, HUGE_KIB, decide
from lintbot.model.actions import Action, RequestedAction
from lintbot.model.events import (
    ActionRequested,
    AuthorizationRevoked,
    BranchDeleted,
    CheckRequested,
    Event,
    Ignored,
    InstallationChanged,
    Ping,
    PullRequestChanged,
    Push,
    RepositoriesChanged,
    RepositoryChanged,
)
from lintbot.model.intake import BranchMove, Known, KnownRun, Plan, head_of
from lintbot.model.jobs import LintJob, Trigger
from lintbot.model.people import PersonId
from lintbot.model.repository import Account, Installation, InstallationState, Repository

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
A, B, C = ("a" * 40, "b" * 40, "c" * 40)
REPOSITORY = Repository(
    id=9, account=Account(id=5, login="octo"), name="hello", private=False, default_branch="main"
)
HERE = {"installation_id": 7, "repository": REPOSITORY}


def a_push(**changes: Any) -> Push:
    facts = {"branch": "main", "before": A, "after": B, "forced": False, "changed_files": 1}
    return Push(**HERE | facts | changes)


def a_pull(**changes: Any) -> PullRequestChanged:
    facts = {
        "number": 12,
        "head_sha": B,
        "head_branch": "main",
        "from_fork": False,
        "base_sha": A,
        "base_branch": "main",
        "changed_files": 1,
    }
    return PullRequestChanged(**HERE | facts | changes)


def a_check(**changes: Any) -> CheckRequested:
    facts = {"head_sha": B, "branch": "main", "before": A, "again": False, "app_id": 1}
    return CheckRequested(**HERE | facts | changes)


def a_run(attempt: int = 1, **changes: Any) -> KnownRun:
    facts = {"decided": False, "compared_with_pull": False, "attempt": attempt}
    return KnownRun(run_id=f"lint:9:{B}:{attempt}", **facts | changes)


def move(sha: str | None = B, before: str | None = A, branch: str = "main") -> BranchMove:
    return BranchMove(repository_id=9, branch=branch, sha=sha, before=before)


def test_a_push_is_linted_once_and_moves_its_branch():
    plan = decide(a_push(), Known(), NOW)
    job = LintJob(
        run_id=f"lint:9:{B}:1",
        repository_id=9,
        account_id=5,
        installation_id=7,
        head_sha=B,
        branch="main",
        before=A,
        pull_number=None,
        attempt=1,
        trigger=Trigger.PUSH,
        priority=1,
        received_at=NOW,
    )
    assert plan == Plan(outcome="queued", repository=REPOSITORY, branch=move(), job=job)
    assert plan.needs_work


@pytest.mark.parametrize("event", [a_push(), a_check(), a_pull()])
@pytest.mark.parametrize("decided", [True, False])
def test_whoever_asks_second_gets_no_second_run(event: Event, *, decided: bool):
    known = Known(runs=(a_run(decided=decided, compared_with_pull=True),), head_sha=B)
    plan = decide(event, known, NOW)
    assert (plan.outcome, plan.job, plan.adopt_pull) == ("known already", None, None)
    assert not plan.needs_work


@pytest.mark.parametrize(
    ("event", "trigger", "number"),
    [
        (a_push(), Trigger.PUSH, None),
        (a_check(), Trigger.CHECK_SUITE, None),
        (a_check(again=True), Trigger.RERUN, None),
        (a_pull(), Trigger.PULL_REQUEST, 12),
    ],
)
def test_whoever_asks_first_is_the_trigger(event: Event, trigger: Trigger, number: int | None):
    job = decide(event, Known(), NOW).job
    assert job is not None
    assert (job.trigger, job.pull_number, job.attempt) == (trigger, number, 1)


def test_a_newer_commit_supersedes_the_open_run_of_its_branch():
    known = Known(head_sha=A, head_run="lint:9:old:1")
    for event in (a_push(), a_pull(before=A), a_check()):
        plan = decide(event, known, NOW)
        assert plan.supersede == ("lint:9:old:1",)
        assert plan.branch == move()
        assert plan.job is not None


def test_a_branch_that_moves_to_a_known_commit_still_supersedes():
    known = Known(runs=(a_run(decided=True),), head_sha=A, head_run="lint:9:old:1")
    plan = decide(a_push(), known, NOW)
    assert (plan.job, plan.supersede) == (None, ("lint:9:old:1",))
    assert plan.needs_work


def test_a_waiting_run_learns_its_pull_request():
    plan = decide(a_pull(), Known(runs=(a_run(),), head_sha=B), NOW)
    assert (plan.job, plan.adopt_pull) == (None, (f"lint:9:{B}:1", 12))


def test_a_commit_that_was_judged_without_its_pull_request_is_judged_again():
    plan = decide(a_pull(), Known(runs=(a_run(decided=True),), head_sha=B), NOW)
    assert plan.job is not None
    assert (plan.job.attempt, plan.job.trigger) == (2, Trigger.PULL_REQUEST)
    assert plan.job.run_id == f"lint:9:{B}:2"


def test_a_commit_that_was_cancelled_is_linted_when_a_branch_comes_back_to_it():
    cancelled = a_run(decided=True, cancelled=True)
    for known in (
        Known(runs=(cancelled,)),  # a new branch
        Known(runs=(cancelled,), head_sha=A, head_before=B),  # B, A, and B again
    ):
        plan = decide(a_push(), known, NOW)
        assert plan.job is not None
        assert plan.job.attempt == 2
        assert plan.branch == move()


RUNS = (a_run(decided=True, cancelled=True),)
LATE = [
    (a_push(before=None), Known(head_sha=C, head_before=B, runs=RUNS)),
    (a_pull(), Known(head_sha=C, head_before=B, runs=RUNS)),
    (a_pull(), Known(head_sha=C, runs=RUNS)),
    (a_pull(), Known(head_sha=C, runs=(a_run(),))),
    (a_check(), Known(head_sha=C, runs=RUNS)),
]


@pytest.mark.parametrize(("event", "known"), LATE)
def test_a_late_delivery_changes_nothing(event: Event, known: Known):
    assert decide(event, known, NOW) == Plan(outcome="known already", repository=REPOSITORY)


def test_a_late_delivery_of_an_unknown_commit_gets_its_run_but_not_the_branch():
    plan = decide(a_push(before=None), Known(head_sha=C, head_before=B, head_run="open"), NOW)
    assert plan.job is not None  # the worker closes it as superseded
    assert (plan.job.branch, plan.branch, plan.supersede) == ("main", None, ())


def test_a_push_that_starts_elsewhere_is_believed():
    known = Known(runs=RUNS, head_sha=C)  # its predecessor was never delivered
    assert decide(a_push(), known, NOW).branch == move()


def test_an_event_that_does_not_tell_what_was_before_does_not_erase_it():
    plan = decide(a_pull(), Known(runs=(a_run(),), head_sha=B, head_before=A), NOW)
    assert plan.branch == move(before=A)
    plan = decide(a_pull(), Known(head_sha=C, head_before=A), NOW)
    assert plan.branch == move(before=None)


@pytest.mark.parametrize("runs", [(), (a_run(decided=True),), (a_run(1), a_run(2, decided=True))])
def test_a_person_may_ask_again(runs: tuple[KnownRun, ...]):
    plan = decide(a_check(again=True), Known(runs=runs, head_sha=B), NOW)
    assert plan.job is not None
    assert (plan.job.attempt, plan.job.branch) == (len(runs) + 1, "main")
    assert (plan.branch, plan.supersede) == (None, ())


def test_asking_again_while_it_runs_changes_nothing():
    plan = decide(a_check(again=True), Known(runs=(a_run(),), head_sha=B), NOW)
    assert plan.job is None


def test_the_rerun_of_an_old_commit_says_nothing_about_the_branch():
    known = Known(runs=(a_run(decided=True),), head_sha=C, head_before=B, head_run="open")
    plan = decide(a_check(again=True), known, NOW)
    assert plan.job is not None
    assert (plan.job.branch, plan.branch, plan.supersede) == (None, None, ())


def test_forks_with_the_same_branch_do_not_meet():
    fork = a_pull(from_fork=True, head_branch="main")
    plan = decide(fork, Known(), NOW)
    assert plan.branch == move(branch="refs/pull/12/head", before=None)
    assert plan.job is not None
    assert plan.job.branch == "refs/pull/12/head"


def test_a_commit_from_a_fork_moves_no_branch():
    plan = decide(a_check(branch=None), Known(), NOW)
    assert plan.branch is None
    assert plan.job is not None


@pytest.mark.parametrize("event", [Ping(hook_id=1), BranchDeleted(**HERE, branch="main")])
def test_only_events_of_commits_have_a_head(event: Event):
    assert head_of(event) is None


SMALL, HUGE = 0, HUGE_KIB + 1


@pytest.mark.parametrize(
    ("event", "size_kib", "priority"),
    [
        (a_push(), SMALL, 1),
        (a_pull(head_branch="topic"), SMALL, 1),
        (a_check(), SMALL, 1),
        (a_check(branch=None), SMALL, 1),
        (a_check(branch="gh-readonly-queue/main/pr-1"), SMALL, 1),
        (a_check(branch="topic", again=True), SMALL, 1),
        (a_check(branch="topic"), SMALL, 2),
        (a_push(branch="topic"), SMALL, 2),
        (a_push(changed_files=HUGE_FILES), SMALL, 1),
        (a_push(changed_files=HUGE_FILES + 1), SMALL, 3),
        (a_pull(changed_files=HUGE_FILES + 1), SMALL, 3),
        (a_push(branch="topic"), HUGE, 4),
        (a_push(), HUGE, 3),
        (a_check(again=True), HUGE, 3),
    ],
)
def test_what_is_served_first(event: Any, size_kib: int, priority: int):
    repository = Repository(
        id=9,
        account=REPOSITORY.account,
        name="hello",
        private=False,
        default_branch="main",
        size_kib=size_kib,
    )
    facts = {name: getattr(event, name) for name in event.__slots__}
    job = decide(type(event)(**facts | {"repository": repository}), Known(), NOW).job
    assert job is not None
    assert job.priority == priority


def test_a_button_is_left_to_a_worker():
    sender = Account(id=3, login="ann")
    event = ActionRequested(**HERE, action=Action.RELINT, run_id="lint:9:b:1", sender=sender)
    plan = decide(event, Known(), NOW)
    assert (plan.needs_work, plan.repository, plan.job) == (True, REPOSITORY, None)
    assert plan.action == RequestedAction(
        action=Action.RELINT,
        run_id="lint:9:b:1",
        repository_id=9,
        sender_id=3,
        sender_login="ann",
        requested_at=NOW,
    )


INSTALLATION = Installation(id=7, account=REPOSITORY.account, state=InstallationState.SUSPENDED)


@pytest.mark.parametrize(
    ("event", "plan"),
    [
        (
            BranchDeleted(**HERE, branch="topic"),
            Plan(
                outcome="branch forgotten",
                repository=REPOSITORY,
                branch=move(sha=None, before=None, branch="topic"),
            ),
        ),
        (
            InstallationChanged(installation=INSTALLATION, action="suspend"),
            Plan(outcome="installation: suspend", installation=INSTALLATION),
        ),
        (
            RepositoriesChanged(installation=INSTALLATION, added=(1,), removed=(2, 3)),
            Plan(outcome="repositories recorded", installation=INSTALLATION, removed=(2, 3)),
        ),
        (
            RepositoryChanged(**HERE, action="renamed"),
            Plan(outcome="repository: renamed", repository=REPOSITORY),
        ),
        (
            RepositoryChanged(**HERE, action="deleted"),
            Plan(outcome="repository: deleted", removed=(9,)),
        ),
        (
            AuthorizationRevoked(person_id=PersonId(7)),
            Plan(outcome="person forgotten", forget_person=PersonId(7)),
        ),
        (Ping(hook_id=1), Plan(outcome="pong")),
        (Ignored(reason="a tag"), Plan(outcome="a tag")),
    ],
)
def test_what_is_only_recorded(event: Event, plan: Plan):
    assert decide(event, Known(), NOW) == plan
    assert not plan.needs_work


def test_nothing_follows_from_what_comes_through_a_deleted_installation():
    for event in (a_push(), a_pull(), a_check()):
        plan = decide(event, Known(uninstalled=True), NOW)
        assert plan == Plan(outcome="the App was uninstalled there")
