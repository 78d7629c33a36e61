"""Shell: what accounts have bought (``ports.Plans``)."""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa

from lintbot.model.ids import AccountId, LintRunId, RepositoryId
from lintbot.model.plans import PlanState, Subscription
from lintbot.model.repository import InstallationState, Repository
from lintbot.ports import WithheldRun
from lintbot.store.database import Database
from lintbot.store.rows import Row, row_to_repository, row_to_target
from lintbot.store.statements import insert
from lintbot.store.tables import account_plan, branch_head, installation, lint_run, repository

# Made where one thread imports the module, see rows.py.
_SUBSCRIPTION = msgspec.json.Decoder(Subscription)

_WITHHELD = (
    lint_run.join(repository, repository.c.id == lint_run.c.repository_id)
    .join(installation, installation.c.id == repository.c.installation_id)
    .join(
        branch_head,
        sa.and_(
            branch_head.c.repository_id == lint_run.c.repository_id,
            branch_head.c.sha == lint_run.c.head_sha,
        ),
    )
)
"""Lint runs whose commit still is the head of a branch."""
_newer = lint_run.alias()
_UNTRIED = sa.and_(
    lint_run.c.withheld,
    repository.c.removed_at.is_(None),
    installation.c.state == InstallationState.ACTIVE.value,
    ~sa.exists().where(
        _newer.c.repository_id == lint_run.c.repository_id,
        _newer.c.head_sha == lint_run.c.head_sha,
        _newer.c.attempt > lint_run.c.attempt,
    ),
)
"""Of those, the ones that were withheld, and that nobody has had linted since."""


_IN_REACH = sa.and_(repository.c.private, repository.c.removed_at.is_(None))


class StoredPlans:
    """Implements ``ports.Plans`` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, account_id: AccountId) -> PlanState | None:
        """Return what is known; None if the biller was never asked about this account."""
        query = sa.select(account_plan).where(account_plan.c.account_id == account_id)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return _row_to_state(row) if row is not None else None

    def save(self, state: PlanState) -> None:
        """Remember what the biller told, unless it was asked again since."""
        told = state.subscription
        values = {
            "subscription": msgspec.json.encode(told).decode() if told is not None else None,
            "plan_since": state.plan_since,
            "ended_at": state.ended_at,
            "read_at": state.read_at,
        }
        row = insert(account_plan, self._database).values(account_id=state.account_id, **values)
        with self._database.write() as connection:
            connection.execute(
                row.on_conflict_do_update(
                    index_elements=["account_id"],
                    set_=values,
                    where=account_plan.c.read_at <= row.excluded.read_at,
                )
            )

    def find_accounts(self) -> tuple[AccountId, ...]:
        """Return the accounts that have a plan, as far as is known, or that need one."""
        paying = sa.select(account_plan.c.account_id).where(
            account_plan.c.subscription.is_not(None), account_plan.c.ended_at.is_(None)
        )
        needing = sa.select(repository.c.account_id).where(_IN_REACH)
        waiting = sa.select(repository.c.account_id).select_from(_WITHHELD).where(_UNTRIED)
        with self._database.read() as connection:
            found = connection.execute(sa.union(paying, needing, waiting)).scalars()
            return tuple(sorted(map(AccountId, found)))

    def load_repository(self, repository_id: RepositoryId) -> Repository | None:
        """Return a repository; None if it was never heard of."""
        query = sa.select(repository).where(repository.c.id == repository_id)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return row_to_repository(row) if row is not None else None

    def rank(self, repository_: Repository) -> int:
        """Return how many private repositories of its account come before it, by their ids."""
        query = sa.select(sa.func.count()).where(
            repository.c.account_id == repository_.account.id,
            repository.c.private,
            repository.c.removed_at.is_(None),
            repository.c.id < repository_.id,
        )
        with self._database.read() as connection:
            return connection.execute(query).scalar_one()

    def find_withheld(self, account_id: AccountId) -> tuple[WithheldRun, ...]:
        """Return the heads of branches that were not linted for want of a plan."""
        query = (
            sa.select(lint_run.c.run_id, lint_run.c.received_at, repository)
            .distinct()
            .select_from(_WITHHELD)
            .where(_UNTRIED, repository.c.account_id == account_id)
            .order_by(lint_run.c.received_at)
        )
        with self._database.read() as connection:
            return tuple(map(_row_to_withheld, connection.execute(query)))

    def find_private(self, account_id: AccountId) -> tuple[Repository, ...]:
        """Return an account's private repositories that are in reach."""
        query = sa.select(repository).where(_IN_REACH, repository.c.account_id == account_id)
        with self._database.read() as connection:
            return tuple(map(row_to_repository, connection.execute(query)))

    def save_lapse(self, repository_id: RepositoryId, since: datetime | None) -> datetime | None:
        """Remember since when no plan covers a private repository; the first answer stays."""
        mine = repository.c.id == repository_id
        change = repository.update().where(mine).values(lapsed_at=since)
        if since is not None:
            change = change.where(repository.c.lapsed_at.is_(None))
        query = sa.select(repository.c.lapsed_at).where(mine)
        with self._database.write() as connection:
            connection.execute(change)
            return connection.execute(query).scalar()

    def save_visibility(self, repository_id: RepositoryId, *, private: bool) -> None:
        """Remember whether GitHub shows a repository to everybody: its webhook may be lost.

        A public one needs no plan: so what was said before of having none is over.
        """
        change = repository.update().where(repository.c.id == repository_id).values(private=private)
        with self._database.write() as connection:
            connection.execute(change if private else change.values(lapsed_at=None))


def _row_to_state(row: Row) -> PlanState:
    told = row.subscription
    return PlanState(
        account_id=AccountId(row.account_id),
        subscription=_SUBSCRIPTION.decode(told) if told is not None else None,
        plan_since=row.plan_since,
        ended_at=row.ended_at,
        read_at=row.read_at,
    )


def _row_to_withheld(row: Row) -> WithheldRun:
    return WithheldRun(
        run_id=LintRunId(row.run_id), target=row_to_target(row), repository=row_to_repository(row)
    )
