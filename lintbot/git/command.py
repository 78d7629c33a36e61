"""Shell: runs git with nothing from outside switched on, within limits, killed as a group."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lintbot.errors import LintbotError, UserError
from lintbot.git.limits import GitLimits

MIN_VERSION = (2, 32)
"""GIT_CONFIG_COUNT came with 2.31, GIT_CONFIG_GLOBAL with 2.32: older git would ignore them."""

_STDERR_BYTES = 64 * 1024
_RECORD_BYTES = 64 * 1024
_TERM_SECONDS = 2.0
_BLOCK_BYTES = 512

# POSIX ulimit, then git. A limit that is tighter already stays.
_LIMITED = (
    'ulimit -c 0; ulimit -v "$1" 2>&-; ulimit -f "$2" 2>&-; ulimit -t "$3" 2>&-; shift 3; exec "$@"'
)

# Whatever the repository or the machine configures: https://git-scm.com/docs/git-config
_CONFIG = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.askPass": "",
    "credential.helper": "",
    "submodule.recurse": "false",
    "fetch.recurseSubmodules": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    # Memory: map packs by small windows, stream large blobs.
    "core.packedGitWindowSize": "32m",
    "core.packedGitLimit": "256m",
    "core.bigFileThreshold": "16m",
    "pack.threads": "2",
}

_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_ALLOW_PROTOCOL": "none",
}

# The machine's own way to the network and to its certificates.
_INHERITED = (
    *("PATH", "http_proxy", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"),
    *("all_proxy", "ALL_PROXY", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_EXEC_PATH"),
)

_OWN_CONFIG_ONLY = {
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
}


class GitError(LintbotError):
    """git ended with an error.

    Attributes:
        stderr: its words, with secrets blotted out and without control characters; hostile.
    """

    def __init__(self, command: str, returncode: int, stderr: str) -> None:
        last = stderr.strip().rsplit("\n", 1)[-1]
        super().__init__(f"git {command} ended with status {returncode}: {last[:300]}")
        self.returncode = returncode
        self.stderr = stderr


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One git command.

    Attributes:
        config: settings for this call alone; they travel in the environment, never in argv.
        environment: variables for this call alone.
        secrets: blotted out of whatever git says.
        stdin: a file to read; nothing when None.
        keep_open: file descriptors that git and its children hold while they live.
        silent: a single word on stderr is an error, whatever the status.
    """

    arguments: tuple[str, ...]
    folder: Path
    config: Mapping[str, str] | None = None
    environment: Mapping[str, str] | None = None
    secrets: tuple[str, ...] = ()
    stdin: IO[bytes] | None = None
    keep_open: tuple[int, ...] = ()
    silent: bool = False


class Git:
    """Runs git.

    Attributes:
        program: its absolute path.
        limits: of one process.
        trusts_user: read the user's and the system's git configuration (their own repositories,
            at their own keyboard), instead of none.
    """

    def __init__(
        self,
        program: str,
        *,
        environ: Mapping[str, str],
        limits: GitLimits | None = None,
        trusts_user: bool = False,
    ) -> None:
        self.program = program
        self.limits = limits or GitLimits()
        names = [*_INHERITED, *(("HOME", "XDG_CONFIG_HOME") if trusts_user else ())]
        self._environment = {name: environ[name] for name in names if name in environ}
        self._environment |= _ENVIRONMENT | ({} if trusts_user else _OWN_CONFIG_ONLY)

    async def run(self, call: Call) -> bytes:
        """Run git to its end and return what it prints.

        Raises:
            GitError: its status is not 0.
        """
        async with self.stream(call) as stdout:
            return await stdout.read()

    @asynccontextmanager
    async def stream(self, call: Call) -> AsyncIterator[asyncio.StreamReader]:
        """Start git and yield its output. Leaving early, or being cancelled, kills it.

        Raises:
            GitError: the output was read to its end, and git's status is not 0.
        """
        process = await self._start(call)
        assert process.stdout is not None and process.stderr is not None  # noqa: S101, PT018  pipes
        complaints = asyncio.create_task(_read_bounded(process.stderr))
        try:
            yield process.stdout
            if process.stdout.at_eof():
                await process.wait()
        finally:
            await _end(process)
            await process.stdout.read()  # what is left in the pipe: only its end closes it
            stderr = _clean(await complaints, call.secrets)
        if process.returncode != 0 or (call.silent and stderr):
            raise GitError(call.arguments[0], process.returncode or 0, stderr)

    async def _start(self, call: Call) -> asyncio.subprocess.Process:
        limits = self.limits
        numbers = (
            limits.memory_bytes // 1024,
            limits.pack_bytes // _BLOCK_BYTES,
            limits.cpu_seconds,
        )
        return await asyncio.create_subprocess_exec(
            *("/bin/sh", "-c", _LIMITED, "sh", *map(str, numbers)),
            *(self.program, *call.arguments),
            cwd=call.folder,
            env=self._environment | dict(call.environment or {}) | _configure(call.config),
            stdin=call.stdin or subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            limit=_RECORD_BYTES,
            process_group=0,
            pass_fds=call.keep_open,
        )


def _configure(config: Mapping[str, str] | None) -> dict[str, str]:
    settings = [*_CONFIG.items(), *(config or {}).items()]
    env = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings):
        env |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return env


async def _read_bounded(stream: asyncio.StreamReader) -> bytes:
    """Keep the beginning, drain the rest: a server can make git print for ever."""
    kept = b""
    while chunk := await stream.read(_STDERR_BYTES):
        kept += chunk[: _STDERR_BYTES - len(kept)]
    return kept


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the whole group: politely, so that git removes its lock files, then for sure."""
    try:
        if process.returncode is None:
            _signal_group(process, signal.SIGTERM)
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), _TERM_SECONDS)
    finally:
        _signal_group(process, signal.SIGKILL)
    await process.wait()


def _signal_group(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _clean(stderr: bytes, secrets: tuple[str, ...]) -> str:
    text = stderr.decode(errors="replace")
    for secret in secrets:
        text = text.replace(secret, "***")
    return "".join(char for char in text if char.isprintable() or char == "\n").strip()


def find_git(environ: Mapping[str, str]) -> str:
    """Return the absolute path of a git that is new enough. Blocking.

    Raises:
        UserError: there is none, or it is too old to be locked down.
    """
    wanted = ".".join(map(str, MIN_VERSION))
    program = shutil.which("git", path=environ.get("PATH", os.defpath))
    if program is None:
        raise UserError(f"git is not installed: install git {wanted} or newer")
    version = read_version(program)
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
    if numbers < MIN_VERSION:
        raise UserError(f"git {version} is too old: install git {wanted} or newer")
    return program


def read_version(program: str) -> str:
    """Return a git's version, such as ``2.39.5``; ``?`` if it does not say. Blocking."""
    said = subprocess.run([program, "version"], capture_output=True, text=True, check=False)  # noqa: S603  the path was just looked up
    words = said.stdout.split()
    return words[2] if len(words) > 2 else "?"  # noqa: PLR2004  "git version 2.39.5"
