"""Shell: the few lines that join the stages for one job."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from lintbot.billing.desk import Desk
from lintbot.early import Certain, EarlyReport
from lintbot.errors import GoneError, PermanentError, SandboxUnavailableError, UserError
from lintbot.linting import CommitLinter
from lintbot.model.actions import RequestedAction
from lintbot.model.ids import AccountId, InstallationId, LintRunId, make_lint_run_id
from lintbot.model.jobs import LintJob, Trigger
from lintbot.model.lint_run import Conclusion, Judgement, LintRun, Verdict
from lintbot.model.memory import choose_lines
from lintbot.model.plans import Share
from lintbot.model.repository import Repository
from lintbot.pipeline.baseline import Baseline, find_baseline
from lintbot.pipeline.compare import are_comparable
from lintbot.pipeline.fixes import find_fixable
from lintbot.pipeline.judge import judge, make_verdict
from lintbot.pipeline.remembered import RememberedResults
from lintbot.pipeline.settings_notes import choose_settings
from lintbot.ports import Baselines, Forge, GitSource, LintRuns, Target, Trees
from lintbot.report.publish import Publisher
from lintbot.trust.alarms import AlarmLook, FindAlarms

_log = logging.getLogger(__name__)

SpareUpgrades = Callable[[LintJob, GitSource, str, Judgement, float], Awaitable[Judgement]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """Implements ``ports.Handlers``.

    Attributes:
        commits: lints a job's commit and what it is compared with.
        find_alarms: judges a checkout's requirements.
        carry_out: does what a button asks for (``actions``).
        compare_installation: finds what nobody told of (``recovery``).
        make_patch: stores a patch of safe fixes (``fixer``).
        baselines: findings that a repository accepted.
        plans: says whether a repository may be fetched at all.
        results: those of earlier lint runs.
        spare_upgrades: takes out what only a new version of a tool says (``firewall``).
    """

    runs: LintRuns
    forge: Forge
    trees: Trees
    commits: CommitLinter
    find_alarms: FindAlarms
    results: RememberedResults
    spare_upgrades: SpareUpgrades
    publisher: Publisher
    carry_out: Callable[[RequestedAction], Awaitable[None]]
    compare_installation: Callable[[InstallationId], Awaitable[None]]
    make_patch: Callable[[LintJob], Awaitable[bool]]
    baselines: Baselines
    plans: Desk

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
        judgement = None
        try:
            judgement = await self._lint(job)
        except UserError as error:
            await self._decide(job, Verdict(conclusion=Conclusion.NEUTRAL, reason=str(error)))
        except SandboxUnavailableError as error:
            _log.error("no sandbox holds: %s", error, extra={"run_id": job.run_id})
            reason = "There is no sandbox on this server, so nothing was linted."
            await self._decide(job, Verdict(conclusion=Conclusion.NEUTRAL, reason=reason))
        except (GoneError, PermanentError) as error:
            reason = f"lintbot could not read this commit: {error}"
            await self._decide(job, Verdict(conclusion=Conclusion.NEUTRAL, reason=reason))
        return judgement is not None and bool(find_fixable(judgement.result))

    async def fix(self, job: LintJob) -> bool:
        """Make a patch of safe fixes, if there is one to make."""
        found = await asyncio.to_thread(self.runs.load_target, job.run_id)
        if found is None or not await self.plans.may_fetch(found[0]):
            return False
        return await self.make_patch(job)

    async def show_patch(self, run_id: LintRunId) -> None:
        """Make GitHub show the patch beside the verdict."""
        await self.publisher.show_patch(run_id)

    async def _lint(self, job: LintJob) -> Judgement | None:
        """Decide, and return what was found in the commit; None: nothing was looked for."""
        run = await asyncio.to_thread(self.runs.load, job.run_id)
        if run is None or run.verdict is not None:
            return run.judgement if run else None
        if await asyncio.to_thread(self.runs.is_superseded, job):
            await self._decide(job, superseded())
            return None
        found = await asyncio.to_thread(self.runs.load_target, job.run_id)
        if found is None:
            raise GoneError("the App is not installed on this repository any more")
        target, repository = found
        withheld = await self.plans.withhold(target)
        if withheld is not None:
            await self._decide(job, withheld)
            return None
        previous = await self._load_previous(job)
        baseline = await find_baseline(self.forge, run.job, target, repository, previous)
        if previous and previous.verdict and await self._is_repetition(job, previous, baseline):
            await self._repeat(job, previous.verdict, previous.judgement)
            return previous.judgement
        return await self._judge(job, target, baseline, repository)

    async def _judge(
        self, job: LintJob, target: Target, baseline: Baseline, repository: Repository
    ) -> Judgement | None:
        await self.publisher.start(job)
        source = await self.forge.git_source(target)
        pushed = None if baseline.of_pull or job.again else job.branch
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
        lines = choose_lines(job.branch, repository.default_branch, fresh=job.again)
        async with EarlyReport(certain.find, certain.show) as early:
            head = await self.commits.lint(
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
                base, note = await self.commits.lint_baseline(
                    job, source, baseline.sha, lines, head
                )
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
                job, source, repository.default_branch, judgement, self.commits.seconds_left(job)
            )
            verdict = make_verdict(judgement, note)
        withheld = await self.plans.withhold(target, look=False)
        if withheld is not None:  # it became private in the meantime
            await self._decide(job, withheld)
            return None
        await self.results.save(job.repository_id, job.head_sha, head)
        notes = (*judgement.notes, *await self.plans.foretell(target))
        judgement = replace(judgement, dependencies=alarms.found, notes=notes)
        await self._decide(job, verdict, judgement)
        return judgement

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


def superseded() -> Verdict:
    """Return the verdict of a commit that its branch has left behind."""
    return Verdict(
        conclusion=Conclusion.CANCELLED,
        reason="A newer commit was pushed to this branch before this one was judged.",
    )


def _is_recomparison(job: LintJob) -> bool:
    """Tell whether a pull request was opened for a commit that has its verdict already."""
    return job.trigger is Trigger.PULL_REQUEST and job.attempt > 1
