"""Shell: one stream of a job, read up to a limit and no further."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

_DRAIN_SECONDS = 0.5


class BoundedStream(asyncio.Protocol):
    """Keeps the first bytes of a pipe; tells when there are more, and then reads no more.

    Attributes:
        truncated: more came than was kept.
    """

    def __init__(self, limit_bytes: int, on_overflow: Callable[[], None]) -> None:
        self._limit_bytes = limit_bytes
        self._on_overflow = on_overflow
        self._kept = bytearray()
        self._closed = asyncio.Event()
        self._transport: asyncio.BaseTransport | None = None
        self.truncated = False

    async def open(self) -> int:
        """Start reading; return the descriptor to write to, which the caller closes."""
        reading, writing = os.pipe()
        loop = asyncio.get_running_loop()
        pipe = os.fdopen(reading, "rb", buffering=0)
        self._transport, _ = await loop.connect_read_pipe(lambda: self, pipe)
        return writing

    def data_received(self, data: bytes) -> None:
        """Keep what fits."""
        room = self._limit_bytes - len(self._kept)
        self._kept += data[:room]
        if len(data) > room:
            self.truncated = True
            self.close()
            self._on_overflow()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        """Note that nobody writes any more, or that reading was stopped."""
        self._closed.set()

    async def finish(self) -> bytes:
        """Return what was kept, once the writer is gone; a pipe that is held is not waited for."""
        try:
            async with asyncio.timeout(_DRAIN_SECONDS):
                await self._closed.wait()
        except TimeoutError:
            self.close()
        return bytes(self._kept)

    def close(self) -> None:
        """Stop reading."""
        if self._transport is not None:
            self._transport.close()
