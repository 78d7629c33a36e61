"""Shell: what ``lintbot admin`` is made of."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from typing import Final

from lintbot.errors import UserError
from lintbot.jobs.client import QueueClient
from lintbot.model.erasure import Erasure, Holding
from lintbot.settings import Settings
from lintbot.store.erasure import StoredErasure
from lintbot.wiring.disk import Disk
from lintbot.wiring.parts import make_folders, make_memories, make_trees, open_database

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
