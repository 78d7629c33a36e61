"""Shell: lints one commit of a job: its checkout, the linters, and what they remember."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from lintbot.errors import LimitError, PermanentError, UserError
from lintbot.model.ids import AccountId, Sha
from lintbot.model.jobs import LintJob
from lintbot.model.lint import LintResult
from lintbot.model.lint_run import Stage
from lintbot.model.memory import Lines
from lintbot.pipeline.compare import are_comparable
from lintbot.pipeline.excerpts import read_excerpts
from lintbot.pipeline.lint import OnPart
from lintbot.pipeline.remembered import RememberedResults
from lintbot.pipeline.sources import read_settings
from lintbot.ports import Checkout, Clock, GitSource, LintRuns, Memories, Memory, Trees
from lintbot.trust.alarms import Beside, nothing_beside

REPORT_RESERVE_SECONDS = 20.0
"""Kept of a run's time for posting the verdict."""
MIN_LINT_SECONDS = 5.0
"""Less than this is not worth starting a linter for."""


class LintTree(Protocol):
    """Lint a checkout within so many seconds (``pipeline.lint`` with its sandbox)."""

    def __call__(
        self,
        checkout: Checkout,
        seconds: float,
        on_part: OnPart | None,
        memory: Memory | None,
        /,
        *,
        as_in: LintResult | None = None,
    ) -> Awaitable[LintResult]:
        """Lint it; with another tree's result, by the same versions."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitLinter:
    """Lints the commits of jobs.

    Attributes:
        lint_tree: lints a checkout.
        lint_backlog: the same, while nobody else wants the processors.
        count_slots: tells how many lint runs an account may have at the same time; what it has
            open beyond that is its backlog.
        memories: what linters remember of each repository.
        results: those of earlier lint runs.
        timeout_seconds: from delivery to verdict.
    """

    runs: LintRuns
    trees: Trees
    lint_tree: LintTree
    lint_backlog: LintTree
    count_slots: Callable[[AccountId], Awaitable[int]]
    memories: Memories
    results: RememberedResults
    clock: Clock
    timeout_seconds: float

    async def lint(  # noqa: PLR0913  each is one fact about the commit
        self,
        job: LintJob,
        source: GitSource,
        sha: Sha,
        lines: Lines,
        stage: Stage = Stage.LINT,
        *,
        pushed_to: str | None = None,
        on_part: OnPart | None = None,
        beside: Beside = nothing_beside,
        as_in: LintResult | None = None,
    ) -> LintResult:
        """Lint a commit, and keep excerpts of what is found.

        Args:
            job: that it is linted for.
            source: where to fetch it from.
            sha: the commit.
            lines: whose memory is read and written.
            stage: to show meanwhile.
            pushed_to: the branch, whose commits the repository's settings may leave out; None:
                they may not.
            on_part: takes each tool's result.
            beside: goes on while the linters run.
            as_in: judge by the versions of this result.

        Raises:
            UserError: the settings leave the branch out, or make no sense.
            LimitError, GoneError, PermanentError: the commit cannot be read.
            SandboxUnavailableError: no sandbox holds.
        """
        if stage is Stage.LINT:
            await asyncio.to_thread(self.runs.set_stage, job.run_id, Stage.CHECKOUT)
        async with self.trees.checkout(source, sha) as checkout:
            if pushed_to is not None:
                await asyncio.to_thread(_require_wanted, checkout, pushed_to)
            await asyncio.to_thread(self.runs.set_stage, job.run_id, stage)
            memory = self.memories.open(job.repository_id, lines)
            lint_tree = await self._choose(job)
            async with beside(checkout):
                result = await lint_tree(
                    checkout, self.seconds_left(job), on_part, memory, as_in=as_in
                )
            excerpts = await asyncio.to_thread(read_excerpts, checkout, result.findings)
        await asyncio.to_thread(self.runs.save_excerpts, job.repository_id, sha, excerpts)
        return result

    async def lint_baseline(
        self,
        job: LintJob,
        source: GitSource,
        baseline: Sha | None,
        lines: Lines,
        head: LintResult,
    ) -> tuple[LintResult | None, str]:
        """Return the baseline's result, or None and why there is none in plain words.

        It is judged by the versions that judged the head: so no version makes a difference.
        """
        if baseline is None:
            return None, ""
        known = await self.results.load(job.repository_id, baseline, head)
        if known is not None and are_comparable(head, known):
            return known, ""
        if self.seconds_left(job) < MIN_LINT_SECONDS:
            return None, f"There was no time left to lint {baseline[:7]} for comparison."
        try:
            reading = lines.only_read()
            result = await self.lint(job, source, baseline, reading, Stage.BASELINE, as_in=head)
        except (LimitError, PermanentError) as error:
            return None, f"The commit to compare with, {baseline[:7]}, cannot be read: {error}"
        await self.results.save(job.repository_id, baseline, result, head)
        return result, ""

    def seconds_left(self, job: LintJob) -> float:
        """Return how long the linters of a job may still take; below 0: it is late already."""
        ends_at = job.received_at + timedelta(seconds=self.timeout_seconds)
        return (ends_at - self.clock.now()).total_seconds() - REPORT_RESERVE_SECONDS

    async def _choose(self, job: LintJob) -> LintTree:
        """Who pushes once has the processors for a moment, whoever has work for hours."""
        slots = await self.count_slots(job.account_id)
        patient = await asyncio.to_thread(self.runs.has_backlog, job.account_id, slots)
        return self.lint_backlog if patient else self.lint_tree


def _require_wanted(checkout: Checkout, branch: str) -> None:
    """Stop where the repository's own settings leave the pushed branch out. Blocking.

    Raises:
        UserError: they do.
    """
    file = read_settings(checkout)
    if not file.settings.wants(branch):
        named = ", ".join(file.settings.branches)
        raise UserError(
            f"{file.path} has only pushes to {named} linted. Pull requests are linted always."
        )
