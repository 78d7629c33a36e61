"""Shell: runs one tool over a group of files in the sandbox; a bad file loses only itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from lintbot.errors import SandboxUnavailableError
from lintbot.model.findings import Finding
from lintbot.model.lint import ToolOutcome, ToolReport
from lintbot.pipeline.plan import Group
from lintbot.pipeline.progress import Progress, read_progress
from lintbot.pipeline.remembering import run_remembering
from lintbot.pipeline.tools.tool import (
    Output,
    Parsed,
    Tree,
    UnreadableOutputError,
    last_line,
    place,
)
from lintbot.ports import Ending, Memory, Profile, Sandbox, SandboxJob, SandboxResult

FIRST_RUN_SHARE = 0.6
"""Of the time that is left, for the run over all files; the rest finds the culprit if it fails."""
MIN_RUN_SECONDS = 1.0
MAX_ISOLATION_RUNS = 24
"""Runs over parts of the files, so that one bad file among many loses only its own results."""
MAX_CULPRITS = 4
"""Runs without the file that a linter had begun when it ended: then it is not the file's fault."""
MAX_CAUSES = 5
"""Files of which the report tells why they are lost; it names all of them."""
MAX_STOPS = 3
"""Times that a tool is run again without the files that stopped it."""

MAX_NAMED_CHARACTERS = 64 * 1024
"""Of paths that a tool is told to spare, on its command line."""


def _named(others: tuple[str, ...]) -> tuple[str, ...]:
    """Return what a tool is told to spare; what is too long to tell is judged and not heard."""
    return others if sum(map(len, others)) <= MAX_NAMED_CHARACTERS else ()


class _RunFailedError(Exception):
    """A run gave no usable output; the text says why."""

    def __init__(self, outcome: ToolOutcome, reason: str, culprit: str | None = None) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.culprit = culprit


