"""Shell: the application's side of one job server: starts it, hands it jobs, hears how they end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from lintbot.errors import SandboxUnavailableError

_START_SECONDS = 60.0
_STOP_SECONDS = 5.0
_MESSAGE_BYTES = 65536
_NEAREST = 'echo 1000 2>&- >/proc/self/oom_score_adj; exec "$@"'
"""Out of memory, the kernel takes the job server and its jobs first."""


class ServerGoneError(Exception):
    """The job server ended while a job ran; nothing of the job is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a job's process ended.

    Attributes:
        status: its exit status; negative: the signal that ended it.
    """

    status: int
    cpu_seconds: float
    max_rss_bytes: int


class JobServer:
    """One running job server.

    Attributes:
        started_jobs: how many jobs it has been given.
        lent: how many borrowers it has now.
        gone: it ended or was ended; it takes no job any more.
    """

    def __init__(self, process: Process, channel: socket.socket) -> None:
        self._process = process
        self._channel = channel
        self._watch = _watch(process.pid)
        self._endings: dict[int, asyncio.Future[Ended]] = {}
        self.started_jobs = 0
        self.lent = 0
        self.gone = False

    @classmethod
    async def start(
        cls, command: Sequence[str], environment: Mapping[str, str], setup: Mapping[str, Any]
    ) -> JobServer:
        """Start a server and wait until it takes jobs.

        In the command ``{channel}`` stands for the number of its socket.

        Raises:
            SandboxUnavailableError: it did not come up; the text holds its last words.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        with theirs:
            words = [word.replace("{channel}", str(theirs.fileno())) for word in command]
            process = await asyncio.create_subprocess_exec(
                *("/bin/sh", "-c", _NEAREST, "sh", *words),
                stdin=DEVNULL,
                stdout=DEVNULL,
                stderr=PIPE,
                env=dict(environment),
                pass_fds=(theirs.fileno(),),
                cwd="/",
            )
        server = cls(process, ours)
        try:
            await server._greet(setup)
        except BaseException:
            await server.close()
            raise
        return server

    async def _greet(self, setup: Mapping[str, Any]) -> None:
        loop = asyncio.get_running_loop()
        try:
            self._channel.send(json.dumps(setup).encode())
            async with asyncio.timeout(_START_SECONDS):
                answer = await loop.sock_recv(self._channel, _MESSAGE_BYTES)
        except (OSError, TimeoutError):
            answer = b""
        if not answer:
            raise SandboxUnavailableError(
                f"the job server did not start: {await self._last_words()}"
            )
        loop.add_reader(self._channel, self._hear)

    async def _last_words(self) -> str:
        self._end_process()
        stderr = self._process.stderr
        words = await stderr.read(_MESSAGE_BYTES) if stderr else b""
        lines = words.decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    async def run(
        self,
        descriptors: Sequence[int],
        stop: asyncio.Future[Any],
        on_sent: Callable[[], object],
    ) -> Ended:
        """Run one job to its end; cancelling kills it.

        Args:
            descriptors: the request's body, standard output, standard error, ready, memory.
            stop: kill the job as soon as this is done.
            on_sent: called when the server has the descriptors, so that ours can be closed.

        Raises:
            ServerGoneError: the server ended before the job did.
        """
        if self.gone:
            raise ServerGoneError
        self.started_jobs += 1
        number = self.started_jobs
        ending: asyncio.Future[Ended] = asyncio.get_running_loop().create_future()
        self._endings[number] = ending
        try:
            self._order({"order": "run", "number": number}, descriptors)
            on_sent()
            await asyncio.wait({ending, stop}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not ending.done():
                await self._kill(number, ending)
            del self._endings[number]
        return ending.result()

    async def _kill(self, number: int, ending: asyncio.Future[Ended]) -> None:
        """Kill a job and wait until it is gone; a server that cannot do that goes with it."""
        with suppress(ServerGoneError):
            self._order({"order": "kill", "number": number})
            await asyncio.wait({ending}, timeout=_STOP_SECONDS)
        if not ending.done():
            self._lose()

    def _order(self, order: Mapping[str, Any], descriptors: Sequence[int] = ()) -> None:
        try:
            socket.send_fds(self._channel, [json.dumps(order).encode()], descriptors)
        except OSError as error:
            self._lose()
            raise ServerGoneError from error

    def _hear(self) -> None:
        try:
            message = self._channel.recv(_MESSAGE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            message = b""
        if not message:
            self._lose()
            return
        facts = json.loads(message)
        ending = self._endings.get(facts.pop("number"))
        if ending is not None and not ending.done():
            ending.set_result(Ended(**facts))

    def _lose(self) -> None:
        """Treat the server as gone, and make sure that it is."""
        if self.gone:
            return
        self.gone = True
        asyncio.get_running_loop().remove_reader(self._channel)
        self._channel.close()
        self._end_process()
        for ending in self._endings.values():
            if not ending.done():
                ending.set_exception(ServerGoneError())
                ending.exception()  # its job may have been cancelled: nobody has to ask

    async def close(self) -> None:
        """End the server and every job of it."""
        self._lose()
        await self._process.wait()
        if self._watch is not None:
            os.close(self._watch)
            self._watch = None

    def _end_process(self) -> None:
        """Kill by descriptor: asyncio's own way may reap the process behind its own back."""
        if self._watch is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._watch, signal.SIGKILL)


def _watch(pid: int) -> int | None:
    """Return a descriptor of a child; None: it has ended already."""
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        return None
