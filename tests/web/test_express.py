"""The lane for badges answers as aiohttp does, and only what it may."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from lintbot.web.badges import Badges, badge_routes
from lintbot.web.express import LANE, is_whole, listen
from tests.support.report_fakes import FakeCatalog
from tests.support.report_values import a_judgement, a_repository, a_run

BADGE = "/badge/octo/project.svg"


class Line:
    """One connection; ``say`` sends bytes and returns one whole answer."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def say(self, request: bytes) -> tuple[str, dict[str, str], bytes]:
        self.writer.write(request)
        return await self.hear()

    async def hear(self) -> tuple[str, dict[str, str], bytes]:
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 10)
        status, *lines = head.decode().strip().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        body = b""
        if " 304 " not in status:
            body = await self.reader.readexactly(int(headers["Content-Length"]))
        return status, headers, body


@asynccontextmanager
async def a_line(watch: Callable[[], None] = lambda: None) -> AsyncIterator[Line]:
    """Connect to a server with one badge, which is in memory, and with a page that is slow."""
    catalog = FakeCatalog()
    catalog.add(a_repository(), a_run(a_judgement()))
    badges = Badges(catalog, load_trust=lambda _: None)

    @web.middleware
    async def watched(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        watch()
        return await handler(request)

    async def slow(_: web.Request) -> web.Response:
        await asyncio.sleep(0.2)
        return web.Response(text="slow")

    async def echo(request: web.Request) -> web.Response:
        return web.Response(text=await request.text())

    app = web.Application(middlewares=[watched])
    app.add_routes([*badge_routes(badges), web.get("/slow", slow), web.post("/echo", echo)])
    app[LANE] = badges.recall
    async with listen(app, "127.0.0.1", 0) as port:
        line = Line(*await asyncio.open_connection("127.0.0.1", port))
        await line.say(a_get(BADGE))
        yield line
        line.writer.close()


def a_get(path: str, *headers: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: x", *headers, "", ""]).encode()


@pytest.mark.parametrize("known", [False, True])
async def test_the_lane_answers_what_aiohttp_answers(known: bool) -> None:
    calls: list[None] = []
    async with a_line(lambda: calls.append(None)) as line:
        _, headers, _ = await line.say(a_get(BADGE))
        tags = (f'if-none-match: "x", W/{headers["ETag"]}',) if known else ()
        before = len(calls)
        fast = await line.say(a_get(BADGE, *tags))
        assert len(calls) == before
        slow = await line.say(a_get(BADGE, *tags, "Range: bytes=0-"))
        assert len(calls) == before + 1
    for answer in (fast, slow):
        answer[1].pop("Date")
        answer[1].pop("Server", None)
    assert fast == slow
    assert fast[0] == ("HTTP/1.1 304 Not Modified" if known else "HTTP/1.1 200 OK")


async def test_answers_come_in_the_order_of_their_questions() -> None:
    async with a_line() as line:
        line.writer.write(a_get("/slow"))
        await asyncio.sleep(0.05)
        line.writer.write(a_get(BADGE))
        assert (await line.hear())[2] == b"slow"
        assert b"<svg" in (await line.hear())[2]


async def test_a_badge_in_the_body_of_another_request_is_no_question() -> None:
    inner = a_get(BADGE)
    head = f"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {len(inner)}\r\n\r\n".encode()
    async with a_line() as line:
        line.writer.write(head)
        await asyncio.sleep(0.05)
        assert (await line.say(inner))[2] == inner
        assert b"<svg" in (await line.say(a_get(BADGE)))[2]


@pytest.mark.parametrize("cut", [1, 20, 40, len(a_get(BADGE)) - 1])
async def test_a_request_may_come_in_pieces(cut: int) -> None:
    request = a_get(BADGE)
    async with a_line() as line:
        line.writer.write(request[:cut])
        await asyncio.sleep(0.02)
        assert b"<svg" in (await line.say(request[cut:]))[2]


async def test_several_at_once_are_all_answered() -> None:
    async with a_line() as line:
        line.writer.write(a_get(BADGE) * 3)
        assert {(await line.hear())[2][:4] for _ in range(3)} == {b"<svg"}


async def test_a_connection_that_shall_close_is_closed() -> None:
    async with a_line() as line:
        await line.say(a_get(BADGE, "Connection: close"))
        assert await asyncio.wait_for(line.reader.read(), 10) == b""


async def test_who_does_not_read_fills_no_memory() -> None:
    calls: list[None] = []
    async with a_line(lambda: calls.append(None)) as line:
        before = len(calls)
        for _ in range(4000):
            line.writer.write(a_get(BADGE))
            await asyncio.sleep(0)
            if len(calls) > before:
                break
        assert len(calls) > before, "the lane stays open, however much waits to be read"


@pytest.mark.parametrize(
    "data",
    [
        a_get(BADGE)[:-1],
        a_get(BADGE) * 2,
        a_get(BADGE) + b"x",
        a_get(BADGE).replace(b"GET", b"HEAD"),
        a_get(BADGE).replace(b"\r\n", b"\n"),
        b"GET /badge/a HTTP/1.1\nHost: x\n\nGET /badge/b HTTP/1.1\r\n\r\n",
        a_get(BADGE, "Content-Length: 5"),
        a_get(BADGE, "transfer-Encoding: chunked"),
        a_get(BADGE, "Content-Length : 5"),
        a_get(BADGE, "Transfer-Encoding\t: chunked"),
        a_get(BADGE, "Expect: 100-continue"),
        a_get(BADGE, "Connection: Upgrade", "Upgrade: h2c"),
        b"",
    ],
)
def test_what_is_not_one_whole_request(data: bytes) -> None:
    assert not is_whole(data)
    assert is_whole(a_get(BADGE, 'If-None-Match: "x"'))
