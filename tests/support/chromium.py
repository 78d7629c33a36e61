"""A real Chromium without a window, spoken to by its own protocol over a WebSocket.

https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse

from tests.support.needs import need_program

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)


class Tab:
    """One page; ``complaints`` are what it wrote to the console and the policies it broke."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self.complaints: list[str] = []

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method of the protocol and return its result."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": params})
        return await self._wait(lambda message: message.get("id") == number)

    async def show(self, width: int, *, dark: bool) -> None:
        """Be a screen of so many px."""
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=800,
            deviceScaleFactor=1,
            mobile=False,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.call("Emulation.setEmulatedMedia", features=[scheme])

    async def open(self, url: str) -> None:
        """Open a page and wait until it is loaded with its pictures."""
        await self.call("Page.enable")
        await self.call("Log.enable")
        await self.call("Page.navigate", url=url)
        await self._wait(lambda message: message.get("method") == "Page.loadEventFired")

    async def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression in the page, once it is there."""
        answer = await self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    async def _wait(self, wanted: Any) -> dict[str, Any]:
        while True:
            message = await self._socket.receive_json()
            if message.get("method") == "Log.entryAdded":
                self.complaints.append(message["params"]["entry"]["text"])
            if wanted(message):
                assert "error" not in message, message
                return message.get("result", message)


@asynccontextmanager
async def a_tab() -> AsyncIterator[Tab]:
    """Start Chromium with an empty profile and give its only tab."""
    program = need_program("chromium")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            program, *_FLAGS, f"--user-data-dir={profile}", stdout=DEVNULL, stderr=PIPE
        )
        try:
            address = await asyncio.wait_for(_address(process), 30)
            async with ClientSession() as session:
                async with session.get(f"http://{address}/json/list") as response:
                    pages = [it for it in await response.json() if it["type"] == "page"]
                url = pages[0]["webSocketDebuggerUrl"]
                async with session.ws_connect(url, max_msg_size=0) as socket:
                    yield Tab(socket)
        finally:
            process.kill()
            await process.communicate()


async def _address(process: Process) -> str:
    assert process.stderr is not None
    async for line in process.stderr:
        text = line.decode(errors="replace").strip()
        if text.startswith("DevTools listening on ws://"):
            return text.removeprefix("DevTools listening on ws://").partition("/")[0]
    raise AssertionError("Chromium did not start")
