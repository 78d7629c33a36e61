"""Shell: a SQLite database, copied while lintbot runs, and put back (``lintbot admin``).

https://sqlite.org/backup.html. PostgreSQL has programs of its own for this.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from lintbot.errors import TransientError, UserError

_PAGES_AT_ONCE: Final = 1000
_WAIT_SECONDS: Final = 10.0


def back_up(database: Path, copy: Path) -> int:
    """Copy a database as it is at one moment; return the copy's size in bytes.

    The copy appears whole or not at all, and only its owner may read it.

    Raises:
        UserError: there is no database, the file exists already, or it cannot be written.
        TransientError: the database is busy all the time.
    """
    if not database.is_file():
        raise UserError(f"there is no database at {database}: nothing to back up")
    if copy.exists():
        raise UserError(f"{copy} exists already: give a new name, so that no backup is lost")
    part = copy.with_name(f".{copy.name}.part")
    try:
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        _copy(database, part)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.rename(copy)
    except OSError as error:
        raise UserError(f"{copy} cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
    return copy.stat().st_size


def restore(copy: Path, database: Path) -> None:
    """Put a backup in a database's place; what was there is gone.

    Raises:
        UserError: the file is no whole backup of lintbot.
        TransientError: somebody uses the database: stop lintbot first.
    """
    _check(copy)
    database.parent.mkdir(parents=True, exist_ok=True)
    _copy(copy, database)


def _check(copy: Path) -> None:
    try:
        with _opened(copy, "ro") as connection:
            (sound,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema")}
    except sqlite3.Error as error:
        raise UserError(f"{copy} is not a backup of lintbot: {error}") from error
    if sound != "ok" or not {"lintbot_schema", "lint_run"} <= tables:
        raise UserError(f"{copy} is not a whole backup of lintbot")


def _copy(source: Path, target: Path) -> None:
    try:
        with _opened(source, "ro") as old, _opened(target, "rwc") as new:
            old.backup(new, pages=_PAGES_AT_ONCE)
            new.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
    except sqlite3.OperationalError as error:
        raise TransientError(f"the database is in use, stop lintbot first: {error}") from error


@contextmanager
def _opened(file: Path, mode: str) -> Iterator[sqlite3.Connection]:
    address = f"{file.absolute().as_uri()}?mode={mode}"
    with closing(sqlite3.connect(address, uri=True, timeout=_WAIT_SECONDS)) as connection:
        yield connection
