"""Pure: what one event changes. One commit gets one lint run, whichever event asks first.

GitHub tells of one push up to three times (push, check_suite, pull_request), in any order and
sometimes late, so every rule here holds for every order.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final, assert_never

from lintbot.model.actions import RequestedAction
from lintbot.model.events import (
    ActionRequested,
    AuthorizationRevoked,
    BranchDeleted,
    CheckRequested,
    Event,
    Ignored,
    InstallationChanged,
    Ping,
    PlanChanged,
    PullRequestChanged,
    Push,
    RepositoriesChanged,
    RepositoryChanged,
    is_queue_branch,
)
from lintbot.model.ids import make_lint_run_id
from lintbot.model.intake import (
    BranchMove,
    CommitEvent,
    Head,
    Known,
    KnownRun,
    Plan,
    PlanQuestion,
    head_of,
)
from lintbot.model.jobs import HUGE_PRIORITY, LintJob, Trigger
from lintbot.model.repository import InstallationState

AWAITED: Final = 1
"""Priority of what people wait for: the default branch, pull requests, merge groups, re-runs."""
OTHER_BRANCHES: Final = 2
HUGE_BEHIND: Final = HUGE_PRIORITY - AWAITED
"""Added for a huge repository or change: everything small is served before it."""
HUGE_FILES: Final = 300
"""More changed files than this is huge; GitHub's own comparison stops there too."""
HUGE_KIB: Final = 512 * 1024
"""A larger repository takes long to fetch the first time."""


COMING: Final = frozenset({"created", "unsuspend", "new_permissions_accepted", "found"})
"""What happens to an installation before more can be seen of its account than before."""


def decide(event: Event, known: Known, now: datetime) -> Plan:
    """Return what an event changes, given what is known of its commit and branch.

    Args:
        event: what happened.
        known: read in the same transaction that carries the plan out.
        now: when the delivery was accepted, aware UTC.
    """
    if known.seen:
        return _decide_again(event, known, now)
    if known.uninstalled:
        event = Ignored(reason="the App was uninstalled there")
    return _decide_new(event, known, now)


def _decide_new(event: Event, known: Known, now: datetime) -> Plan:
    match event:
        case Push() | PullRequestChanged() | CheckRequested():
            return _decide_commit(event, known, now)
        case BranchDeleted():
            # A run of its last commit goes on: the commit was probably merged.
            gone = BranchMove(repository_id=event.repository.id, branch=event.branch, sha=None)
            return Plan(outcome="branch forgotten", repository=event.repository, branch=gone)
        case InstallationChanged() | RepositoriesChanged():
            return _decide_installation(event)
        case RepositoryChanged():
            return _decide_repository(event)
        case ActionRequested() | PlanChanged():
            return _decide_asked(event, now)
        case AuthorizationRevoked() | Ping() | Ignored():
            return _decide_small(event)
        case _:
            assert_never(event)


def _decide_again(event: Event, known: Known, now: datetime) -> Plan:
    """A delivery that was accepted before counts once more only if its job failed."""
    plan = Plan(outcome="this delivery was accepted before")
    match event:
        case Push() | PullRequestChanged() | CheckRequested():
            if not known.runs or not known.runs[-1].failed:
                return plan
            head = head_of(event)
            job = _make_job(event, head, known, now)
            if known.head_sha != head.sha:
                job = replace(job, branch=None)  # it has left; that says nothing about it
            return replace(plan, outcome="queued again: lintbot failed on it", job=job)
        case _:
            return plan


def _decide_small(event: AuthorizationRevoked | Ping | Ignored) -> Plan:
    if isinstance(event, AuthorizationRevoked):
        return Plan(outcome="person forgotten", forget_person=event.person_id)
    return Plan(outcome=event.reason if isinstance(event, Ignored) else "pong")


def _decide_asked(event: ActionRequested | PlanChanged, now: datetime) -> Plan:
    """Queue it: GitHub is asked whether a sender may, and what an account has bought."""
    if isinstance(event, PlanChanged):
        question = PlanQuestion(account_id=event.account_id, bought=event.bought)
        return Plan(outcome="the biller will be asked", question=question)
    action = RequestedAction(
        action=event.action,
        run_id=event.run_id,
        repository_id=event.repository.id,
        sender_id=event.sender.id,
        sender_login=event.sender.login,
        requested_at=now,
    )
    outcome = f"asked for: {event.action}"
    return Plan(outcome=outcome, repository=event.repository, action=action)


def _decide_installation(event: InstallationChanged | RepositoriesChanged) -> Plan:
    """Record it. Where something came within reach, GitHub is asked what is there.

    Its list in the event is only a hint, and it never tells what happened until then.
    """
    installation = event.installation
    plan = Plan(outcome="repositories recorded", installation=installation)
    if isinstance(event, RepositoriesChanged):
        came = bool(event.added)
        plan = replace(plan, removed=event.removed)
    else:
        came = event.action in COMING
        plan = replace(plan, outcome=f"installation: {event.action}")
    compare = came and installation.state is InstallationState.ACTIVE
    return replace(plan, compare=installation.id) if compare else plan


