"""A way to PostgreSQL that can be cut, while the server goes on for everybody else."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy import make_url

from tests.support.app import find_port

SOCKET = "/var/run/postgresql/.s.PGSQL.5432"


@dataclass
class Proxy:
    """Passes bytes on from a port of this machine."""

    server: str
    port: int
    url: str = ""
    _listener: asyncio.Server | None = None
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def mend(self) -> None:
        """Let connections in."""
        self._listener = await asyncio.start_server(self._pass_on, "127.0.0.1", self.port)

    async def cut(self) -> None:
        """Break every connection, and let no new one in."""
        if self._listener is not None:
            self._listener.close()
        for writer in tuple(self._writers):
            writer.transport.abort()
        await asyncio.gather(*self._tasks)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        other_reader, other_writer = await self._connect()
        self._writers |= {writer, other_writer}
        try:
            await asyncio.gather(_copy(reader, other_writer), _copy(other_reader, writer))
        finally:
            self._writers -= {writer, other_writer}
            self._tasks.discard(task)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        server = make_url(self.server)
        if server.host is None or server.host.startswith("/"):
            return await asyncio.open_unix_connection(SOCKET)
        return await asyncio.open_connection(server.host, server.port or 5432)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(2**16):
            writer.write(data)
            await writer.drain()
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


@asynccontextmanager
async def open_proxy(database_url: str) -> AsyncIterator[Proxy]:
    """Open a way to a database; ``url`` is its address by that way."""
    port = find_port()
    way = make_url(database_url).set(host="127.0.0.1", port=port)
    proxy = Proxy(database_url, port, way.render_as_string(hide_password=False))
    await proxy.mend()
    try:
        yield proxy
    finally:
        await proxy.cut()
