"""Shell: a patch for a commit that has its verdict; nobody waits for it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from lintbot.errors import LintbotError, TransientError
from lintbot.model.jobs import LintJob
from lintbot.model.lint_run import Judgement, LintRun
from lintbot.model.memory import choose_lines
from lintbot.model.patch import Patch
from lintbot.pipeline.patch import Mender
from lintbot.ports import Forge, LintRuns, Memories, Patches, Trees

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixer:
    """Makes patches of safe fixes and stores them."""

    forge: Forge
    runs: LintRuns
    trees: Trees
    patches: Patches
    memories: Memories
    mender: Mender

    async def fix(self, job: LintJob) -> bool:
        """Make a patch for a judged lint run; tell whether there is one.

        Raises:
            TransientError: GitHub or the database could not be asked.
        """
        run = await asyncio.to_thread(self.runs.load, job.run_id)
        is_over = await asyncio.to_thread(self.runs.is_superseded, job)
        if run is None or run.judgement is None or is_over or _is_repetition(run):
            return False
        try:
            patch = await self._make(job, run.judgement)
        except TransientError:
            raise
        except LintbotError as error:
            _log.warning("no patch: %s", error, extra={"run_id": job.run_id})
            return False
        if patch is not None:
            await asyncio.to_thread(self.patches.save, job.repository_id, job.head_sha, patch)
        return patch is not None

    async def _make(self, job: LintJob, judgement: Judgement) -> Patch | None:
        found = await asyncio.to_thread(self.runs.load_target, job.run_id)
        if found is None:
            return None
        target, repository = found
        source = await self.forge.git_source(target)
        lines = choose_lines(job.branch, repository.default_branch, fresh=job.again)
        return await self.mender.make_patch(
            lambda: self.trees.checkout(source, job.head_sha),
            job.head_sha,
            judgement.result,
            self.memories.open(job.repository_id, lines.only_read()),
        )


def _is_repetition(run: LintRun) -> bool:
    """Tell whether it adopted an earlier run's verdict: that one has check run and patch."""
    return run.posted_at is not None and run.check_run_id is None
