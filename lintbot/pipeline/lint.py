"""Shell: runs the tools over one checkout through the sandbox; the same tree, the same result."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from lintbot.errors import SandboxUnavailableError
from lintbot.model.findings import Finding
from lintbot.model.lint import LintResult, ToolOutcome, ToolReport
from lintbot.model.repository_settings import RepositorySettings
from lintbot.pipeline.config import Configuration
from lintbot.pipeline.fingerprint import with_fingerprints
from lintbot.pipeline.measure import measure
from lintbot.pipeline.modules import find_local_modules
from lintbot.pipeline.score import count_code_lines
from lintbot.pipeline.sources import read_sources
from lintbot.pipeline.tools.registry import ALWAYS, WHERE_CONFIGURED
from lintbot.pipeline.tools.tool import Output, Parsed, Tool, Tree, UnreadableOutputError, last_line
from lintbot.ports import Checkout, Ending, Profile, Sandbox, SandboxJob, SandboxResult

FIRST_RUN_SHARE = 0.6
"""Of the time that is left, for the run over all files; the rest finds the culprit if it fails."""
MIN_RUN_SECONDS = 1.0
MAX_ISOLATION_RUNS = 24
"""Runs over parts of the files, so that one bad file among many loses only its own results."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linter:
    """Lints checkouts.

    Attributes:
        versions: tool name to version, as they are in the sandbox.
        python_version: of the interpreter in the sandbox.
    """

    sandbox: Sandbox
    versions: Mapping[str, str]
    python_version: str

    @property
    def results_key(self) -> str:
        """Return under which key results may be reused: lintbot's rules and all versions."""
        text = repr((RESULT_FORMAT, sorted(self.versions.items()), self.python_version))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    async def lint_tree(self, checkout: Checkout, budget_seconds: float) -> LintResult:
        """Run every tool that applies, side by side, and put their findings together.

        Raises:
            SandboxUnavailableError: no sandbox holds, so nothing was run.
        """
        found = await asyncio.to_thread(read_sources, checkout)
        sources, configuration, settings = found.files, found.configuration, found.settings
        allowed_seconds = settings.settings.timeout_seconds or budget_seconds
        deadline = time.monotonic() + min(budget_seconds, allowed_seconds)
        files = tuple(sources)
        tree = Tree(
            root=str(checkout.root),
            line_counts={path: max(len(lines), 1) for path, lines in sources.items()},
            local_modules=find_local_modules((*files, *found.excluded)),
        )
        tools = _applicable(configuration, settings.settings) if files else ()
        every = {tool.name: _files_for(tool, files, configuration) for tool in tools}
        runs = [
            _ToolRun(
                tool=tool,
                tree=tree,
                root=checkout.root,
                deadline=deadline,
                sandbox=self.sandbox,
                all_files=(*every[tool.name], *_named(found.excluded)),
            )
            for tool in tools
        ]
        code_lines = sum(count_code_lines(lines) for lines in sources.values())
        ended, neutral = await asyncio.gather(
            asyncio.gather(*(run.over(every[run.tool.name]) for run in runs)),
            measure(
                self.sandbox,
                checkout,
                ruff_version=self.versions.get("ruff", "unknown"),
                code_lines=code_lines + found.excluded_code_lines,
                seconds=deadline - time.monotonic(),
            ),
        )
        return LintResult(
            findings=with_fingerprints((f for _, said in ended for f in said), sources),
            tools=tuple(self._complete(report, configuration) for report, _ in ended),
            python_files=len(files),
            code_lines=code_lines,
            config_digest=configuration.digest,
            python_version=self.python_version,
            skipped=checkout.skipped,
            neutral=neutral,
            settings=settings,
            excluded_files=len(found.excluded),
        )

    def _complete(self, report: ToolReport, configuration: Configuration) -> ToolReport:
        return replace(
            report,
            version=self.versions.get(report.tool, "unknown"),
            config_path=configuration.paths.get(report.tool),
            notices=(*configuration.notices.get(report.tool, ()), *report.notices),
        )


RESULT_FORMAT = 2
"""One more whenever parsing, fingerprints or severities change: old results are not reused."""


def _applicable(configuration: Configuration, settings: RepositorySettings) -> tuple[Tool, ...]:
    wanted = ALWAYS + tuple(
        tool
        for tool in WHERE_CONFIGURED
        if configuration.paths[tool.name] is not None or tool.name in settings.switched_on
    )
    return tuple(tool for tool in wanted if tool.name not in settings.switched_off)


