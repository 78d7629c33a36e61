"""Shell: what recovery remembers (``ports.RecoveryBook``)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import sqlalchemy as sa

from lintbot.model.ids import AccountId, DeliveryId, InstallationId, RepositoryId, Sha
from lintbot.model.recovery import (
    MAX_REDELIVERIES,
    KnownHeads,
    LoggedDelivery,
    wait_before_next,
)
from lintbot.model.repository import Account, Installation, InstallationState
from lintbot.ports import Clock
from lintbot.store.database import Database
from lintbot.store.rows import Row
from lintbot.store.statements import insert, lock_repository
from lintbot.store.tables import (
    branch_head,
    chore,
    installation,
    lint_run,
    missed_delivery,
    repository,
)

START_OF_TIME: Final = datetime.fromtimestamp(0, UTC)
AT_ONCE: Final = 50
"""Redeliveries asked for in one round, so that a long outage does not come back as a flood."""


class StoredRecovery:
    """Implements ``ports.RecoveryBook`` on a database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def claim(self, name: str, every: timedelta) -> datetime | None:
        """Take a chore if it is due; only one process gets it."""
        now = self._clock.now()
        taken = (
            insert(chore, self._database)
            .values(name=name, claimed_at=now)
            .on_conflict_do_update(
                index_elements=["name"],
                set_={"claimed_at": now},
                where=chore.c.claimed_at <= now - every,
            )
            .returning(chore.c.finished_at)
        )
        with self._database.write() as connection:
            row = connection.execute(taken).first()
        return None if row is None else row.finished_at or START_OF_TIME

    def finish(self, name: str, begun_at: datetime) -> None:
        """Note that what was begun then is done."""
        done = chore.update().where(chore.c.name == name).values(finished_at=begun_at)
        with self._database.write() as connection:
            connection.execute(done)

    def note_deliveries(
        self, missed: Collection[LoggedDelivery], received: Collection[DeliveryId]
    ) -> None:
        """Remember deliveries that did not reach us, and which of them have by now."""
        now = self._clock.now()
        table = missed_delivery.c
        with self._database.write() as connection:
            for it in missed:
                row = {"id": it.guid, "attempt": it.id, "event": it.event, "found_at": now}
                statement = insert(missed_delivery, self._database).values(
                    **row, delivered_at=it.delivered_at, redeliveries=0, due_at=now
                )
                connection.execute(
                    statement.on_conflict_do_update(index_elements=["id"], set_={"attempt": it.id})
                )
            known = sa.select(table.id).where(table.recovered_at.is_(None))
            back = [id_ for id_ in connection.execute(known).scalars() if id_ in received]
            change = missed_delivery.update().where(table.id.in_(back))
            connection.execute(change.values(recovered_at=now))

    def take_due(self) -> tuple[int, ...]:
        """Return which attempts to ask for once more now; each asking waits longer."""
        now = self._clock.now()
        table = missed_delivery.c
        due = (
            sa.select(table.id, table.attempt, table.redeliveries)
            .where(table.recovered_at.is_(None), table.due_at <= now)
            .where(table.redeliveries < MAX_REDELIVERIES)
            .order_by(table.delivered_at)
            .limit(AT_ONCE)
        )
        with self._database.write() as connection:
            rows = connection.execute(due).all()
            for row in rows:
                change = missed_delivery.update().where(table.id == row.id)
                times = row.redeliveries + 1
                connection.execute(
                    change.values(
                        redeliveries=times, due_at=now + wait_before_next(row.redeliveries)
                    )
                )
        return tuple(row.attempt for row in rows)

    def load_installation(self, id_: InstallationId) -> Installation | None:
        """Return an installation."""
        with self._database.read() as connection:
            query = installation.select().where(installation.c.id == id_)
            row = connection.execute(query).first()
        return _installation(row) if row is not None else None

    def list_installations(self) -> tuple[Installation, ...]:
        """Return every installation that was not deleted."""
        gone = InstallationState.DELETED.value
        with self._database.read() as connection:
            query = installation.select().where(installation.c.state != gone)
            return tuple(_installation(row) for row in connection.execute(query))

    def list_repositories(self, id_: InstallationId) -> frozenset[RepositoryId]:
        """Return the repositories that are thought to be in an installation's reach."""
        query = sa.select(repository.c.id).where(
            repository.c.installation_id == id_, repository.c.removed_at.is_(None)
        )
        with self._database.read() as connection:
            return frozenset(map(RepositoryId, connection.execute(query).scalars()))

    def load_heads(self, id_: RepositoryId) -> KnownHeads:
        """Return where branches and pull requests of a repository are thought to be."""
        heads = branch_head.select().where(branch_head.c.repository_id == id_)
        compared = sa.select(repository.c.compared_at, repository.c.pushed_at)
        with self._database.read() as connection:
            known = {row.branch: Sha(row.sha) for row in connection.execute(heads)}
            row = connection.execute(compared.where(repository.c.id == id_)).first()
        if row is None:
            return KnownHeads(heads=known)
        return KnownHeads(heads=known, compared_at=row.compared_at, pushed_at=row.pushed_at)

    def find_linted(self, id_: RepositoryId, shas: Collection[Sha]) -> Mapping[Sha, bool]:
        """Return those commits that have lint runs, and whether one is of a pull request."""
        query = (
            sa.select(lint_run.c.head_sha, sa.func.count(lint_run.c.pull_number).label("pulls"))
            .where(lint_run.c.repository_id == id_, lint_run.c.head_sha.in_(sorted(set(shas))))
            .group_by(lint_run.c.head_sha)
        )
        with self._database.read() as connection:
            return {Sha(row.head_sha): row.pulls > 0 for row in connection.execute(query)}

    def set_compared(
        self, id_: RepositoryId, pushed_at: datetime | None, heads: Mapping[str, Sha]
    ) -> None:
        """Remember that a repository was compared, and heads of which nothing was known."""
        facts = {"compared_at": self._clock.now(), "pushed_at": pushed_at}
        rows = [
            {"repository_id": id_, "branch": branch, "sha": sha} for branch, sha in heads.items()
        ]
        with self._database.write() as connection:
            lock_repository(connection, self._database, id_)
            connection.execute(repository.update().where(repository.c.id == id_).values(**facts))
            if rows:
                unknown = insert(branch_head, self._database).on_conflict_do_nothing()
                connection.execute(unknown, rows)


def _installation(row: Row) -> Installation:
    return Installation(
        id=InstallationId(row.id),
        account=Account(id=AccountId(row.account_id), login=row.login),
        state=InstallationState(row.state),
    )
