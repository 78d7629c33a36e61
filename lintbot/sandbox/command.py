"""Shell: ``lintbot sandbox-exec``: one command over one folder, as a linter would run."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from lintbot.errors import SandboxUnavailableError
from lintbot.ports import Ending, Profile, SandboxJob, SandboxResult
from lintbot.sandbox.job_run import JobResult
from lintbot.sandbox.launch import SANDBOX_USER
from lintbot.sandbox.layered import LayeredSandbox, Options
from lintbot.sandbox.limits import Limits
from lintbot.sandbox.tiers import parse_mode
from lintbot.sandbox.tool_cache import a_tools_folder, an_open_folder
from lintbot.sandbox.toolenv import TOOLS
from lintbot.sandbox.user_folder import copy_folder, is_fit

TIMED_OUT, NO_SANDBOX, SIGNALLED = 124, 125, 128
"""Exit statuses, as those of timeout(1) and of a shell."""
_ENDING = (signal.SIGTERM, signal.SIGHUP)


async def sandbox_exec(
    argv: Sequence[str], *, repo: Path, timeout_seconds: float, tier: str | None, profile: str
) -> int:
    """Run a command in the sandbox and pass its output through; return the exit status.

    The folder is shown read-only at its own place. If it holds what must not be shown (named
    pipes, sockets, devices), or files that the sandbox's user may not read, a copy is shown
    instead; without bubblewrap the copy lies elsewhere, and words of the command that name the
    folder are changed to name the copy.

    Args:
        argv: the command; ``pylint`` and ``flake8`` run as they do in a check.
        repo: the folder to show.
        timeout_seconds: wall clock of the command.
        tier: ``A``, ``B`` or ``C``; None: the strongest that holds.
        profile: ``single`` or ``threads``.
    """
    folder = repo.resolve()
    try:
        with _ended_by_signals() as received:
            async with _open_sandbox(folder, tier) as sandbox:
                root = sandbox.place(folder)
                job = SandboxJob(
                    argv=tuple(_name(word, folder, root) for word in argv),
                    root=folder,
                    timeout_seconds=timeout_seconds,
                    profile=Profile(profile),
                )
                result = await sandbox.run(job)
    except SandboxUnavailableError as error:
        _say(f"no sandbox: {error}")
        return NO_SANDBOX
    except asyncio.CancelledError:
        if not received:
            raise
        return SIGNALLED + received[0]
    return _pass_on(result)


@asynccontextmanager
async def _open_sandbox(folder: Path, tier: str | None) -> AsyncIterator[LayeredSandbox]:
    """Yield a started sandbox that shows the folder.

    Raises:
        SandboxUnavailableError: no tier holds, or the folder cannot be shown.
    """
    with ExitStack() as stack:
        tools = stack.enter_context(a_tools_folder())
        _check(folder, tools)
        source = None
        if not is_fit(folder, for_others=os.geteuid() == 0):
            source = stack.enter_context(_a_copy(folder))
        sandbox = LayeredSandbox(
            Options(
                tiers=parse_mode(tier or "auto"),
                checkouts=folder,
                source=source,
                tools_folder=tools,
                limits=Limits(),
                tools=TOOLS,
                warm=False,
            )
        )
        try:
            await sandbox.start()
            yield sandbox
        finally:
            await sandbox.aclose()


def _check(folder: Path, tools: Path) -> None:
    if not folder.is_dir():
        raise SandboxUnavailableError(f"{folder} is not a folder")
    if tools.is_relative_to(folder):
        raise SandboxUnavailableError(f"{folder} holds lintbot's own files: give a smaller folder")


@contextmanager
def _a_copy(folder: Path) -> Iterator[Path]:
    with an_open_folder() as aside:
        if aside.is_relative_to(folder):
            raise SandboxUnavailableError(f"{folder} holds temporary files: give a smaller folder")
        if os.geteuid() == 0:
            os.chown(aside, 0, SANDBOX_USER)
            aside.chmod(0o750)
        copy = aside / "checkout"
        copy.mkdir()
        copy.chmod(0o755)
        for path in copy_folder(folder, copy):
            _say(f"left out: {str(path)!r}")
        yield copy


def _name(word: str, folder: Path, root: Path) -> str:
    """Rename a word that is the folder or a path in it."""
    if root != folder and Path(word).is_relative_to(folder):
        return str(root / Path(word).relative_to(folder))
    return word


def _pass_on(result: SandboxResult) -> int:
    """Write what the command wrote, and say how it ended if not by itself."""
    _write(sys.stdout.buffer, result.stdout)
    _write(sys.stderr.buffer, result.stderr)
    if result.reason:
        _say(result.reason)
    match result.ending:
        case Ending.EXITED:
            return result.exit_code or 0
        case Ending.TIMED_OUT:
            return TIMED_OUT
        case Ending.KILLED:
            number = result.signal if isinstance(result, JobResult) else signal.SIGKILL
            return SIGNALLED + number
        case Ending.NO_SANDBOX:
            return NO_SANDBOX


def _write(stream: BinaryIO, data: bytes) -> None:
    with suppress(BrokenPipeError):
        stream.write(data)
        stream.flush()


def _say(words: str) -> None:
    _write(sys.stderr.buffer, f"lintbot: {words}\n".encode(errors="backslashreplace"))


@contextmanager
def _ended_by_signals() -> Iterator[list[int]]:
    """Let the signals that end a process end the command first; yield those that came."""
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    received: list[int] = []

    def end(number: int) -> None:
        received.append(number)
        if task is not None:
            task.cancel()

    for number in _ENDING:
        loop.add_signal_handler(number, end, number)
    try:
        yield received
    finally:
        for number in _ENDING:
            loop.remove_signal_handler(number)
