"""Shell: what ``lintbot admin`` is made of."""

from __future__ import annotations

from dataclasses import replace

from lintbot.errors import UserError
from lintbot.jobs.client import QueueClient
from lintbot.model.erasure import Erasure
from lintbot.settings import Settings
from lintbot.store.erasure import StoredErasure
from lintbot.wiring.disk import Disk
from lintbot.wiring.parts import make_folders, make_memories, make_trees, open_database


def forget_account(settings: Settings, account: str) -> Erasure:
    """Delete everything about an account: jobs, rows, and the code on this machine.

    Raises:
        UserError: nobody of that name or number is known.
        TransientError: the database is out of reach or busy; run it again.
    """
    folders = make_folders(settings)
    disks: tuple[Disk, ...] = (make_trees(settings, folders), make_memories(settings, folders))
    with open_database(settings) as database:
        store = StoredErasure(database)
        holding = store.find(account)
        if holding is None or not (store.count(holding) or holding.repositories):
            raise UserError(f"nothing is stored about {account}: give a login or a numeric id")
        queue = QueueClient(settings.database_url)
        try:
            jobs = queue.forget(holding)
        finally:
            queue.destroy()
        erasure = Erasure(holding=holding, rows=store.delete(holding), jobs=jobs)
        mine = frozenset(holding.repositories)
        there = [disk.list_repositories() & mine for disk in disks]
        for disk in disks:
            disk.forget(mine)
        left = sum(len(disk.list_repositories() & mine) for disk in disks)
        return replace(
            erasure,
            left=store.count(holding),
            folders=sum(map(len, there)) - left,
            folders_left=left,
        )
