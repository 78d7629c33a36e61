"""Shell: which commit a lint run is compared with."""

from __future__ import annotations

from dataclasses import dataclass

from lintbot.model.events import is_queue_branch
from lintbot.model.ids import Sha
from lintbot.model.jobs import LintJob
from lintbot.model.lint_run import LintRun
from lintbot.model.repository import Repository
from lintbot.ports import Forge, Target


@dataclass(frozen=True, slots=True)
class Baseline:
    """The commit to compare with; None: there is none.

    Attributes:
        of_pull: it is the base of a pull request (or merge group), whose settings count.
    """

    sha: Sha | None
    of_pull: bool = False


async def find_baseline(
    forge: Forge, job: LintJob, target: Target, repository: Repository, previous: LintRun | None
) -> Baseline:
    """Return the commit to compare with: merge base, ``before``, or that of the last time."""
    default = repository.default_branch
    if job.branch != default:
        pull = await forge.find_open_pull(target, job.head_sha)
        if pull is not None:
            base = await forge.find_merge_base(target, pull.base_sha, job.head_sha)
            return Baseline(base, of_pull=True)
    if job.before is not None:
        return Baseline(job.before, of_pull=is_queue_branch(job.branch))
    if previous is not None and previous.judgement is not None:
        return Baseline(previous.judgement.comparison.baseline_sha)
    if job.branch is not None and job.branch != default:
        return Baseline(await forge.find_merge_base(target, default, job.head_sha))
    return Baseline(None)
