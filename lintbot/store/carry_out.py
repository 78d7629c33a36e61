"""Shell: a plan, carried out within the delivery's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa

from lintbot.model.actions import RequestedAction
from lintbot.model.events import (
    ActionRequested,
    BranchDeleted,
    CheckRequested,
    Event,
    PullRequestChanged,
    Push,
    RepositoryChanged,
)
from lintbot.model.ids import DeliveryId, InstallationId, LintRunId, RepositoryId
from lintbot.model.intake import BranchMove, Plan, PlanQuestion
from lintbot.model.jobs import LintJob
from lintbot.model.lint_run import Conclusion, Stage
from lintbot.model.repository import Installation, InstallationState
from lintbot.store.database import Database
from lintbot.store.people import forget_person
from lintbot.store.places import (
    remove_repositories,
    revive_installation,
    save_installation,
    save_repository,
)
from lintbot.store.rows import job_to_row
from lintbot.store.statements import insert
from lintbot.store.tables import branch_head, lint_run, repository

SUPERSEDED = "A newer commit was pushed to this branch before this one was judged."
OUT_OF_REACH = "lintbot was removed from this repository before this commit was judged."

RepositoryEvent = (
    Push | PullRequestChanged | CheckRequested | ActionRequested | BranchDeleted | RepositoryChanged
)
"""Events about one repository, seen through one installation."""


class Enqueue(Protocol):
    """Puts jobs into the durable queue within our transaction."""

    def announce(self, connection: sa.Connection, job: LintJob) -> None:
        """Enqueue a lint run: announce it, lint, report."""
        ...

    def close(
        self, connection: sa.Connection, run_id: LintRunId, conclusion: Conclusion, reason: str
    ) -> None:
        """Enqueue the end of a lint run that is not wanted any more."""
        ...

    def act(self, connection: sa.Connection, action: RequestedAction) -> None:
        """Enqueue what a person asked for."""
        ...

    def compare(
        self, connection: sa.Connection, installation_id: InstallationId, asked_at: datetime
    ) -> None:
        """Enqueue a look at what there is in an installation's repositories."""
        ...

    def follow_plan(self, connection: sa.Connection, question: PlanQuestion, occasion: str) -> None:
        """Enqueue asking the biller about an account; the same occasion twice is one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Scribe:
    """Writes one plan down."""

    connection: sa.Connection
    database: Database
    enqueue: Enqueue
    delivery_id: DeliveryId
    now: datetime

    def carry_out(self, plan: Plan, event: Event) -> None:
        """Write everything that the plan says; always installation before repository.

        That order is the same in every transaction, so that no two wait for each other.
        """
        if plan.installation is not None:
            self._save_installation(plan.installation)
        if plan.repository is not None and isinstance(event, RepositoryEvent):
            seen = (self.connection, self.database)
            revive_installation(*seen, event.installation_id, plan.repository.account)
            save_repository(*seen, plan.repository, event.installation_id)
        if plan.branch is not None:
            self._move_branch(plan.branch)
        if plan.adopt_pull is not None:
            self._adopt_pull(*plan.adopt_pull)
        if plan.job is not None:
            self._start(plan.job)
        for run_id in plan.supersede:
            self._close(run_id, SUPERSEDED)
        self._remove(plan.removed)
        self._ask(plan)

    def _ask(self, plan: Plan) -> None:
        """Do what is not about one lint run."""
        if plan.action is not None:
            self.enqueue.act(self.connection, plan.action)
        if plan.compare is not None:
            self.enqueue.compare(self.connection, plan.compare, self.now)
        if plan.question is not None:
            self.enqueue.follow_plan(self.connection, plan.question, self.delivery_id)
        if plan.forget_person is not None:
            forget_person(self.connection, plan.forget_person)

    def _save_installation(self, value: Installation) -> None:
        save_installation(self.connection, self.database, value)
        if value.state is InstallationState.ACTIVE:
            return
        mine = repository.c.installation_id == value.id
        if value.state is InstallationState.DELETED:
            remove_repositories(self.connection, mine, self.now)
        self._close_open_runs(lint_run.c.repository_id.in_(sa.select(repository.c.id).where(mine)))

    def _move_branch(self, move: BranchMove) -> None:
        key = {"repository_id": move.repository_id, "branch": move.branch}
        if move.sha is None:
            self.connection.execute(branch_head.delete().filter_by(**key))
            return
        row = {"sha": move.sha, "before": move.before}
        statement = insert(branch_head, self.database).values(**key, **row)
        self.connection.execute(statement.on_conflict_do_update(index_elements=[*key], set_=row))

    def _adopt_pull(self, run_id: LintRunId, number: int) -> None:
        waiting = sa.and_(lint_run.c.run_id == run_id, lint_run.c.conclusion.is_(None))
        self.connection.execute(lint_run.update().where(waiting).values(pull_number=number))

    def _start(self, job: LintJob) -> None:
        statement = insert(lint_run, self.database).values(**job_to_row(job))
        added = statement.on_conflict_do_nothing().returning(lint_run.c.run_id)
        if self.connection.execute(added).first() is not None:
            self.enqueue.announce(self.connection, job)

    def _remove(self, ids: tuple[RepositoryId, ...]) -> None:
        if not ids:
            return
        remove_repositories(self.connection, repository.c.id.in_(sorted(ids)), self.now)
        self._close_open_runs(lint_run.c.repository_id.in_(ids))

    def _close_open_runs(self, which: sa.ColumnElement[bool]) -> None:
        query = sa.select(lint_run.c.run_id).where(which, lint_run.c.conclusion.is_(None))
        for run_id in self.connection.execute(query).scalars().all():
            self._close(run_id, OUT_OF_REACH)

    def _close(self, run_id: LintRunId, reason: str) -> None:
        """Store the verdict at once; the queue stops the linters and tells GitHub.

        At once, because the branch may come back to this commit with the next delivery,
        which must then see that this run will never judge it.
        """
        still_open = sa.and_(lint_run.c.run_id == run_id, lint_run.c.conclusion.is_(None))
        verdict = {
            "conclusion": Conclusion.CANCELLED.value,
            "reason": reason,
            "reference": "",
            "completed_at": self.now,
            "stage": Stage.REPORT.value,
        }
        self.connection.execute(lint_run.update().where(still_open).values(verdict))
        self.enqueue.close(self.connection, run_id, Conclusion.CANCELLED, reason)
