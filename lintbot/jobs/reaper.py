"""Shell: workers show that they are alive, and take over the jobs of those that do not.

The open-source engine leaves the jobs of a worker that never returns pending for ever.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

import sqlalchemy as sa

_log = logging.getLogger(__name__)

BEAT_SECONDS = 2.0
DEAD_AFTER_SECONDS = 15.0
"""At least five beats, so that a busy machine is not taken for a dead one."""
FORGET_AFTER_SECONDS = 86_400.0
_PATIENCE_SECONDS = 5

_NOW = {
    "sqlite": "(julianday('now') - 2440587.5) * 86400.0",
    "postgresql": "extract(epoch from clock_timestamp())",
}
"""The database's clock, in seconds since 1970: the workers' own clocks may differ."""


def connect(url: str) -> sa.Engine:
    """Return a pool of one connection, so that nothing else can keep a heartbeat waiting."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        arguments = {"timeout": _PATIENCE_SECONDS, "isolation_level": "IMMEDIATE"}
    else:
        parsed = parsed.set(drivername="postgresql+psycopg")
        arguments = {"connect_timeout": _PATIENCE_SECONDS}
    return sa.create_engine(
        parsed, pool_size=1, max_overflow=0, pool_pre_ping=True, connect_args=arguments
    )


class Heartbeat:
    """The table of executors and when each was last seen.

    Args:
        engine: from :func:`connect`.
    """

    def __init__(self, engine: sa.Engine, executor_id: str) -> None:
        self._engine = engine
        self._executor_id = executor_id
        self._now = _NOW[engine.dialect.name]

    def beat(self) -> None:
        """Show that this worker is alive."""
        self._set_seen(self._now)

    def leave(self) -> None:
        """Let others take over at once."""
        self._set_seen("0")

    def find_dead(self, executor_ids: Iterable[str], dead_after_seconds: float) -> list[str]:
        """Return those executors that nobody saw for so long, never this one."""
        alive = sa.text(f"SELECT id FROM executor WHERE seen > {self._now} - :seconds")  # noqa: S608  constant
        old = sa.text(f"DELETE FROM executor WHERE seen < {self._now} - :seconds")  # noqa: S608  constant
        with self._engine.begin() as connection:
            seen = set(connection.execute(alive, {"seconds": dead_after_seconds}).scalars())
            connection.execute(old, {"seconds": FORGET_AFTER_SECONDS})
        return sorted(set(executor_ids) - seen - {self._executor_id})

    def close(self) -> None:
        """Close the connection."""
        self._engine.dispose()

    def _set_seen(self, expression: str) -> None:
        statement = sa.text(
            f"INSERT INTO executor (id, seen) VALUES (:id, {expression}) "  # noqa: S608  constant
            "ON CONFLICT (id) DO UPDATE SET seen = excluded.seen"
        )
        with self._engine.begin() as connection:
            connection.execute(statement, {"id": self._executor_id})


class Reaper:
    """Beats, finds the dead and takes over.

    Args:
        find_executors: returns the executors of all jobs under way.
        take_over: puts the jobs of these executors back into their queues. Two reapers may do
            it at once: a job that has a new executor is no longer one of these.
    """

    def __init__(
        self,
        heartbeat: Heartbeat,
        find_executors: Callable[[], Iterable[str]],
        take_over: Callable[[list[str]], object],
        dead_after_seconds: float = DEAD_AFTER_SECONDS,
    ) -> None:
        self._heartbeat = heartbeat
        self._find_executors = find_executors
        self._take_over = take_over
        self._dead_after_seconds = dead_after_seconds

    def __call__(self) -> None:
        """Do one round."""
        self._heartbeat.beat()
        dead = self._heartbeat.find_dead(self._find_executors(), self._dead_after_seconds)
        if dead:
            _log.warning("taking over from %s", ", ".join(dead))
            self._take_over(dead)
