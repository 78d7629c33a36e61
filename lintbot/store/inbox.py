"""Shell: a delivery becomes durable: one transaction, all or nothing (``ports.Inbox``)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import sqlalchemy as sa

from lintbot.errors import TransientError
from lintbot.model.events import Delivery, Event
from lintbot.model.intake import Known, Plan
from lintbot.ports import Clock
from lintbot.store.carry_out import Enqueue, RepositoryEvent, Scribe
from lintbot.store.database import Database
from lintbot.store.known import read_known
from lintbot.store.statements import insert, lock_repository
from lintbot.store.tables import delivery as delivery_table


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
            seen = not self._remember(connection, delivery)
            self._lock(connection, delivery.event)
            plan = decide(replace(read_known(connection, delivery.event), seen=seen))
            if seen and not plan.needs_work:
                return None
            scribe = Scribe(
                connection=connection,
                database=self._database,
                enqueue=self._enqueue,
                delivery_id=delivery.id,
                now=self._clock.now(),
            )
            scribe.carry_out(plan, delivery.event)
            return plan

    def _remember(self, connection: sa.Connection, delivery: Delivery) -> bool:
        """Store the delivery's id; tell whether it is new."""
        statement = (
            insert(delivery_table, self._database)
            .values(id=delivery.id, event=delivery.name, received_at=self._clock.now())
            .on_conflict_do_nothing()
            .returning(delivery_table.c.id)
        )
        return connection.execute(statement).first() is not None

    def _lock(self, connection: sa.Connection, event: Event) -> None:
        """Let one delivery of a repository decide at a time."""
        if isinstance(event, RepositoryEvent):
            lock_repository(connection, self._database, event.repository.id)