def _files_for(tool: Tool, files: tuple[str, ...], configuration: Configuration) -> tuple[str, ...]:
    if tool.name != "pylint":
        return files
    ignored = configuration.ignored_folders
    return tuple(path for path in files if not ignored.intersection(path.split("/")))


MAX_NAMED_CHARACTERS = 64 * 1024
"""Of excluded paths that are told to a tool, on its command line."""


def _named(excluded: tuple[str, ...]) -> tuple[str, ...]:
    """Return the excluded files, so that tools spare them; too many are judged and not heard."""
    return excluded if sum(map(len, excluded)) <= MAX_NAMED_CHARACTERS else ()


class _RunFailedError(Exception):
    """A run gave no usable output; the text says why."""

    def __init__(self, outcome: ToolOutcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome


@dataclass(slots=True, kw_only=True)
class _ToolRun:
    """One tool over one tree: all files at once, and parts of them if that fails."""

    tool: Tool
    tree: Tree
    root: Path
    deadline: float
    sandbox: Sandbox
    all_files: tuple[str, ...]
    runs_left: int = MAX_ISOLATION_RUNS
    parsed: list[Parsed] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)

    async def over(self, files: tuple[str, ...]) -> tuple[ToolReport, tuple[Finding, ...]]:
        """Run the tool; always end with a report that names what is missing."""
        outcome, reason = ToolOutcome.OK, ""
        try:
            self.parsed.append(await self._run(files, self._left() * FIRST_RUN_SHARE))
        except _RunFailedError as error:
            outcome, reason = error.outcome, str(error)
            await self._isolate(files, error, self.deadline)
        if outcome is not ToolOutcome.OK and len(self.failed) < len(files):
            # Some parts worked: what is lost is named file by file.
            outcome, reason = ToolOutcome.OK, ""
        refused = next((p.refused for p in self.parsed if p.refused), "")
        if refused:
            outcome, reason = ToolOutcome.CRASHED, f"did not run: {refused}"
        findings = dict.fromkeys(f for p in self.parsed for f in p.findings)
        return self._report(outcome, reason), tuple(findings)

    def _report(self, outcome: ToolOutcome, reason: str) -> ToolReport:
        failed = {path for p in self.parsed for path in p.failed_files} | set(self.failed)
        notices = dict.fromkeys(n for p in self.parsed for n in p.notices)
        causes = dict.fromkeys(f"{path}: {why}" for path, why in sorted(self.failed.items())[:5])
        return ToolReport(
            tool=self.tool.name,
            version="",
            config_path=None,
            outcome=outcome,
            reason=reason,
            failed_files=tuple(sorted(failed)),
            notices=(*notices, *causes),
        )

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

    async def _run(self, files: tuple[str, ...], seconds: float) -> Parsed:
        if seconds < MIN_RUN_SECONDS:
            raise _RunFailedError(ToolOutcome.TIMED_OUT, "there was no time left.")
        chosen = set(files)
        left_out = tuple(path for path in self.all_files if path not in chosen)
        job = SandboxJob(
            argv=self.tool.command(files, left_out),
            root=self.root,
            timeout_seconds=seconds,
            profile=Profile.THREADS if self.tool.threads else Profile.SINGLE,
        )
        result = await self.sandbox.run(job)
        _require_exit(result)
        output = Output(
            stdout=self._without_root(result.stdout),
            stderr=self._without_root(result.stderr),
            exit_code=result.exit_code or 0,
        )
        try:
            return self.tool.parse(output, self.tree)
        except UnreadableOutputError as error:
            raise _RunFailedError(ToolOutcome.CRASHED, f"crashed: {error}") from error

    def _without_root(self, stream: bytes) -> str:
        """Return a stream with paths as the repository knows them, not as this server does."""
        return stream.decode(errors="replace").replace(f"{self.tree.root}/", "")

    def _left(self) -> float:
        return self.deadline - time.monotonic()


def _require_exit(result: SandboxResult) -> None:
    match result.ending:
        case Ending.EXITED:
            return
        case Ending.TIMED_OUT:
            raise _RunFailedError(ToolOutcome.TIMED_OUT, "took too long and was stopped.")
        case Ending.KILLED:
            why = result.reason or last_line(result.stderr.decode(errors="replace"))
            raise _RunFailedError(ToolOutcome.KILLED, f"was stopped: {why}")
        case Ending.NO_SANDBOX:
            raise SandboxUnavailableError(result.reason)