@dataclass(slots=True, kw_only=True)
class GroupRun:
    """One tool over its files: all at once, and parts of them if that fails.

    Attributes:
        tree: the whole checkout, seen from the group's root.
        deadline: by ``time.monotonic()``.
        memory: None: every file is judged, and nothing is remembered.
        tool_set: to run from; empty: the server's own tools.
    """

    group: Group
    tool_set: str = ""
    tree: Tree
    deadline: float
    sandbox: Sandbox
    memory: Memory | None = None
    runs_left: int = MAX_ISOLATION_RUNS
    parsed: list[Parsed] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)

    async def run(self) -> tuple[ToolReport, tuple[Finding, ...]]:
        """Run the tool; always end with a report that names what is missing."""
        files = self.group.files
        outcome, reason = ToolOutcome.OK, ""
        try:
            await self._run_all(files)
        except _RunFailedError as error:
            outcome, reason = error.outcome, str(error)
            await self._do_without_culprits(files, error)
        if outcome is not ToolOutcome.OK and len(self.failed) < len(files):
            # Some parts worked: what is lost is named file by file.
            outcome, reason = ToolOutcome.OK, ""
        refused = next((p.refused for p in self.parsed if p.refused), "")
        if refused:
            outcome, reason = ToolOutcome.CRASHED, f"did not run: {refused}"
        own = frozenset(files)
        every = dict.fromkeys(f for p in self.parsed for f in p.findings if f.path in own)
        return self._report(outcome, reason, len(every)), tuple(every)

    async def _run_all(self, files: tuple[str, ...]) -> None:
        """Run it over all files; and again without those that stopped it, if they let it."""
        parsed = await self._run(files, self._left() * FIRST_RUN_SHARE, memory=self.memory)
        for _ in range(MAX_STOPS):
            rest = tuple(it for it in files if it not in parsed.unreadable)
            if len(rest) == len(files):
                break
            # What it said until it stopped counts; that it stopped does not.
            self.parsed.append(replace(parsed, refused=""))
            files = rest
            parsed = await self._run(files, self._left() * FIRST_RUN_SHARE)
        self.parsed.append(parsed)

    def _report(self, outcome: ToolOutcome, reason: str, findings: int) -> ToolReport:
        failed = {path for p in self.parsed for path in p.failed_files} | set(self.failed)
        notices = dict.fromkeys(n for p in self.parsed for n in p.notices)
        lost = sorted(self.failed.items())[:MAX_CAUSES] if outcome is ToolOutcome.OK else ()
        causes = dict.fromkeys(f"{path}: {why}" for path, why in lost)
        return ToolReport(
            tool=self.group.tool.name,
            version="",
            root=self.group.root,
            config_path=self.group.config_path,
            python=self.group.python,
            more_configs=self.group.more_configs,
            outcome=outcome,
            reason=reason,
            files=len(self.group.files),
            findings=findings,
            failed_files=tuple(sorted(failed)),
            missing=tuple(sorted({name for p in self.parsed for name in p.missing})),
            notices=(*notices, *causes),
        )

    async def _do_without_culprits(self, files: tuple[str, ...], error: _RunFailedError) -> None:
        """Leave out the file that the linter had begun when it ended; else look for it."""
        for _ in range(MAX_CULPRITS):
            if error.culprit not in files:
                break
            self.runs_left -= 1
            self.failed[error.culprit] = str(error)
            files = tuple(it for it in files if it != error.culprit)
            if not files:
                return
            try:
                self.parsed.append(await self._run(files, self._left() * FIRST_RUN_SHARE))
            except _RunFailedError as again:
                error = again
            else:
                return
        await self._isolate(files, error, self.deadline)

    async def _isolate(
        self, files: tuple[str, ...], error: _RunFailedError, deadline: float
    ) -> None:
        """Run halves, until what fails is one file or there is no time left.

        Each half has its own share of the time, and the second also what the first left: a file
        on which a tool never ends must not take the time of the others.
        """
        left = deadline - time.monotonic()
        if len(files) == 1 or self.runs_left <= 0 or left < MIN_RUN_SECONDS:
            self.failed |= dict.fromkeys(files, str(error))
            return
        middle = len(files) // 2
        for part, ends_at in ((files[:middle], deadline - left / 2), (files[middle:], deadline)):
            self.runs_left -= 1
            share = FIRST_RUN_SHARE if len(part) > 1 else 1.0
            try:
                self.parsed.append(await self._run(part, (ends_at - time.monotonic()) * share))
            except _RunFailedError as again:
                await self._isolate(part, again, ends_at)

    async def _run(
        self, files: tuple[str, ...], seconds: float, memory: Memory | None = None
    ) -> Parsed:
        if seconds < MIN_RUN_SECONDS:
            raise _RunFailedError(ToolOutcome.TIMED_OUT, "there was no time left.")
        group, chosen = self.group, set(files)
        left_out = (*_named(group.others), *(it for it in group.files if it not in chosen))
        job = SandboxJob(
            argv=(
                *group.tool.command(self._relative(files), self._relative(left_out)),
                *group.arguments,
            ),
            root=Path(self.tree.root),
            folder=group.root,
            tool_set=self.tool_set,
            timeout_seconds=seconds,
            profile=Profile.THREADS if group.tool.threads else Profile.SINGLE,
            watched=True,
        )
        if memory is None:
            result = await self.sandbox.run(job)
        else:
            part = f"{group.tool.name} {group.root}"
            result = await run_remembering(
                self.sandbox, job, memory, part, shares=group.tool.in_shares
            )
        progress = read_progress(self._without_root(result.stderr))
        culprit = place(progress.last, self.tree)
        if result.ending is Ending.TIMED_OUT and not _took_long(result, progress, seconds):
            culprit = None
        _require_exit(result, progress.words, culprit)
        output = Output(
            stdout=self._without_root(result.stdout),
            stderr=progress.words,
            exit_code=result.exit_code or 0,
        )
        given_up = {place(path, self.tree): why for path, why in progress.given_up.items()}
        self.failed |= {path: why for path, why in given_up.items() if path in files}
        try:
            return await asyncio.to_thread(group.tool.parse, output, self.tree)
        except UnreadableOutputError as error:
            raise _RunFailedError(ToolOutcome.CRASHED, f"crashed: {error}", culprit) from error

    def _relative(self, paths: Iterable[str]) -> tuple[str, ...]:
        return tuple(map(self.group.relative, paths))

    def _without_root(self, stream: bytes) -> str:
        """Return a stream with paths as the group's root knows them, not as this server does."""
        text, root = stream.decode(errors="replace"), f"{self.tree.root}/"
        return text.replace(f"{root}{self.group.root}/", "").replace(root, "")

    def _left(self) -> float:
        return self.deadline - time.monotonic()


def _took_long(result: SandboxResult, progress: Progress, seconds: float) -> bool:
    """Tell whether the last file took the time: much of what was used, or waiting for nothing."""
    spent = result.cpu_seconds - progress.began_at
    return spent > result.cpu_seconds / 4 or result.cpu_seconds < seconds / 2


def _require_exit(result: SandboxResult, words: str, culprit: str | None) -> None:
    match result.ending:
        case Ending.EXITED:
            return
        case Ending.TIMED_OUT:
            reason = "took too long and was stopped."
            raise _RunFailedError(ToolOutcome.TIMED_OUT, reason, culprit)
        case Ending.KILLED:
            reason = f"was stopped: {result.reason or last_line(words)}"
            raise _RunFailedError(ToolOutcome.KILLED, reason, culprit)
        case Ending.NO_SANDBOX:
            raise SandboxUnavailableError(result.reason)
