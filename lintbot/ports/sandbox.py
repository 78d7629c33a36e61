"""Pure: commands over untrusted files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from lintbot.model.known_tools import Kit


class Profile(StrEnum):
    """What a sandboxed process may do beyond reading and computing."""

    SINGLE = "single"
    THREADS = "threads"


class Ending(StrEnum):
    """How a sandboxed process ended."""

    EXITED = "exited"
    TIMED_OUT = "timed_out"
    KILLED = "killed"
    """By a limit (memory, CPU, file size, output) or a signal; the reason says which."""
    NO_SANDBOX = "no_sandbox"
    """The sandbox itself failed; nothing of the repository ran."""


AGAIN = 75
"""Exit code of a linter that relied on what it remembered, and must not have: it has reported
nothing, and is run again with nothing known."""
PLAIN = 76
"""Exit code of one that remembers only where it is sure of it: it has reported nothing, and is
run again with no memory at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxJob:
    """One command over one read-only folder.

    Attributes:
        argv: ``argv[0]`` of ``pylint`` or ``flake8`` runs inside the warm server; anything
            else is executed.
        root: the checkout; read-only to the job, and all it sees of the disk's data.
        folder: the working directory, relative to ``root``.
        tool_set: the key of a prepared tool set to run from; empty: the server's own tools.
        timeout_seconds: wall clock; at its end everything is killed.
        watched: pylint and flake8 name each file on standard error before they judge it (see
            ``sandbox.jail.watch``), and give up one that takes too long.
        memory: what earlier runs of the same linter over the same repository left, may be
            nothing: pylint and flake8 judge only what may have changed since. None: they judge
            everything, and leave nothing.
        share: pylint walks only each so-manieth file, and only to leave what it learns: its
            number and of how many. None: it walks all, and reports.
        gives_way: it has the processors only while nobody else wants them.
    """

    argv: tuple[str, ...]
    root: Path
    timeout_seconds: float
    profile: Profile = Profile.SINGLE
    folder: str = ""
    tool_set: str = ""
    watched: bool = False
    memory: tuple[bytes, ...] | None = None
    share: tuple[int, int] | None = None
    gives_way: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxResult:
    """What came out. The streams are hostile input.

    Attributes:
        exit_code: the command's own; None unless it exited.
        reason: one plain sentence when it did not exit by itself.
        truncated: a stream was cut at the output limit (the job is then KILLED).
        memory: what the job left for the next one; empty: nothing.
    """

    ending: Ending
    exit_code: int | None
    stdout: bytes
    stderr: bytes
    reason: str = ""
    truncated: bool = False
    cpu_seconds: float = 0.0
    max_rss_bytes: int = 0
    memory: bytes = b""


class Sandbox(Protocol):
    """Runs commands over untrusted files."""

    async def run(self, job: SandboxJob) -> SandboxResult:
        """Run one command. Cancelling the call kills it.

        Raises:
            SandboxUnavailableError: no tier holds on this machine.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSet:
    """A tool with its plugins, prepared to run in the sandbox.

    Attributes:
        key: for ``SandboxJob.tool_set``.
        versions: of everything that was asked for, by name.
    """

    key: str
    versions: Mapping[str, str]


class ToolSets(Protocol):
    """Prepares tools in the versions that repositories pin."""

    async def find(self, kit: Kit, wait_seconds: float) -> ToolSet:
        """Return a prepared tool set; prepare it in the background if there is none.

        Args:
            kit: known names with at most one plain version each.
            wait_seconds: how long to wait for the preparation.

        Raises:
            ToolSetError: it is not there (yet); the text is one plain sentence.
        """
        ...
