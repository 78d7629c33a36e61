"""What a badge costs over HTTP, as ratios in one run.

    npm ci --prefix tests/node
    python -m benchmarks.badges [--rounds 5] [--seconds 3] [--rate 200]

lintbot's whole web half (one process, its memory warm) beside a bare aiohttp handler that returns
constant bytes, and badge-maker behind Node. CPU time a request is what a server's process used;
the ratios of each round are taken before the median, so that other load on the machine shows
least. Latency is from the moment at which a request was due.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from lintbot.web.caching import REVALIDATE, make_etag
from lintbot.web.express import listen
from tests.support.hook_site import FakeInbox, a_hook_app
from tests.support.report_fakes import FakeCatalog
from tests.support.report_values import a_judgement, a_repository, a_run

PATH = "/badge/octo/project.svg"
CONNECTIONS = 32
TICKS = os.sysconf("SC_CLK_TCK")
SERVERS = ("bare aiohttp", "lintbot", "badge-maker")
NODE = Path(__file__).parents[1] / "tests" / "node" / "serve.mjs"


@dataclass(frozen=True)
class Server:
    """A server in a process of its own."""

    name: str
    process: Process
    port: int

    @property
    def cpu_seconds(self) -> float:
        """What its process used so far."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii")
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


async def serve_bare() -> None:
    """Answer with constant bytes."""
    body = b"x" * 1280
    headers = {"Cache-Control": REVALIDATE, "ETag": make_etag(body)}

    async def answer(request: web.Request) -> web.Response:
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, headers=headers, content_type="image/svg+xml")

    app = web.Application()
    app.router.add_get(PATH, answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


async def serve_lintbot() -> None:
    """Answer as ``lintbot web`` does, from a catalog in memory."""
    catalog = FakeCatalog()
    catalog.add(a_repository(), a_run(a_judgement()))
    async with a_hook_app(FakeInbox(), catalog=catalog) as app, listen(app, "127.0.0.1", 0) as port:
        print(port, flush=True)
        await asyncio.Event().wait()


@asynccontextmanager
async def a_server(name: str) -> AsyncIterator[Server]:
    """Start a server and tell its port."""
    command = [sys.executable, "-m", "benchmarks.badges", "--serve", name]
    if name == "badge-maker":
        command = ["node", str(NODE)]
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
    assert process.stdout is not None
    try:
        yield Server(name, process, int(await process.stdout.readline()))
    finally:
        process.kill()
        await process.wait()


class Client(asyncio.Protocol):
    """Asks again as soon as it is answered; every answer has as many bytes as the first."""

    def __init__(self, request: bytes, length: int) -> None:
        self.request, self.length = request, length
        self.missing, self.answers, self.running = length, 0, True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the first time."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        """Count an answer when it is whole."""
        self.missing -= len(data)
        if self.missing == 0 and self.running:
            self.answers += 1
            self.missing = self.length
            self.transport.write(self.request)


async def ask(port: int, request: bytes) -> bytes:
    """Return one whole answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [it for it in head.lower().split(b"\r\n") if it.startswith(b"content-length:")]
    body = b""
    if lengths and not head.startswith(b"HTTP/1.1 304"):
        body = await reader.readexactly(int(lengths[0].split(b":")[1]))
    writer.close()
    return head + body


async def make_request(port: int, *, known: bool) -> tuple[bytes, int]:
    """Return a request as GitHub's image proxy sends it, and the length of its answer."""
    lines = [f"GET {PATH} HTTP/1.1", f"Host: 127.0.0.1:{port}", "User-Agent: github-camo"]
    lines += ["Accept: image/*", "Accept-Encoding: gzip"]
    request = "\r\n".join([*lines, "", ""]).encode()
    if known:
        head = (await ask(port, request)).partition(b"\r\n\r\n")[0]
        tag = next(it for it in head.split(b"\r\n") if it.lower().startswith(b"etag:"))
        lines.append("If-None-Match:" + tag.split(b":", 1)[1].decode())
        request = "\r\n".join([*lines, "", ""]).encode()
    answer = await ask(port, request)
    assert answer.startswith(b"HTTP/1.1 304" if known else b"HTTP/1.1 200"), answer
    return request, len(answer)


async def measure_cost(server: Server, seconds: float, *, known: bool) -> tuple[float, float]:
    """Return requests a second and CPU microseconds a request."""
    request, length = await make_request(server.port, known=known)
    loop = asyncio.get_running_loop()
    clients = [Client(request, length) for _ in range(CONNECTIONS)]
    started, used = time.monotonic(), server.cpu_seconds
    for client in clients:
        await loop.create_connection(lambda it=client: it, "127.0.0.1", server.port)
    await asyncio.sleep(seconds)
    took, used = time.monotonic() - started, server.cpu_seconds - used
    answers = sum(client.answers for client in clients)
    for client in clients:
        client.running = False
        client.transport.close()
    return answers / took, used / answers * 1e6


async def measure_latency(server: Server, rate: float, seconds: float) -> float:
    """Return the 99th percentile in milliseconds, each request on a connection that is open."""
    request, length = await make_request(server.port, known=False)
    pool = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(CONNECTIONS)]
    begin = time.monotonic() + 0.1

    async def one(number: int) -> float:
        reader, writer = pool[number % CONNECTIONS]
        due = begin + number / rate
        await asyncio.sleep(due - time.monotonic())
        writer.write(request)
        await reader.readexactly(length)
        return (time.monotonic() - due) * 1000

    async def lane(first: int) -> list[float]:
        return [await one(number) for number in range(first, int(rate * seconds), CONNECTIONS)]

    taken = [it for part in await asyncio.gather(*map(lane, range(CONNECTIONS))) for it in part]
    for _, writer in pool:
        writer.close()
    return statistics.quantiles(taken, n=100)[98]


async def run(arguments: argparse.Namespace) -> None:
    """Measure every server in turn, round by round, and print."""
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(a_server(name)) for name in SERVERS]
        for known in (False, True):
            rounds = [
                [await measure_cost(it, arguments.seconds, known=known) for it in servers]
                for _ in range(arguments.rounds)
            ]
            print(f"{304 if known else 200}:")
            for index, server in enumerate(servers):
                rates, costs = zip(*(measured[index] for measured in rounds), strict=True)
                times = statistics.median(one[index][1] / one[1][1] for one in rounds)
                print(
                    f"  {server.name:14} {statistics.median(rates):7.0f} requests/s, "
                    f"{statistics.median(costs):6.1f} us CPU a request, {times:5.2f} x lintbot"
                )
        for server in servers:
            p99 = await measure_latency(server, arguments.rate, arguments.seconds)
            print(f"  {server.name:14} p99 {p99:6.1f} ms at {arguments.rate:.0f} requests/s")


def main() -> None:
    """Measure, or be one of the servers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rate", type=float, default=200)
    parser.add_argument("--serve", choices=SERVERS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve is None:
        asyncio.run(run(arguments))
    else:
        asyncio.run(serve_bare() if arguments.serve == SERVERS[0] else serve_lintbot())


if __name__ == "__main__":
    main()
