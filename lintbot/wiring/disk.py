"""Shell: what of repositories' code lies on this machine, and when it goes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Protocol

from lintbot.errors import TransientError
from lintbot.model.ids import RepositoryId
from lintbot.store.backlog import StoredBacklog

FORGET_EVERY_SECONDS = 2.0
"""How soon the code of a repository that left our reach is gone from this machine's disk."""


class Disk(Protocol):
    """A folder that holds code of repositories. All calls block."""

    def list_repositories(self) -> frozenset[RepositoryId]:
        """Return of which repositories there is code."""
        ...

    def forget(self, ids: Iterable[RepositoryId]) -> None:
        """Remove what there is of some repositories."""
        ...

    def prune(self) -> None:
        """Remove what is unused for long, and the least used until all fits."""
        ...


async def forget_code(disks: tuple[Disk, ...], backlog: StoredBacklog) -> None:
    """Remove code that is out of reach, for ever. Each machine looks after its own disk."""
    while True:
        for disk in disks:
            with suppress(OSError, TransientError):  # else the next time
                there = await asyncio.to_thread(disk.list_repositories)
                gone = await asyncio.to_thread(backlog.find_unreachable, there)
                await asyncio.to_thread(disk.forget, gone)
        await asyncio.sleep(FORGET_EVERY_SECONDS)


async def prune(disks: tuple[Disk, ...]) -> None:
    """Make room on this machine's disk."""
    for disk in disks:
        with suppress(OSError):
            await asyncio.to_thread(disk.prune)
