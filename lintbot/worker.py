"""Shell: the few lines that join the stages for one job."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from lintbot.billing.desk import Desk
from lintbot.early import Certain, EarlyReport
from lintbot.errors import (
    GoneError,
    LimitError,
    PermanentError,
    SandboxUnavailableError,
    UserError,
)
from lintbot.model.actions import RequestedAction
from lintbot.model.ids import AccountId, InstallationId, LintRunId, Sha, make_lint_run_id
from lintbot.model.jobs import LintJob, Trigger
from lintbot.model.lint import LintResult
from lintbot.model.lint_run import Conclusion, Judgement, LintRun, Stage, Verdict
from lintbot.model.memory import Lines, choose_lines
from lintbot.model.plans import Share
from lintbot.model.repository import Repository
from lintbot.pipeline.baseline import Baseline, find_baseline
from lintbot.pipeline.compare import are_comparable
from lintbot.pipeline.excerpts import read_excerpts
from lintbot.pipeline.fixes import find_fixable
from lintbot.pipeline.judge import judge, make_verdict
from lintbot.pipeline.lint import OnPart
from lintbot.pipeline.remembered import RememberedResults
from lintbot.pipeline.settings_notes import choose_settings
from lintbot.pipeline.sources import read_settings
from lintbot.ports import (
    Baselines,
    Checkout,
    Clock,
    Forge,
    GitSource,
    LintRuns,
    Memories,
    Memory,
    Target,
    Trees,
)
from lintbot.report.publish import Publisher
from lintbot.trust.alarms import AlarmLook, Beside, FindAlarms, nothing_beside

_log = logging.getLogger(__name__)

SpareUpgrades = Callable[[LintJob, GitSource, str, Judgement, float], Awaitable[Judgement]]

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
class Worker:
    """Implements ``ports.Handlers``.

    Attributes:
        lint_tree: lints a checkout.
        lint_backlog: the same, while nobody else wants the processors.
        account_slots: lint runs of one account at the same time; what is beyond is its backlog.
        find_alarms: judges a checkout's requirements.
        carry_out: does what a button asks for (``actions``).
        compare_installation: finds what nobody told of (``recovery``).
        make_patch: stores a patch of safe fixes (``fixer``).
        baselines: findings that a repository accepted.
        memories: what linters remember of each repository.
        plans: says whether a repository may be fetched at all.
        results: those of earlier lint runs.
        spare_upgrades: takes out what only a new version of a tool says (``firewall``).
        timeout_seconds: from delivery to verdict.
    """

    runs: LintRuns
    forge: Forge
    trees: Trees
    lint_tree: LintTree
    lint_backlog: LintTree
    account_slots: int
    find_alarms: FindAlarms
    results: RememberedResults
    spare_upgrades: SpareUpgrades
    publisher: Publisher
    carry_out: Callable[[RequestedAction], Awaitable[None]]
    compare_installation: Callable[[InstallationId], Awaitable[None]]
    make_patch: Callable[[LintJob], Awaitable[bool]]
    baselines: Baselines
    memories: Memories
    plans: Desk
    clock: Clock
    timeout_seconds: float

    async def announce(self, job: LintJob) -> None:
        """Show a ``queued`` check run, unless the job may turn out to change nothing."""
        if not _is_recomparison(job):
            await self.publisher.announce(job)

    async def share(self, job: LintJob) -> Share:
        """Return how many slots the job's account may have at the same time."""
        return await self.plans.share(job.account_id)

    async def act(self, action: RequestedAction) -> None:
        """Carry out what a person asked for with a button, if they may."""
        await self.carry_out(action)

    async def compare(self, installation_id: InstallationId) -> None:
        """Find what there is in an installation that nobody told of."""
        await self.compare_installation(installation_id)

    async def report(self, run_id: LintRunId) -> None:
        """Make GitHub show the stored verdict."""
        await self.publisher.publish(run_id)

    async def follow_plan(self, account_id: AccountId, *, bought: bool) -> None:
        """Ask the biller about one account's plan, and act on it."""
        await self.plans.refresh(account_id, bought=bought)

    async def reconcile_plans(self) -> None:
        """Ask the biller about every account's plan, and act on it."""
        await self.plans.reconcile()

    async def close(self, run_id: LintRunId, verdict: Verdict) -> bool:
        """Store a verdict from outside; tell whether it is ours to report."""
        return await asyncio.to_thread(self.runs.decide, run_id, verdict)

    async def lint(self, job: LintJob) -> bool:
        """Run the pipeline; end with a verdict stored. Tell whether there may be safe fixes."""
        try:
            await self._lint(job)
        except UserError as error:
            await self._decide(job, Verdict(conclusion=Conclusion.NEUTRAL, reason=str(error)))
        except SandboxUnavailableError as error:
            _log.error("no sandbox holds: %s", error, extra={"run_id": job.run_id})
            reason = "There is no sandbox on this server, so nothing was linted."
            await self._decide(job, Verdict(conclusion=Conclusion.NEUTRAL, reason=reason))
        except (GoneError, PermanentError) as error:
            reason = f"lintbot could not read this commit: {error}"
            await self._decide(job, Verdict(conclusion=Conclusion.NEUTRAL, reason=reason))
        run = await asyncio.to_thread(self.runs.load, job.run_id)
        return bool(run and run.judgement and find_fixable(run.judgement.result))

    async def fix(self, job: LintJob) -> bool:
        """Make a patch of safe fixes, if there is one to make."""
        found = await asyncio.to_thread(self.runs.load_target, job.run_id)
        if found is None or not await self.plans.may_fetch(found[0]):
            return False
        return await self.make_patch(job)

    async def show_patch(self, run_id: LintRunId) -> None:
        """Make GitHub show the patch beside the verdict."""
        await self.publisher.show_patch(run_id)

    async def _lint(self, job: LintJob) -> None:
        run = await asyncio.to_thread(self.runs.load, job.run_id)
        if run is None or run.verdict is not None:
            return
        if await asyncio.to_thread(self.runs.is_superseded, job):
            await self._decide(job, superseded())
            return
        found = await asyncio.to_thread(self.runs.load_target, job.run_id)
        if found is None:
            raise GoneError("the App is not installed on this repository any more")
        target, repository = found
        withheld = await self.plans.withhold(target)
        if withheld is not None:
            await self._decide(job, withheld)
            return
        previous = await self._load_previous(job)
        baseline = await find_baseline(self.forge, run.job, target, repository, previous)
        if previous and previous.verdict and await self._is_repetition(job, previous, baseline):
            await self._repeat(job, previous.verdict, previous.judgement)
            return
        await self._judge(job, target, baseline, repository)

    async def _judge(
        self, job: LintJob, target: Target, baseline: Baseline, repository: Repository
    ) -> None:
        await self.publisher.start(job)
        source = await self.forge.git_source(target)
        pushed = None if baseline.of_pull or job.trigger is Trigger.RERUN else job.branch
        known = await self.results.load(job.repository_id, baseline.sha) if baseline.sha else None
        certain = Certain(
            job=job,
            source=source,
            baseline=baseline.sha,
            base=known,
            trees=self.trees,
            baselines=self.baselines,
            publisher=self.publisher,
        )
        alarms = AlarmLook(self.find_alarms, private=repository.private)
        again = job.trigger is Trigger.RERUN
        lines = choose_lines(job.branch, repository.default_branch, fresh=again)
        async with EarlyReport(certain.find, certain.show) as early:
            head = await self._lint_commit(
                job,
                source,
                job.head_sha,
                lines,
                pushed_to=pushed,
                on_part=early.tell,
                beside=alarms.beside,
            )
            if known is None:
                early.tell(head, ())
            base, note = known, ""
            if known is None or not are_comparable(head, known):
                base, note = await self._lint_baseline(job, source, baseline.sha, lines, head)
        accepted = await asyncio.to_thread(self.baselines.load, job.repository_id)
        judgement, verdict = judge(
            head,
            base,
            baseline_sha=baseline.sha,
            baseline_note=note,
            for_pull=baseline.of_pull,
            accepted=accepted,
        )
        if verdict.conclusion is Conclusion.FAILURE:
            judgement = await self.spare_upgrades(
                job, source, repository.default_branch, judgement, self._seconds_left(job)
            )
            verdict = make_verdict(judgement, note)
        withheld = await self.plans.withhold(target, look=False)
        if withheld is not None:  # it became private in the meantime
            await self._decide(job, withheld)
        else:
            await self.results.save(job.repository_id, job.head_sha, head)
            notes = (*judgement.notes, *await self.plans.foretell(target))
            judgement = replace(judgement, dependencies=alarms.found, notes=notes)
            await self._decide(job, verdict, judgement)

    async def _lint_commit(  # noqa: PLR0913  each is one fact about the commit
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
        if stage is Stage.LINT:
            await asyncio.to_thread(self.runs.set_stage, job.run_id, Stage.CHECKOUT)
        async with self.trees.checkout(source, sha) as checkout:
            if pushed_to is not None:
                await asyncio.to_thread(_require_wanted, checkout, pushed_to)
            await asyncio.to_thread(self.runs.set_stage, job.run_id, stage)
            memory = self.memories.open(job.repository_id, lines)
            # Who pushes once has the processors for a moment, whoever has work for hours.
            slots = self.account_slots * await self.share(job)
            patient = await asyncio.to_thread(self.runs.has_backlog, job.account_id, slots)
            lint_tree = self.lint_backlog if patient else self.lint_tree
            async with beside(checkout):
                result = await lint_tree(
                    checkout, self._seconds_left(job), on_part, memory, as_in=as_in
                )
            excerpts = await asyncio.to_thread(read_excerpts, checkout, result.findings)
        await asyncio.to_thread(self.runs.save_excerpts, job.repository_id, sha, excerpts)
        return result

    async def _lint_baseline(
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
        if self._seconds_left(job) < MIN_LINT_SECONDS:
            return None, f"There was no time left to lint {baseline[:7]} for comparison."
        try:
            reading = replace(lines, writes=None)
            result = await self._lint_commit(
                job, source, baseline, reading, Stage.BASELINE, as_in=head
            )
        except (LimitError, PermanentError) as error:
            return None, f"The commit to compare with, {baseline[:7]}, cannot be read: {error}"
        await self.results.save(job.repository_id, baseline, result, head)
        return result, ""

    async def _load_previous(self, job: LintJob) -> LintRun | None:
        if job.attempt == 1:
            return None
        before = make_lint_run_id(job.repository_id, job.head_sha, job.attempt - 1)
        return await asyncio.to_thread(self.runs.load, before)

    async def _is_repetition(self, job: LintJob, previous: LintRun, baseline: Baseline) -> bool:
        """Tell whether a pull request changes neither the baseline nor whose settings count."""
        judgement = previous.judgement
        if (
            not _is_recomparison(job)
            or judgement is None
            or judgement.comparison.baseline_sha != baseline.sha
        ):
            return False
        base = await self.results.load(job.repository_id, baseline.sha) if baseline.sha else None
        chosen = choose_settings(judgement.result, base, for_pull=baseline.of_pull)
        return chosen == judgement.settings

    async def _repeat(self, job: LintJob, verdict: Verdict, judgement: Judgement | None) -> None:
        """Adopt the earlier verdict: it stands on GitHub already, so nothing is posted."""
        await self._decide(job, verdict, judgement)
        await asyncio.to_thread(self.runs.set_posted, job.run_id)

    async def _decide(
        self, job: LintJob, verdict: Verdict, judgement: Judgement | None = None
    ) -> None:
        await asyncio.to_thread(self.runs.decide, job.run_id, verdict, judgement)

    def _seconds_left(self, job: LintJob) -> float:
        ends_at = job.received_at + timedelta(seconds=self.timeout_seconds)
        return (ends_at - self.clock.now()).total_seconds() - REPORT_RESERVE_SECONDS


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


def superseded() -> Verdict:
    """Return the verdict of a commit that its branch has left behind."""
    return Verdict(
        conclusion=Conclusion.CANCELLED,
        reason="A newer commit was pushed to this branch before this one was judged.",
    )


def _is_recomparison(job: LintJob) -> bool:
    """Tell whether a pull request was opened for a commit that has its verdict already."""
    return job.trigger is Trigger.PULL_REQUEST and job.attempt > 1
