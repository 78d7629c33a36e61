"""Shell: a delivery becomes durable: one transaction, all or nothing (``ports.Inbox``)."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from lintbot.errors import TransientError
from lintbot.model.events import Delivery, Event, PlanNotice, RepositoryChanged
from lintbot.model.ids import DeliveryId
from lintbot.model.intake import Known, Plan
from lintbot.ports import Clock
from lintbot.store.carry_out import Enqueue, RepositoryEvent, Scribe
from lintbot.store.database import Database
from lintbot.store.known import read_known
from lintbot.store.statements import insert
from lintbot.store.tables import delivery as delivery_table

_LOCK = 0x11B0
"""The space of our advisory locks; the other half of the key is the repository."""


class StoredInbox:
    """Implements ``ports.Inbox`` on a database."""

    def __init__(self, database: Database, clock: Clock, enqueue: Enqueue) -> None:
        self._database = database
        self._clock = clock
        self._enqueue = enqueue

    def accept(self, delivery: Delivery, decide: Callable[[Known], Plan]) -> Plan | None:
        """In one transaction: remember the delivery, ask ``decide`` and carry the plan out.

        On PostgreSQL one more try follows at once: a connection of the pool may have died,
        two transactions may have met in a deadlock, and GitHub sends a webhook only once.
        """
        try:
            return self._accept(delivery, decide)
        except TransientError:
            if not self._database.is_postgres:
                raise  # it has waited for its turn already
            return self._accept(delivery, decide)

    def _accept(self, delivery: Delivery, decide: Callable[[Known], Plan]) -> Plan | None:
        with self._database.write() as connection:
            if not self._remember(connection, delivery.id, delivery.name):
                return None
            self._lock(connection, delivery.event)
            plan = decide(read_known(connection, delivery.event))
            scribe = Scribe(
                connection=connection,
                database=self._database,
                enqueue=self._enqueue,
                now=self._clock.now(),
            )
            scribe.carry_out(plan, delivery.event)
            self._follow_plan(connection, delivery)
            return plan

    def _follow_plan(self, connection: sa.Connection, delivery: Delivery) -> None:
        """Have linted what was withheld while a repository was private."""
        event = delivery.event
        if isinstance(event, RepositoryChanged) and not event.repository.private:
            owner = event.repository.account.id
            self._enqueue.follow_plan(connection, owner, delivery.id, bought=False)

    def accept_notice(self, notice: PlanNotice) -> bool:
        """In one transaction: remember the delivery and enqueue asking the biller."""
        with self._database.write() as connection:
            new = self._remember(connection, notice.id, "marketplace_purchase")
            if new:
                self._enqueue.follow_plan(
                    connection, notice.account_id, notice.id, bought=notice.bought
                )
            return new

    def _remember(self, connection: sa.Connection, delivery_id: DeliveryId, event: str) -> bool:
        """Store the delivery's id; tell whether it is new."""
        statement = (
            insert(delivery_table, self._database)
            .values(id=delivery_id, event=event, received_at=self._clock.now())
            .on_conflict_do_nothing()
            .returning(delivery_table.c.id)
        )
        return connection.execute(statement).first() is not None

    def _lock(self, connection: sa.Connection, event: Event) -> None:
        """Let one delivery of a repository decide at a time.

        SQLite has one writer anyway. PostgreSQL's advisory lock also covers rows that do not
        exist yet; it goes with the transaction.
        """
        if self._database.is_postgres and isinstance(event, RepositoryEvent):
            key = event.repository.id % 2**31
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK, key)))
