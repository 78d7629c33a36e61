"""Shell: what ``lintbot admin`` is made of."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Final

from lintbot.errors import UserError
from lintbot.jobs.client import QueueClient
from lintbot.model.erasure import Erasure, Holding
from lintbot.settings import Settings
from lintbot.store.backup import back_up, restore
from lintbot.store.erasure import StoredErasure
from lintbot.wiring.disk import Disk
from lintbot.wiring.parts import make_folders, make_memories, make_trees, open_database
from lintbot.wiring.server import migrate_all

TRIES: Final = 30
"""Once a second: jobs that are stopped let go of their folders, and may still write a row."""


def forget_account(settings: Settings, account: str) -> Erasure:
    """Delete everything about an account: jobs, rows, and the code on this machine.

    Raises:
        UserError: nobody of that name or number is known.
        TransientError: the database is out of reach or busy; run it again.
    """
    folders = make_folders(settings)
    disks = (make_trees(settings, folders), make_memories(settings, folders))
    with open_database(settings) as database:
        store = StoredErasure(database)
        holding = store.find(account)
        if holding is None or not store.count(holding):
            raise UserError(f"nothing is stored about {account}: give a login or a numeric id")
        queue = QueueClient(settings.database_url)
        try:
            jobs = queue.forget(holding)
        finally:
            queue.destroy()
        erasure = Erasure(holding=holding, rows={}, jobs=jobs)
        for attempt in range(TRIES):
            erasure = _delete(erasure, store, disks)
            if erasure.complete:
                break
            time.sleep(1.0 if attempt + 1 < TRIES else 0.0)
        database.compact()
        return erasure


def back_up_database(settings: Settings, copy: Path) -> int:
    """Copy the SQLite database while lintbot runs; return the copy's size in bytes.

    Raises:
        UserError: it is PostgreSQL, or the copy cannot be made.
        TransientError: the database is busy all the time.
    """
    return back_up(_sqlite_file(settings, "pg_dump"), copy)


def restore_database(settings: Settings, copy: Path) -> None:
    """Put a backup in the SQLite database's place, and bring its schema up to date.

    Raises:
        UserError: it is PostgreSQL, or the file is no backup.
        TransientError: somebody uses the database.
    """
    restore(copy, _sqlite_file(settings, "pg_restore"))
    migrate_all(settings)


def _sqlite_file(settings: Settings, program: str) -> Path:
    address = settings.database_url
    if not address.startswith("sqlite:///"):
        raise UserError(
            f"this is for SQLite; of PostgreSQL `{program}` does it: docs/self-hosting.md"
        )
    return Path(address.removeprefix("sqlite:///"))


def _delete(erasure: Erasure, store: StoredErasure, disks: tuple[Disk, ...]) -> Erasure:
    """Delete what there is now, and look again."""
    holding = erasure.holding
    rows = Counter(erasure.rows) + Counter(store.delete(holding))
    there = _count_folders(holding, disks)
    for disk in disks:
        disk.forget(holding.repositories)
    left = _count_folders(holding, disks)
    return replace(
        erasure,
        rows=dict(rows),
        left=store.count(holding),
        folders=erasure.folders + there - left,
        folders_left=left,
    )


def _count_folders(holding: Holding, disks: tuple[Disk, ...]) -> int:
    mine = frozenset(holding.repositories)
    return sum(len(disk.list_repositories() & mine) for disk in disks)
