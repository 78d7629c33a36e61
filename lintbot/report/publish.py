"""Shell: makes GitHub show what is stored; every method may be killed anywhere and run again."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from lintbot.errors import GoneError, PermanentError, TransientError
from lintbot.model.check_run import Annotation, PostedCheckRun, Report
from lintbot.model.early import EarlyFindings
from lintbot.model.ids import LintRunId
from lintbot.model.jobs import LintJob
from lintbot.model.lint_run import LintRun
from lintbot.ports import Forge, LintRuns, Patches, Target
from lintbot.report.check_run import make_early, make_progress, make_refused, make_report
from lintbot.report.patch import Offer
from lintbot.report.urls import run_url

_log = logging.getLogger(__name__)

BATCH = 50
"""Annotations in one request: https://docs.github.com/en/rest/checks/runs#update-a-check-run"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Posts check runs. It decides nothing: a verdict is stored before it is posted.

    Attributes:
        public_url: where people reach lintbot.
        plans_url: where they choose a plan; empty where nothing is billed.
    """

    forge: Forge
    runs: LintRuns
    patches: Patches
    public_url: str
    plans_url: str = ""

    async def announce(self, job: LintJob) -> None:
        """Show a ``queued`` check run, unless there is one already.

        Raises:
            TransientError: GitHub could not be reached; run it again.
        """
        run = await asyncio.to_thread(self.runs.load, job.run_id)
        if run is None or run.verdict is not None or run.check_run_id is not None:
            return
        try:
            target = await self._target(run)
            posted = await self._find_or_create(run, target)
            await self._settle(job.run_id, target, posted)
        except GoneError as error:
            _log.warning("nobody to announce to: %s", error, extra={"run_id": job.run_id})

    async def start(self, job: LintJob) -> None:
        """Show the check run as ``in_progress``. Only cosmetic, so it never stops a lint run."""
        run = await asyncio.to_thread(self.runs.load, job.run_id)
        if run is None or run.verdict is not None:
            return
        try:
            target = await self._target(run)
            posted = await self._find_or_create(run, target)
            output = make_progress(run, self._details_url(run, target))
            await self.forge.start_check_run(target, posted.id, output)
        except (TransientError, PermanentError) as error:
            _log.warning("not shown as in progress: %s", error, extra={"run_id": job.run_id})

    async def show_early(self, job: LintJob, early: EarlyFindings) -> None:
        """Show what is certain by now, without a word on how it will end. Only cosmetic too.

        Only text, which the verdict replaces: annotations could not be taken away again.
        """
        run = await asyncio.to_thread(self.runs.load, job.run_id)
        if run is None or run.verdict is not None or run.check_run_id is None:
            return
        try:
            target = await self._target(run)
            output = make_early(run, early, self._details_url(run, target))
            await self.forge.update_check_run(target, run.check_run_id, output, (), None)
        except (TransientError, PermanentError) as error:
            _log.warning("not shown early: %s", error, extra={"run_id": job.run_id})

    async def publish(self, run_id: LintRunId) -> None:
        """Make GitHub show the stored verdict, once, and remember that it does.

        When the repository is out of reach nobody can be told; that too ends the matter.

        Raises:
            TransientError: run it again; what was sent is not sent twice.
            PermanentError: GitHub refuses even the plainest form.
        """
        run = await asyncio.to_thread(self.runs.load, run_id)
        if run is None or run.verdict is None or run.posted_at is not None:
            return
        try:
            target = await self._target(run)
            await self._complete(run, target, await self._find_or_create(run, target))
        except GoneError as error:
            _log.warning("nobody to report to: %s", error, extra={"run_id": run_id})
        await asyncio.to_thread(self.runs.set_posted, run_id)

    async def _settle(self, run_id: LintRunId, target: Target, posted: PostedCheckRun) -> None:
        """Complete a check run whose lint run was closed while it was being created.

        The report may have looked for it too early, and nobody would look again.
        """
        run = await asyncio.to_thread(self.runs.load, run_id)
        if run is not None and run.verdict is not None:
            await self._complete(run, target, posted)

    async def _complete(self, run: LintRun, target: Target, posted: PostedCheckRun) -> None:
        if posted.status == "completed" and not posted.twins:
            return
        report = await asyncio.to_thread(self._make_report, run, target, whole_patch=False)
        try:
            if posted.status != "completed":
                await self._send(target, posted, report)
            for twin in posted.twins:
                await self.forge.update_check_run(
                    target, twin, report.output, (), report.conclusion
                )
        except GoneError:
            raise
        except PermanentError as error:
            _log.error("GitHub refused the report: %s", error, extra={"run_id": run.job.run_id})
            output = make_refused(report.output, self._details_url(run, target))
            await self.forge.update_check_run(target, posted.id, output, (), report.conclusion)

    def _make_report(self, run: LintRun, target: Target, *, whole_patch: bool) -> Report:
        """Make the completed check run. Blocking."""
        job = run.job
        found = self.runs.load_target(job.run_id)
        patch = self.patches.load(job.repository_id, job.head_sha)
        private = found is None or found[1].private
        return make_report(
            run,
            self._details_url(run, target),
            default_branch=found[1].default_branch if found else "",
            offer=Offer(patch=patch, whole=whole_patch, private=private) if patch else None,
            plans_url=self.plans_url,
        )

    async def show_patch(self, run_id: LintRunId, *, whole: bool = False) -> None:
        """Show a lint run's patch in its completed check run; one that comes later has it anyway.

        Raises:
            TransientError: GitHub could not be reached; run it again.
        """
        run = await asyncio.to_thread(self.runs.load, run_id)
        if run is None or run.check_run_id is None or run.posted_at is None:
            return
        try:
            target = await self._target(run)
            report = await asyncio.to_thread(self._make_report, run, target, whole_patch=whole)
            await self.forge.update_check_run(target, run.check_run_id, report.output, (), None)
        except PermanentError as error:
            _log.warning("the patch is not shown: %s", error, extra={"run_id": run_id})

    async def _send(self, target: Target, posted: PostedCheckRun, report: Report) -> None:
        """Send the annotations that are not there yet; the conclusion goes with the last ones."""
        batches = in_batches(report.annotations[posted.annotations_count :])
        for number, batch in enumerate(batches, start=1):
            conclusion = report.conclusion if number == len(batches) else None
            await self.forge.update_check_run(target, posted.id, report.output, batch, conclusion)

    async def _find_or_create(self, run: LintRun, target: Target) -> PostedCheckRun:
        """Return the check run of a lint run; creating one twice would show two."""
        job = run.job
        posted = await self.forge.find_check_run(target, job.run_id, job.head_sha)
        if posted is None and run.check_run_id is not None:
            # Created, but GitHub's list does not show it yet: so nothing was appended to it.
            return PostedCheckRun(id=run.check_run_id, status="queued", annotations_count=0)
        if posted is None:
            url = self._details_url(run, target)
            posted = await self.forge.create_check_run(target, job.run_id, job.head_sha, url)
        if posted.id != run.check_run_id:
            await asyncio.to_thread(self.runs.set_check_run, job.run_id, posted.id)
        return posted

    async def _target(self, run: LintRun) -> Target:
        found = await asyncio.to_thread(self.runs.load_target, run.job.run_id)
        if found is None:
            raise GoneError("the App is not installed on this repository any more")
        return found[0]

    def _details_url(self, run: LintRun, target: Target) -> str:
        return run_url(self.public_url, target.owner, target.name, run.job.head_sha)


def in_batches(annotations: tuple[Annotation, ...]) -> list[tuple[Annotation, ...]]:
    """Return batches of at most 50, in order; one empty batch when there is nothing to send."""
    starts = range(0, max(len(annotations), 1), BATCH)
    return [annotations[start : start + BATCH] for start in starts]
