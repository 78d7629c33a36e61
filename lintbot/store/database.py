"""Shell: one database, SQLite or PostgreSQL, with the same code."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from lintbot.errors import TransientError

BUSY_TIMEOUT_MS = 10_000
"""How long SQLite waits for another writer before it gives up."""
SHORT_WAIT_MS = 8
"""SQLite sleeps 1, 2, 5, … up to 100 ms while another writes. Asked anew after this, it never
sleeps longer than 5 ms, so that a webhook does not wait long after its turn has come."""
CONNECT_TIMEOUT_SECONDS = 5
POOL_SIZE = 5

_PRIMARY_CODE = 0xFF
"""SQLite's extended codes hold the primary one in the low byte: https://sqlite.org/rescode.html"""
_WRITES = "lintbot_writes"


class Database:
    """A pool of connections. Loss of the database is a TransientError, whatever the driver.

    Args:
        url: ``sqlite:///FILE`` or ``postgresql://…``.
    """

    def __init__(self, url: str) -> None:
        self._engine = make_engine(url)
        self._writer = self._engine.execution_options(**{_WRITES: True})
        # SQLite lets writers wait by sleeping longer and longer, so the last one in may be the
        # first one out. A lock is fair, at least among the threads of this process.
        self._turn = nullcontext() if self.is_postgres else threading.Lock()

    @property
    def is_postgres(self) -> bool:
        """Whether this is PostgreSQL, where rows and keys are locked one by one."""
        return self._engine.dialect.name == "postgresql"

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Open a transaction that only reads.

        Raises:
            TransientError: the database is out of reach.
        """
        with _translated(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Open a transaction that writes; on SQLite it is the only writer from its start.

        Raises:
            TransientError: the database is out of reach or busy; nothing is stored.
        """
        with self._turn, _translated(), self._writer.begin() as connection:
            yield connection

    def ping(self) -> None:
        """Ask the database for a sign of life.

        Raises:
            TransientError: there was none.
        """
        with self.read() as connection:
            connection.execute(sa.text("SELECT 1"))

    def compact(self) -> None:
        """Let no page keep what was deleted: SQLite's file is written anew.

        Raises:
            TransientError: somebody reads or writes all the time.
        """
        with _translated():
            raw = self._engine.raw_connection()
            try:
                driver: Any = raw.driver_connection
                if self.is_postgres:
                    driver.autocommit = True
                driver.execute("VACUUM")
                if not self.is_postgres:
                    driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except sqlite3.OperationalError as error:
                raise TransientError(f"the database is busy: {error}") from error
            finally:
                raw.invalidate()

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def make_engine(url: str, *, pool_size: int = POOL_SIZE) -> sa.Engine:
    """Return an engine with the settings that durability asks for.

    SQLite: write-ahead log and ``synchronous=FULL``, so that what was committed survives a
    power cut (https://sqlite.org/pragma.html#pragma_synchronous), and our own BEGIN, because
    the driver's would let two readers turn into writers and fail.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        Path(parsed.database or "").absolute().parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(parsed, pool_size=pool_size, max_overflow=pool_size)
        sa.event.listen(engine, "connect", _set_up_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return engine
    return sa.create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        pool_timeout=CONNECT_TIMEOUT_SECONDS,
        connect_args={"connect_timeout": CONNECT_TIMEOUT_SECONDS},
    )


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # BEGIN and COMMIT are ours, see _begin_sqlite
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    if not connection.get_execution_options().get(_WRITES, False):
        connection.exec_driver_sql("BEGIN")
        return
    driver: Any = connection.connection.driver_connection
    deadline = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    driver.execute(f"PRAGMA busy_timeout={SHORT_WAIT_MS}")
    try:
        while not _begin_writing(driver):
            if time.monotonic() > deadline:
                connection.exec_driver_sql("BEGIN IMMEDIATE")  # the last try: its error is told
                return
    finally:
        driver.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")


def _begin_writing(driver: sqlite3.Connection) -> bool:
    """Become the writer; tell whether it was our turn within the short wait."""
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & _PRIMARY_CODE != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


@contextmanager
def _translated() -> Iterator[None]:
    """Tell trouble with the database from mistakes in a statement."""
    try:
        yield
    except sa.exc.TimeoutError as error:
        raise TransientError("every connection to the database is busy") from error
    except sa.exc.DBAPIError as error:
        if not _is_trouble(error):
            raise
        first_line = str(error).partition("\n")[0][:200]
        raise TransientError(f"the database is out of reach: {first_line}") from error


def _is_trouble(error: sa.exc.DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.Error):
        # The driver calls a missing table "operational" too, though waiting will not mend it.
        code = getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        return code & _PRIMARY_CODE not in {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT}
    connection_lost = error.connection_invalidated
    return connection_lost or isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError)
