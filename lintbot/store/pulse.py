"""Shell: how lintbot keeps its promises, read from what is stored."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from lintbot.model.lint_run import Conclusion
from lintbot.model.repository import InstallationState
from lintbot.model.service import ServiceFigures, percentile
from lintbot.ports import Clock
from lintbot.store.database import Database
from lintbot.store.tables import installation, lint_run, missed_delivery, repository

DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)
MOST: Final = 10_000
"""Of so many check runs the times are read, the newest ones."""
POSTING: Final = timedelta(minutes=1)
"""A verdict that GitHub does not show after this long hangs."""


class StoredPulse:
    """Reads the service's figures.

    Args:
        timeout_seconds: from delivery to verdict, the deadline.
    """

    def __init__(self, database: Database, clock: Clock, timeout_seconds: float) -> None:
        self._database = database
        self._clock = clock
        self._timeout = timedelta(seconds=timeout_seconds)

    def read(self) -> ServiceFigures:
        """Return the figures. Blocking.

        Raises:
            TransientError: the database is out of reach.
        """
        now = self._clock.now()
        is_open = lint_run.c.conclusion.is_(None)
        overdue = sa.and_(is_open, lint_run.c.received_at < now - self._timeout - POSTING)
        lately = missed_delivery.c.found_at > now - WEEK
        with self._database.read() as connection:
            took = sorted(_read_times(connection, now - DAY))
            return ServiceFigures(
                verdicts=len(took),
                p50_seconds=percentile(took, 0.5),
                p95_seconds=percentile(took, 0.95),
                waiting=_count(connection, sa.select(lint_run.c.run_id).where(is_open)),
                stuck=_count(connection, sa.select(lint_run.c.run_id).where(overdue))
                + _count(connection, _unposted(now - POSTING)),
                missed=_count(connection, sa.select(missed_delivery.c.id).where(lately)),
                recovered=_count(
                    connection,
                    sa.select(missed_delivery.c.id).where(
                        lately, missed_delivery.c.recovered_at.is_not(None)
                    ),
                ),
            )


def _read_times(connection: sa.Connection, since: datetime) -> list[float]:
    query = (
        sa.select(lint_run.c.received_at, lint_run.c.posted_at)
        .where(lint_run.c.posted_at > since)
        .where(lint_run.c.conclusion != Conclusion.CANCELLED.value)
        .order_by(lint_run.c.posted_at.desc())
        .limit(MOST)
    )
    return [(row.posted_at - row.received_at).total_seconds() for row in connection.execute(query)]


def _unposted(before: datetime) -> sa.Select[tuple[str]]:
    return (
        sa.select(lint_run.c.run_id)
        .join(repository, repository.c.id == lint_run.c.repository_id)
        .join(installation, installation.c.id == repository.c.installation_id)
        .where(lint_run.c.conclusion.is_not(None), lint_run.c.posted_at.is_(None))
        .where(lint_run.c.completed_at < before)
        .where(lint_run.c.completed_at > before - DAY)
        .where(repository.c.removed_at.is_(None))
        .where(installation.c.state == InstallationState.ACTIVE.value)
    )


def _count(connection: sa.Connection, query: sa.Select[tuple[str]]) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one()
