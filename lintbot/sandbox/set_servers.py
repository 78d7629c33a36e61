"""Shell: the servers of prepared tool sets: a few are kept warm, the least recently used ends."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from lintbot.sandbox.servers import Servers

MAX_KEPT = 3
"""Sets with servers that wait for jobs; a warm server holds about 60 MB."""
IDLE_SECONDS = 1800.0
"""A server that waited longer ends: its set may have been removed and made anew meanwhile."""


@dataclass(slots=True)
class _Kept:
    servers: Servers
    borrowers: int = 0
    used_at: float = 0.0


class SetServers:
    """Hands out the servers of a tool set by its key."""

    def __init__(self, make: Callable[[str], Servers]) -> None:
        self._make = make
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    @asynccontextmanager
    async def borrow(self, key: str) -> AsyncIterator[Servers]:
        """Lend a set's servers; they stay at least as long as they are lent."""
        await self._end_idle()
        if key not in self._kept:
            self._kept[key] = _Kept(self._make(key))
        kept = self._kept[key]
        self._kept.move_to_end(key)
        kept.borrowers += 1
        try:
            yield kept.servers
        finally:
            kept.borrowers -= 1
            kept.used_at = time.monotonic()
            await self._end_oldest()

    async def _end_idle(self) -> None:
        now = time.monotonic()
        idle = [key for key, kept in self._kept.items() if not kept.borrowers]
        for key in idle:
            if now - self._kept[key].used_at > IDLE_SECONDS:
                await self._kept.pop(key).servers.close()

    async def _end_oldest(self) -> None:
        idle = [key for key, kept in self._kept.items() if not kept.borrowers]
        for key in idle[: max(0, len(self._kept) - MAX_KEPT)]:
            await self._kept.pop(key).servers.close()

    async def close(self) -> None:
        """End every server."""
        while self._kept:
            _, kept = self._kept.popitem()
            await kept.servers.close()
