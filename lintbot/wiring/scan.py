"""Shell: ``lintbot scan``, joined from the pipeline, git and the sandbox."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from lintbot.git.command import Git, find_git
from lintbot.git.folders import remove_dead
from lintbot.git.local import LocalFolder
from lintbot.model.ids import Sha
from lintbot.model.lint import LintResult
from lintbot.model.lint_run import Judgement, Verdict
from lintbot.pipeline.judge import judge
from lintbot.scan.render import RENDERERS
from lintbot.scan.scan import FailOn, run_scan
from lintbot.settings import Settings
from lintbot.wiring.parts import describe_sandbox, make_folders, open_linter


async def scan_folder(
    settings: Settings, path: Path, *, base: str | None, form: str, fail_on: str
) -> tuple[str, int]:
    """Lint a folder; return the text in the form that was asked for, and the exit status.

    Raises:
        LintbotError: the folder cannot be read, or no sandbox holds on this machine.
    """
    folders = make_folders(settings)
    await asyncio.to_thread(remove_dead, folders.jobs)
    git = Git(find_git(os.environ), environ=os.environ, trusts_user=True)
    local = LocalFolder(git=git, path=path.absolute(), jobs=folders.jobs.resolve())
    base_sha = None if base is None else await local.resolve_base(base)
    async with open_linter(settings, folders, warm=False) as (linter, sandbox):
        describe_sandbox(sandbox)
        scan = await run_scan(
            lay=local.lay,
            lint=linter.lint_tree,
            judge=_judge,
            base=base_sha,
            fail_on=FailOn(fail_on),
            timeout_seconds=settings.job_timeout_seconds,
        )
    return RENDERERS[form](scan.judgement, scan.verdict), int(scan.failed)


def _judge(
    head: LintResult, base: LintResult | None, baseline: Sha | None
) -> tuple[Judgement, Verdict]:
    return judge(head, base, baseline_sha=baseline, for_pull=True)
