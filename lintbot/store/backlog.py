"""Shell: what the sweeper asks (``ports.Backlog``), and retention."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from lintbot.model.ids import AccountId, LintRunId, RepositoryId
from lintbot.model.jobs import LintJob
from lintbot.model.plans import DAYS_AFTER_A_PLAN
from lintbot.model.repository import InstallationState
from lintbot.ports import Unposted
from lintbot.store.database import Database
from lintbot.store.erasure import OF_REPOSITORY
from lintbot.store.rows import Row, row_to_job
from lintbot.store.tables import (
    alias,
    badge_token,
    branch_head,
    delivery,
    excerpt,
    installation,
    lint_result,
    lint_run,
    missed_delivery,
    patch,
    person,
    repository,
    session,
)

BATCH = 200
"""How many lint runs one sweep looks at, oldest first."""

KEEP_DELIVERIES = timedelta(days=14)
"""GitHub lets a delivery be sent again for three days."""
KEEP_RESULTS = timedelta(days=30)
KEEP_FINDINGS = timedelta(days=90)
KEEP_REMOVED = timedelta(days=30)
"""How long the data of a repository outlives lintbot's removal from it."""
KEEP_LAPSED = timedelta(days=DAYS_AFTER_A_PLAN)


FindHistories = Callable[[datetime], Mapping[AccountId, datetime]]
"""Before when lint runs of private repositories go, for each account whose plan keeps some only."""


def no_limits(_now: datetime) -> Mapping[AccountId, datetime]:
    """Return the limits of accounts where nothing is billed: none."""
    return {}


class StoredBacklog:
    """Implements ``ports.Backlog`` on a database."""

    def __init__(self, database: Database, find_histories: FindHistories = no_limits) -> None:
        self._database = database
        self._find_histories = find_histories

    def find_open(self, received_before: datetime) -> tuple[LintJob, ...]:
        """Return the oldest lint runs without a verdict."""
        query = (
            sa.select(lint_run)
            .where(lint_run.c.conclusion.is_(None))
            .where(lint_run.c.received_at < received_before)
            .order_by(lint_run.c.received_at)
            .limit(BATCH)
        )
        return tuple(row_to_job(row) for row in self._rows(query))

    def find_unposted(self, after: datetime, before: datetime) -> tuple[Unposted, ...]:
        """Return verdicts stored in this span that GitHub does not show, though it could."""
        query = (
            sa.select(lint_run.c.run_id, lint_run.c.completed_at)
            .join(repository, repository.c.id == lint_run.c.repository_id)
            .join(installation, installation.c.id == repository.c.installation_id)
            .where(lint_run.c.conclusion.is_not(None), lint_run.c.posted_at.is_(None))
            .where(lint_run.c.completed_at > after, lint_run.c.completed_at < before)
            .where(repository.c.removed_at.is_(None))
            .where(installation.c.state == InstallationState.ACTIVE.value)
            .order_by(lint_run.c.completed_at.desc())
            .limit(BATCH)
        )
        return tuple(
            Unposted(run_id=LintRunId(row.run_id), completed_at=row.completed_at)
            for row in self._rows(query)
        )

    def find_unreachable(self, ids: Collection[RepositoryId]) -> frozenset[RepositoryId]:
        """Return those of some repositories whose code lintbot may not have (any more).

        The App may not see them, or they are private and no plan covers them.
        """
        query = (
            sa.select(repository.c.id)
            .join(installation, installation.c.id == repository.c.installation_id)
            .where(repository.c.id.in_(sorted(ids)), repository.c.removed_at.is_(None))
            .where(installation.c.state != InstallationState.DELETED.value)
            .where(sa.or_(~repository.c.private, repository.c.lapsed_at.is_(None)))
        )
        return frozenset(ids) - {RepositoryId(row.id) for row in self._rows(query)}

    def delete_old(self, now: datetime) -> None:
        """Forget what nobody will ask for again; each kind in a transaction of its own."""
        self._execute(delivery.delete().where(delivery.c.received_at < now - KEEP_DELIVERIES))
        self._execute(
            missed_delivery.delete().where(missed_delivery.c.found_at < now - KEEP_DELIVERIES)
        )
        self._execute(lint_result.delete().where(lint_result.c.saved_at < now - KEEP_RESULTS))
        self._execute(_drop_findings(now - KEEP_FINDINGS))
        self._execute(_drop_excerpts(now - KEEP_FINDINGS))
        self._execute(patch.delete().where(patch.c.saved_at < now - KEEP_FINDINGS))
        self._execute(session.delete().where(session.c.expires_at < now))
        self._execute(person.delete().where(person.c.id.not_in(sa.select(session.c.person_id))))
        self._execute(repository.delete().where(repository.c.removed_at < now - KEEP_REMOVED))
        there = sa.select(repository.c.id)
        for table in OF_REPOSITORY:
            # Also what a job wrote that ended after its repository was forgotten.
            self._execute(table.delete().where(table.c.repository_id.not_in(there)))
        self._drop_lapsed(now - KEEP_LAPSED)
        for account_id, before in self._find_histories(now).items():
            self._execute(_drop_history(account_id, before))

    def _drop_lapsed(self, before: datetime) -> None:
        """Forget what was found out about private repositories that have had no plan for long.

        What was withheld stays: it is only a commit's name, and a plan has it linted.
        """
        lapsed = sa.select(repository.c.id).where(
            repository.c.private, repository.c.lapsed_at < before
        )
        for table in OF_REPOSITORY:
            of_lapsed = table.c.repository_id.in_(lapsed)
            if table is lint_run:
                decided = lint_run.c.conclusion.is_not(None)
                self._execute(table.delete().where(of_lapsed, decided, ~lint_run.c.withheld))
            elif table not in {alias, branch_head, badge_token}:
                self._execute(table.delete().where(of_lapsed))

    def _rows(self, query: sa.Select[*tuple[Any, ...]]) -> list[Row]:
        with self._database.read() as connection:
            return list(connection.execute(query).all())

    def _execute(self, statement: sa.Executable) -> None:
        with self._database.write() as connection:
            connection.execute(statement)


