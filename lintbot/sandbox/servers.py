"""Shell: lends each job its server: one warm server for hundreds of jobs, or a fresh one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from lintbot.errors import SandboxUnavailableError
from lintbot.sandbox.job_server import JobServer
from lintbot.sandbox.launch import Launcher

JOBS_PER_SERVER = 300
"""Then a new one takes over, so that nothing can build up."""

Check = Callable[[JobServer], Awaitable[None]]
"""Raises SandboxUnavailableError if a server does not hold."""

STARTS = 3
"""So many failed starts in a row mean that the sandbox does not hold here any more."""


class Servers(Protocol):
    """Where jobs get their server from."""

    def lend(self, root: Path) -> AbstractAsyncContextManager[JobServer]:
        """Lend a server that shows this checkout.

        Raises:
            SandboxUnavailableError: none can be started.
        """
        ...

    async def check(self) -> None:
        """Self-test a server as jobs get it.

        Raises:
            SandboxUnavailableError: it cannot be started, or it does not hold.
        """
        ...

    async def close(self) -> None:
        """End every server."""
        ...


class FreshServers:
    """A server of its own for each job, which sees that job's checkout only."""

    def __init__(self, launcher: Launcher, *, check: Check) -> None:
        self._launcher = launcher
        self._check = check

    @asynccontextmanager
    async def lend(self, root: Path) -> AsyncIterator[JobServer]:
        """Start a server, end it after the job."""
        server = await self._launcher.start(root)
        try:
            yield server
        finally:
            await server.close()

    async def check(self) -> None:
        """Self-test a fresh server."""
        async with self.lend(self._launcher.checkouts) as server:
            await self._check(server)

    async def close(self) -> None:
        """Nothing outlives its job."""


class SharedServers:
    """One server at a time; a used or broken one is replaced."""

    def __init__(self, launcher: Launcher, *, check: Check, jobs_per_server: int) -> None:
        self._launcher = launcher
        self._jobs_per_server = jobs_per_server
        self._check = check
        self._lock = asyncio.Lock()
        self._current: JobServer | None = None
        self._retired: set[JobServer] = set()

    @asynccontextmanager
    async def lend(self, root: Path) -> AsyncIterator[JobServer]:  # noqa: ARG002  # it shows them all
        """Lend the current server."""
        async with self._lock:
            server = await self._renew()
            server.lent += 1
        try:
            yield server
        finally:
            server.lent -= 1
            await self._bury()

    async def _renew(self) -> JobServer:
        """Return a server that can take a job."""
        server = self._current
        if server is not None and not server.gone and server.started_jobs < self._jobs_per_server:
            return server
        if server is not None:
            self._retired.add(server)
            self._current = None
            await self._bury()
        self._current = await self._start()
        return self._current

    async def _start(self) -> JobServer:
        for _ in range(STARTS - 1):
            with suppress(SandboxUnavailableError):
                return await self._start_once()
        return await self._start_once()

    async def _start_once(self) -> JobServer:
        server = await self._launcher.start()
        try:
            await self._check(server)
        except BaseException:
            await server.close()
            raise
        return server

    async def _bury(self) -> None:
        """End retired servers that have no job left."""
        idle = {server for server in self._retired if not server.lent}
        self._retired -= idle
        for server in idle:
            await server.close()

    async def check(self) -> None:
        """Self-test the current server; a new one is tested as it starts."""
        fresh = self._current is None
        if fresh:
            await self._rehearse()
        async with self.lend(self._launcher.checkouts) as server:
            if not fresh:
                await self._check(server)

    async def _rehearse(self) -> None:
        """Find out at once, with a server that imports no linters, that a tier does not hold."""
        cold = FreshServers(replace(self._launcher, warm=False), check=self._check)
        for _ in range(STARTS - 1):
            with suppress(SandboxUnavailableError):
                return await cold.check()
        return await cold.check()

    async def close(self) -> None:
        """End every server."""
        if self._current is not None:
            self._retired.add(self._current)
            self._current = None
        while self._retired:
            await self._retired.pop().close()
