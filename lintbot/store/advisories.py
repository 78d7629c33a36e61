"""Shell: which advisories were known when, and what is told of new ones (``KnownAdvisories``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import sqlalchemy as sa

from lintbot.model.package import PackageEvent
from lintbot.ports import Clock
from lintbot.store.database import Database
from lintbot.store.packages import event_to_row, is_watched
from lintbot.store.statements import insert
from lintbot.store.trust_tables import advisory, package, package_event, trust, watched

_BATCH = 500
_T = TypeVar("_T")


class StoredAdvisories:
    """Implements ``ports.KnownAdvisories`` on a database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def load(self) -> set[tuple[str, str]]:
        """Return name and id of every advisory that was known."""
        with self._database.read() as connection:
            return {(row.name, row.id) for row in connection.execute(advisory.select())}

    def learn(
        self, learned: Sequence[tuple[str, str]], events: Iterable[PackageEvent]
    ) -> tuple[PackageEvent, ...]:
        """Store what is known now; of several workers, the one that is first with it tells it.

        Reports that rest on what is told become due.
        """
        with self._database.write() as connection:
            ours: set[tuple[str, str]] = set()
            for pairs in _batches(learned):
                ours.update(self._add(connection, pairs))
            candidates = [it for it in events if (it.name, it.advisory) in ours]
            names: set[str] = set()
            for some in _batches(sorted({it.name for it in candidates})):
                names.update(connection.execute(_watched_among(some)).scalars())
            told = tuple(it for it in candidates if it.name in names)
            if told:
                connection.execute(package_event.insert(), [event_to_row(it) for it in told])
            for some in _batches(sorted(names)):
                whose = sa.select(watched.c.repository_id).where(watched.c.name.in_(some))
                due = trust.update().where(trust.c.repository_id.in_(whose))
                connection.execute(due.values(due_at=self._clock.now()))
        return told

    def _add(
        self, connection: sa.Connection, pairs: Iterable[tuple[str, str]]
    ) -> list[tuple[str, str]]:
        """Add rows and return which of them are new. Sorted, so that no two workers block."""
        change = (
            insert(advisory, self._database)
            .values([{"name": name, "id": identifier} for name, identifier in pairs])
            .on_conflict_do_nothing()
            .returning(advisory.c.name, advisory.c.id)
        )
        return [(row.name, row.id) for row in connection.execute(change)]


def _batches(whole: Sequence[_T]) -> Iterator[Sequence[_T]]:
    return (whole[at : at + _BATCH] for at in range(0, len(whole), _BATCH))


def _watched_among(names: Iterable[str]) -> sa.Select[str]:
    return sa.select(package.c.name).where(package.c.name.in_(names)).where(is_watched())