def _is_head(repository_id: sa.Column[Any], sha: sa.Column[Any]) -> sa.Exists:
    """Tell whether something is of a branch's newest commit."""
    return (
        sa.exists()
        .where(branch_head.c.repository_id == repository_id)
        .where(branch_head.c.sha == sha)
    )


def _drop_findings(before: datetime) -> sa.Update:
    """Forget the findings of old lint runs, but not those of a branch's head."""
    return (
        lint_run.update()
        .where(lint_run.c.received_at < before, lint_run.c.judgement.is_not(None))
        .where(~_is_head(lint_run.c.repository_id, lint_run.c.head_sha))
        .values(judgement=None)
    )


def _drop_history(account_id: AccountId, before: datetime) -> sa.Delete:
    """Forget old lint runs of an account's private repositories, but not those of heads.

    Where no plan covers a repository, all of it goes later, and nothing before.
    """
    mine = sa.select(repository.c.id).where(
        repository.c.account_id == account_id,
        repository.c.private,
        repository.c.lapsed_at.is_(None),
    )
    return lint_run.delete().where(
        lint_run.c.repository_id.in_(mine),
        lint_run.c.received_at < before,
        lint_run.c.conclusion.is_not(None),
        ~_is_head(lint_run.c.repository_id, lint_run.c.head_sha),
    )


def _drop_excerpts(before: datetime) -> sa.Delete:
    """Forget the source beside old findings, but not that of a branch's head."""
    is_head = _is_head(excerpt.c.repository_id, excerpt.c.sha)
    return excerpt.delete().where(excerpt.c.saved_at < before, ~is_head)
