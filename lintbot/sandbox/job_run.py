"""Shell: one job from its request to its result: descriptors, time, output, and how it ended."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import Enum, auto

from lintbot.ports import Ending, SandboxResult
from lintbot.sandbox.jail.linters import MEMORY_SIGNAL
from lintbot.sandbox.jail.program import READY
from lintbot.sandbox.job_server import Ended, JobServer, ServerGoneError
from lintbot.sandbox.limits import MIB, Limits
from lintbot.sandbox.streams import BoundedStream

_WORDS_BYTES = 4096


class _Stop(Enum):
    TIME = auto()
    OUTPUT = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult(SandboxResult):
    """What came out, and the signal that ended it.

    Attributes:
        signal: SIGKILL also for what lintbot itself ended, and for memory.
    """

    signal: int = signal.SIGKILL


class _Run:
    """What one job is watched with."""

    def __init__(self, limits: Limits, timeout_seconds: float) -> None:
        self.limits = limits
        self.timeout_seconds = timeout_seconds
        self.stop: asyncio.Future[_Stop] = asyncio.get_running_loop().create_future()
        self.stdout = self._stream()
        self.stderr = self._stream()
        self.memory = self._stream()

    def _stream(self) -> BoundedStream:
        return BoundedStream(self.limits.output_bytes, lambda: self.end(_Stop.OUTPUT))

    def end(self, why: _Stop) -> None:
        """End the job, unless something else has already done so."""
        if not self.stop.done():
            self.stop.set_result(why)

    def why_stopped(self) -> _Stop | None:
        """Return why we ended it; None if it ended by itself."""
        return self.stop.result() if self.stop.done() else None


async def run_job(
    server: JobServer, body: bytes, limits: Limits, timeout_seconds: float
) -> JobResult:
    """Run the job whose request is ``body``; cancelling kills it."""
    run = _Run(limits, timeout_seconds)
    timer = asyncio.get_running_loop().call_later(timeout_seconds, run.end, _Stop.TIME)
    with ExitStack() as stack:
        stack.callback(timer.cancel)
        stack.callback(run.stdout.close)
        stack.callback(run.stderr.close)
        stack.callback(run.memory.close)
        hearing, ready = os.pipe()
        stack.callback(os.close, hearing)
        ended = await _run_on(server, body, run, ready)
        words = _read_now(hearing)
        stdout, stderr = await run.stdout.finish(), await run.stderr.finish()
        memory = await run.memory.finish()
    ending, exit_code, reason = _judge(run, ended, words)
    return JobResult(
        ending=ending,
        signal=_find_signal(ended),
        exit_code=exit_code,
        stdout=stdout,
        stderr=stderr,
        reason=reason,
        truncated=run.stdout.truncated or run.stderr.truncated,
        cpu_seconds=ended.cpu_seconds if ended else 0.0,
        max_rss_bytes=ended.max_rss_bytes if ended else 0,
        memory=memory if ending is Ending.EXITED else b"",
    )


async def _run_on(server: JobServer, body: bytes, run: _Run, ready: int) -> Ended | None:
    """Hand the descriptors over and wait for the end; None: the server went first."""
    with ExitStack() as ours:
        ours.callback(os.close, ready)
        request = ours.enter_context(_memory_file(body))
        streams = []
        for stream in (run.stdout, run.stderr, run.memory):
            streams.append(await stream.open())
            ours.callback(os.close, streams[-1])
        stdout, stderr, memory = streams
        passed = (request, stdout, stderr, ready, memory)
        try:
            return await server.run(passed, run.stop, ours.close)
        except ServerGoneError:
            return None


@contextmanager
def _memory_file(data: bytes) -> Iterator[int]:
    """Yield a nameless file: a request may be longer than any message or argument list."""
    descriptor = os.memfd_create("request")
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(data)
        yield descriptor
    finally:
        os.close(descriptor)


def _read_now(descriptor: int) -> bytes:
    os.set_blocking(descriptor, False)
    try:
        return os.read(descriptor, _WORDS_BYTES)
    except BlockingIOError:
        return b""


def _judge(run: _Run, ended: Ended | None, words: bytes) -> tuple[Ending, int | None, str]:
    """Return the ending, the exit code and the reason."""
    if not words.startswith(READY):
        reason = words.decode(errors="replace") or "the job ended before it was confined"
        return Ending.NO_SANDBOX, None, reason
    stopped = run.why_stopped()
    if stopped is _Stop.TIME:
        reason = f"it ran longer than {run.timeout_seconds:g} seconds"
        return Ending.TIMED_OUT, None, reason
    if stopped is _Stop.OUTPUT:
        most = run.limits.output_bytes / MIB
        return Ending.KILLED, None, f"it wrote more than {most:g} MiB to one stream"
    if ended is None:
        return Ending.KILLED, None, "the job server ended while it ran"
    if ended.status < 0:
        return Ending.KILLED, None, _explain_signal(-ended.status, ended, run.limits)
    return Ending.EXITED, ended.status, ""


def _find_signal(ended: Ended | None) -> int:
    if ended is None or ended.status >= 0 or -ended.status == MEMORY_SIGNAL:
        return signal.SIGKILL
    return -ended.status


def _explain_signal(number: int, ended: Ended, limits: Limits) -> str:
    memory = f"it needed more than {limits.memory_bytes // MIB} MiB of memory"
    match number:
        case signal.SIGXCPU:
            return "it used more processor time than it may"
        case signal.SIGXFSZ:
            return f"it wrote a file of more than {limits.file_bytes // MIB} MiB"
        case _ if number == MEMORY_SIGNAL:
            return memory
        case signal.SIGABRT | signal.SIGSEGV if ended.max_rss_bytes > limits.memory_bytes // 2:
            return memory
        case _:
            return f"it was ended by signal {_name_signal(number)}"


def _name_signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