def _decide_repository(event: RepositoryChanged) -> Plan:
    outcome = f"repository: {event.action}"
    if event.action == "deleted":
        return Plan(outcome=outcome, removed=(event.repository.id,))
    question = None
    if event.action == "publicized":  # what was withheld while it was private may be linted now
        question = PlanQuestion(account_id=event.repository.account.id)
    return Plan(outcome=outcome, repository=event.repository, question=question)


def _decide_commit(event: CommitEvent, known: Known, now: datetime) -> Plan:
    head = head_of(event)
    if not isinstance(event, CheckRequested) and event.found and known.head_sha != head.before:
        return Plan(outcome="somebody told of it meanwhile")
    last = known.runs[-1] if known.runs else None
    late = _is_late(event, head, known)
    plan = Plan(outcome="known already", repository=event.repository)
    if not (late or _is_rerun(event)):
        plan = _move(plan, head, known)
    if last is None or _wants_another(event, last, late=late):
        return replace(plan, outcome="queued", job=_make_job(event, head, known, now))
    if isinstance(event, PullRequestChanged) and not (
        late or last.decided or last.compared_with_pull
    ):
        return replace(
            plan,
            outcome=f"a waiting lint run now knows pull request {event.number}",
            adopt_pull=(last.run_id, event.number),
        )
    return plan


def _is_late(event: CommitEvent, head: Head, known: Known) -> bool:
    """Tell whether the branch is known to have left the event's commit: a delivery came late.

    A push that starts where the branch is, is never late: it may well lead back to an old
    commit. Otherwise the commit that the branch just left is old; so is any commit with lint
    runs, unless a push says that the branch is there.
    """
    if known.head_sha in {None, head.sha, head.before}:
        return False
    if known.head_before == head.sha:
        return True
    return bool(known.runs) and not isinstance(event, Push)


def _wants_another(event: CommitEvent, last: KnownRun, *, late: bool) -> bool:
    """Tell whether a commit with a verdict gets one more lint run.

    A pull request changes what a commit is compared with. The worker ends that run silently
    if the merge base turns out to be what the last run was compared with.
    """
    if not last.decided:
        return False
    if _is_rerun(event):
        return True
    uncompared = isinstance(event, PullRequestChanged) and not last.compared_with_pull
    return not late and (last.cancelled or uncompared)


def _is_rerun(event: CommitEvent) -> bool:
    return isinstance(event, CheckRequested) and event.again


def _move(plan: Plan, head: Head, known: Known) -> Plan:
    """Let the branch go to the event's commit, and close what still runs for the last one."""
    if head.branch is None:
        return plan
    before = head.before
    if before is None and known.head_sha == head.sha:
        before = known.head_before  # an event that does not tell must not make us forget
    move = BranchMove(
        repository_id=head.repository_id, branch=head.branch, sha=head.sha, before=before
    )
    supersede = () if known.head_run is None else (known.head_run,)
    return replace(plan, branch=move, supersede=supersede)


def _make_job(event: CommitEvent, head: Head, known: Known, now: datetime) -> LintJob:
    attempt = known.runs[-1].attempt + 1 if known.runs else 1
    # The re-run of a commit that its branch has left says nothing about the branch.
    at_head = not _is_rerun(event) or known.head_sha == head.sha
    return LintJob(
        run_id=make_lint_run_id(head.repository_id, head.sha, attempt),
        repository_id=head.repository_id,
        account_id=event.repository.account.id,
        installation_id=event.installation_id,
        head_sha=head.sha,
        branch=head.branch if at_head else None,
        before=head.before,
        pull_number=event.number if isinstance(event, PullRequestChanged) else None,
        attempt=attempt,
        trigger=_trigger(event),
        priority=_priority(event, head),
        received_at=now,
    )


def _trigger(event: CommitEvent) -> Trigger:
    match event:
        case Push():
            return Trigger.PUSH
        case PullRequestChanged():
            return Trigger.PULL_REQUEST
        case CheckRequested():
            return Trigger.RERUN if event.again else Trigger.CHECK_SUITE
        case _:
            assert_never(event)


def _priority(event: CommitEvent, head: Head) -> int:
    """Return 1 (first) to 4: what people wait for first, but never a huge one before a small."""
    files = 0 if isinstance(event, CheckRequested) else event.changed_files
    huge = files > HUGE_FILES or event.repository.size_kib > HUGE_KIB
    return (AWAITED if _is_awaited(event, head) else OTHER_BRANCHES) + (HUGE_BEHIND if huge else 0)


def _is_awaited(event: CommitEvent, head: Head) -> bool:
    if isinstance(event, PullRequestChanged) or _is_rerun(event):
        return True
    # A commit without a branch is a fork's; GitHub asks for its check when it has a pull request.
    return head.branch in {None, event.repository.default_branch} or is_queue_branch(head.branch)
