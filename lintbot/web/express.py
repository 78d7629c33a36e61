"""Shell: badges from memory without a request object: the lane beside aiohttp's own.

Most requests for badges are alike: one short GET, asked again and again on a connection that is
kept. Such a request is answered as soon as its bytes are there. Whatever is not exactly that, and
what is not in memory, goes to aiohttp as if there were no lane; the answers are the same.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from email.utils import formatdate
from functools import lru_cache
from typing import Final, cast

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

Wire = tuple[bytes, bytes]
"""A whole answer as it goes over the wire, in two parts: between them belongs the date."""
Lane = Callable[[str, str], Wire | None]
"""Give the answer for a target and ``If-None-Match``; None when it is not in memory."""

LANE: Final[web.AppKey[Lane]] = web.AppKey("lane")
BACKLOG = 128
"""Connections that may wait to be accepted, as aiohttp has it."""

_END = b"\r\n\r\n"
_ASKED = re.compile(rb"GET (/badge/[!-~]+) HTTP/1\.1\r\n")
_TAGS = re.compile(rb"\r\n[Ii]f-[Nn]one-[Mm]atch: ?([ !-~]*)\r\n")
_UNUSUAL = re.compile(
    rb"\r\n(?:connection|content-length|transfer-encoding|upgrade|expect|range|if-match)[ \t]*:"
)
"""Headers, in lower case, that change what a request is, or what becomes of its connection."""


class Express(asyncio.Protocol):
    """One connection: stands before aiohttp's protocol and answers what the lane knows.

    The lane is open only between aiohttp's own requests, and only as long as every piece of data
    was one whole request without a body: so nothing can stand half read in aiohttp's parser.

    Args:
        inner: aiohttp's protocol for this connection.
        lane: what is in memory.
    """

    def __init__(self, inner: RequestHandler, lane: Lane) -> None:
        self._inner = inner
        self._lane = lane
        self._transport: asyncio.Transport | None = None
        self._whole = True
        self._writable = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._inner.connection_made(transport)
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer, or hand on."""
        self._whole = self._whole and is_whole(data)
        if self._whole and self._writable and self._transport is not None and self._idle:
            answer = self._find(data)
            if answer is not None:
                self._transport.write(answer)
                return
        self._inner.data_received(data)

    def eof_received(self) -> None:
        """Hand on."""
        self._inner.eof_received()

    def pause_writing(self) -> None:
        """Close the lane to who does not read: aiohttp waits for them."""
        self._writable = False
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Open the lane again."""
        self._writable = True
        self._inner.resume_writing()

    def connection_lost(self, exc: BaseException | None) -> None:
        """End."""
        self._transport = None
        self._inner.connection_lost(exc)

    @property
    def _idle(self) -> bool:
        """Whether aiohttp waits for the next request; it asks itself the same before it closes."""
        waiter = self._inner._waiter  # noqa: SLF001  there is no other way to know
        return waiter is not None and not waiter.done()

    def _find(self, data: bytes) -> bytes | None:
        asked = _ASKED.match(data)
        if asked is None:
            return None
        tags = _TAGS.findall(data)
        if len(tags) > 1:
            return None
        answer = self._lane(asked[1].decode("ascii"), tags[0].decode("ascii") if tags else "")
        return None if answer is None else _date(int(time.time())).join(answer)


@asynccontextmanager
async def listen(app: web.Application, host: str, port: int) -> AsyncIterator[int]:
    """Answer HTTP while the context lasts; gives the port that was bound.

    Raises:
        OSError: the port cannot be opened.
    """
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    try:
        inner, lane = cast("web.Server", runner.server), app[LANE]
        server = await asyncio.get_running_loop().create_server(
            lambda: Express(inner(), lane), host, port, backlog=BACKLOG
        )
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
    finally:
        await runner.cleanup()


def make_wire(status: str, headers: Mapping[str, str], body: bytes = b"") -> Wire:
    """Return an answer, such as ``200 OK``."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status}\r\nDate: ".encode(), f"\r\n{lines}\r\n".encode() + body


@lru_cache(maxsize=1)
def _date(seconds: int) -> bytes:
    """Return a time (seconds since 1970) as HTTP has it."""
    return formatdate(seconds, usegmt=True).encode()


def is_whole(data: bytes) -> bool:
    """Tell whether some data is exactly one request of HTTP/1.1 that can have no body."""
    return (
        data.startswith(b"GET ")
        and data.find(_END) == len(data) - len(_END)
        and data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")
        and _UNUSUAL.search(data.lower()) is None
    )
