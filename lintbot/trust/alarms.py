"""Shell: looks at a checkout's requirements while its commit is linted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from lintbot.model.requirement import DependencyAlarm
from lintbot.ports import Checkout

FindAlarms = Callable[[Checkout, bool], Awaitable[tuple[DependencyAlarm, ...]]]
"""Tell within seconds, and without raising, what is alarming about a checkout's requirements; the
flag: they are a private repository's."""
Beside = Callable[[Checkout], AbstractAsyncContextManager[None]]
"""Does something with a checkout while the context lasts."""


def nothing_beside(_: Checkout) -> AbstractAsyncContextManager[None]:
    """Do nothing beside."""
    return nullcontext()


class AlarmLook:
    """One look at the requirements of one commit; ``found`` once its context has ended."""

    def __init__(self, find: FindAlarms, *, private: bool) -> None:
        self.found: tuple[DependencyAlarm, ...] = ()
        self._find = find
        self._private = private

    @asynccontextmanager
    async def beside(self, checkout: Checkout) -> AsyncIterator[None]:
        """Look while the context lasts, and wait for what is found in its end."""
        looking = asyncio.ensure_future(self._find(checkout, self._private))
        try:
            yield
        finally:
            self.found = await looking
