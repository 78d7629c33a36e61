"""Pure: what intake knows when an event arrives, and what it decides to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import overload

from lintbot.model.actions import RequestedAction
from lintbot.model.events import CheckRequested, Event, PullRequestChanged, Push
from lintbot.model.ids import AccountId, InstallationId, LintRunId, RepositoryId, Sha
from lintbot.model.jobs import LintJob
from lintbot.model.people import PersonId
from lintbot.model.repository import Installation, Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The commit that an event asks about, and the branch that it says is there now.

    Attributes:
        branch: the key of its row among the branch heads. A pull request from a fork has
            ``refs/pull/N/head``, its true name in the base repository, so that two forks'
            ``main`` never meet each other or ours. None when only the commit is known.
        before: the commit that the branch was at until then; None when it was not told.
    """

    repository_id: RepositoryId
    branch: str | None
    sha: Sha
    before: Sha | None


CommitEvent = Push | PullRequestChanged | CheckRequested
"""The events that ask for a verdict on a commit."""


@overload
def head_of(event: CommitEvent) -> Head: ...
@overload
def head_of(event: Event) -> Head | None: ...
def head_of(event: Event) -> Head | None:
    """Return which commit and branch an event is about: what the inbox looks up for ``Known``."""
    branch: str | None
    match event:
        case Push():
            branch, sha = event.branch, event.after
        case PullRequestChanged():
            branch = pull_ref(event.number) if event.from_fork else event.head_branch
            sha = event.head_sha
        case CheckRequested():
            branch, sha = event.branch, event.head_sha
        case _:
            return None
    return Head(repository_id=event.repository.id, branch=branch, sha=sha, before=event.before)


def pull_ref(number: int) -> str:
    """Return the name of a pull request's head in the base repository."""
    return f"refs/pull/{number}/head"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRun:
    """A lint run of the event's commit that exists already.

    Attributes:
        decided: its verdict is stored.
        cancelled: its verdict is ``cancelled``: the branch had left the commit by then.
        compared_with_pull: it was, or will be, compared with a pull request's merge base.
        failed: lintbot itself failed on it, or was too late.
    """

    run_id: LintRunId
    attempt: int
    decided: bool
    compared_with_pull: bool
    cancelled: bool = False
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the store knows about an event's commit and branch, read in the same transaction.

    Attributes:
        runs: lint runs of ``head_of(event).sha``, oldest first.
        head_sha: where ``head_of(event).branch`` is as far as we know; None if we know nothing.
        head_before: the commit that ``head_sha`` replaced there, if that was told.
        head_run: the open (undecided) lint run of ``head_sha`` if that is another commit than
            the event's, and no other branch stands at it.
        uninstalled: the installation that the event came through is gone for good.
        seen: this very delivery was accepted before.
    """

    runs: tuple[KnownRun, ...] = ()
    head_sha: Sha | None = None
    head_before: Sha | None = None
    head_run: LintRunId | None = None
    uninstalled: bool = False
    seen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchMove:
    """A branch's new head; ``sha`` None: the branch is gone.

    Attributes:
        branch: as ``Head.branch``.
        before: the commit that was there until then, stored beside it: it tells late deliveries.
    """

    repository_id: RepositoryId
    branch: str
    sha: Sha | None
    before: Sha | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanQuestion:
    """Ask the biller about an account; what was withheld and may be linted now, is.

    Attributes:
        bought: something was bought just now, so "nothing" is no answer yet.
    """

    account_id: AccountId
    bought: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that one delivery changes, carried out in one transaction.

    Attributes:
        outcome: one plain phrase for the log and the webhook's answer.
        job: to enqueue, with its lint run.
        adopt_pull: give this pull request's number to a waiting lint run.
        supersede: close these lint runs as ``cancelled``.
        removed: repositories that left our reach.
        action: to carry out, if who asked for it may.
        compare: look what there is in this installation's repositories that nobody told of.
        question: to the biller.
        forget_person: who is signed out everywhere, and whose tokens are forgotten.
    """

    outcome: str
    installation: Installation | None = None
    repository: Repository | None = None
    branch: BranchMove | None = None
    job: LintJob | None = None
    adopt_pull: tuple[LintRunId, int] | None = None
    supersede: tuple[LintRunId, ...] = ()
    removed: tuple[RepositoryId, ...] = ()
    action: RequestedAction | None = None
    compare: InstallationId | None = None
    question: PlanQuestion | None = None
    forget_person: PersonId | None = None

    @property
    def needs_work(self) -> bool:
        """Whether anything was queued that somebody waits for (202) or not (200)."""
        asked = (self.job, self.action, self.question)
        return bool(self.supersede) or any(it is not None for it in asked)
