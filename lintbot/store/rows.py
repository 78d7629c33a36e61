"""Shell: rows to values and back."""

from __future__ import annotations

import gc
import zlib
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from lintbot.model.ids import AccountId, InstallationId, LintRunId, RepositoryId, Sha
from lintbot.model.jobs import LintJob, Trigger
from lintbot.model.lint import LintResult
from lintbot.model.lint_run import Conclusion, Judgement, LintRun, Stage, Verdict
from lintbot.model.neutral import NeutralProfile
from lintbot.model.overview import Overview, RunOverview, make_overview
from lintbot.model.patch import Patch
from lintbot.model.repository import Account, Repository
from lintbot.model.score import Score
from lintbot.model.source import Excerpts
from lintbot.model.summary import RunSummary
from lintbot.ports import Target
from lintbot.store.tables import lint_run

_LEVEL = 6
T = TypeVar("T")

# Made here, where one thread imports the module: the process crashes when two threads show
# msgspec a type for the first time at once (0.22; tests/store/test_threads.py).
JUDGEMENT = msgspec.json.Decoder(Judgement)
LINT_RESULT = msgspec.json.Decoder(LintResult)
PATCH = msgspec.json.Decoder(Patch)
OVERVIEW = msgspec.json.Decoder(Overview)
EXCERPTS = msgspec.json.Decoder(Excerpts)
_SCORE = msgspec.json.Decoder(Score)
_VERSIONS = msgspec.json.Decoder(dict[str, str])
_NEUTRAL = msgspec.json.Decoder(NeutralProfile)

Row = sa.Row[*tuple[Any, ...]]
"""A row of whichever columns."""

SUMMARY_COLUMNS = (
    lint_run.c.run_id,
    lint_run.c.head_sha,
    lint_run.c.branch,
    lint_run.c.stage,
    lint_run.c.conclusion,
    lint_run.c.score,
    lint_run.c.neutral,
    lint_run.c.new_count,
    lint_run.c.fixed_count,
    lint_run.c.received_at,
    lint_run.c.versions,
)

_JOB_COLUMNS = (
    lint_run.c.run_id,
    lint_run.c.repository_id,
    lint_run.c.account_id,
    lint_run.c.installation_id,
    lint_run.c.head_sha,
    lint_run.c.branch,
    lint_run.c.before,
    lint_run.c.pull_number,
    lint_run.c.attempt,
    lint_run.c.trigger,
    lint_run.c.priority,
    lint_run.c.received_at,
)
OVERVIEW_COLUMNS = (
    *_JOB_COLUMNS,
    lint_run.c.stage,
    lint_run.c.conclusion,
    lint_run.c.reason,
    lint_run.c.reference,
    lint_run.c.withheld,
    lint_run.c.completed_at,
    lint_run.c.overview,
    # Of runs that were stored before there were overviews.
    sa.case((lint_run.c.overview.is_(None), lint_run.c.judgement)).label("judgement"),
)


def pack(value: object) -> bytes:
    """Return a value as compressed JSON."""
    return zlib.compress(msgspec.json.encode(value), _LEVEL)


def unpack(data: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Return the value of compressed JSON.

    Raises:
        msgspec.ValidationError: it was packed from something else.
    """
    text = zlib.decompress(data)
    # No finding is garbage yet: looking at all of them again and again doubles the time.
    collects = gc.isenabled()
    gc.disable()
    try:
        return decoder.decode(text)
    finally:
        if collects:
            gc.enable()


def job_to_row(job: LintJob) -> dict[str, Any]:
    """Return the columns of a new lint run."""
    return {
        "run_id": job.run_id,
        "repository_id": job.repository_id,
        "account_id": job.account_id,
        "installation_id": job.installation_id,
        "head_sha": job.head_sha,
        "branch": job.branch,
        "before": job.before,
        "pull_number": job.pull_number,
        "attempt": job.attempt,
        "trigger": job.trigger.value,
        "priority": job.priority,
        "received_at": job.received_at,
        "stage": Stage.QUEUED.value,
    }


def row_to_job(row: Row) -> LintJob:
    """Return the job that a lint run came from."""
    return LintJob(
        run_id=LintRunId(row.run_id),
        repository_id=RepositoryId(row.repository_id),
        account_id=AccountId(row.account_id),
        installation_id=InstallationId(row.installation_id),
        head_sha=Sha(row.head_sha),
        branch=row.branch,
        before=row.before,
        pull_number=row.pull_number,
        attempt=row.attempt,
        trigger=Trigger(row.trigger),
        priority=row.priority,
        received_at=row.received_at,
    )


def row_to_run(row: Row) -> LintRun:
    """Return everything known about one lint run."""
    return LintRun(
        job=row_to_job(row),
        stage=Stage(row.stage),
        verdict=_row_to_verdict(row),
        judgement=unpack(row.judgement, JUDGEMENT) if row.judgement is not None else None,
        check_run_id=row.check_run_id,
        started_at=row.started_at,
        completed_at=row.completed_at,
        posted_at=row.posted_at,
    )


def _row_to_verdict(row: Row) -> Verdict | None:
    if row.conclusion is None:
        return None
    return Verdict(
        conclusion=Conclusion(row.conclusion),
        reason=row.reason,
        reference=row.reference,
        withheld=row.withheld,
    )


def row_to_summary(row: Row) -> RunSummary:
    """Return one line of a history."""
    return RunSummary(
        run_id=LintRunId(row.run_id),
        sha=Sha(row.head_sha),
        branch=row.branch,
        stage=Stage(row.stage),
        conclusion=Conclusion(row.conclusion) if row.conclusion is not None else None,
        score=_SCORE.decode(row.score) if row.score is not None else None,
        new=row.new_count,
        fixed=row.fixed_count,
        received_at=row.received_at,
        versions=_VERSIONS.decode(row.versions) if row.versions is not None else {},
        neutral=_NEUTRAL.decode(row.neutral) if row.neutral is not None else None,
    )


def row_to_run_overview(row: Row) -> RunOverview:
    """Return a lint run without its findings (``OVERVIEW_COLUMNS``)."""
    return RunOverview(
        job=row_to_job(row),
        stage=Stage(row.stage),
        verdict=_row_to_verdict(row),
        overview=_row_to_overview(row),
        completed_at=row.completed_at,
    )


def _row_to_overview(row: Row) -> Overview | None:
    if row.overview is not None:
        return unpack(row.overview, OVERVIEW)
    if row.judgement is not None:
        return make_overview(unpack(row.judgement, JUDGEMENT))
    return None


def row_to_repository(row: Row) -> Repository:
    """Return a repository as GitHub last described it."""
    return Repository(
        id=RepositoryId(row.id),
        account=Account(id=AccountId(row.account_id), login=row.owner),
        name=row.name,
        private=row.private,
        default_branch=row.default_branch,
        size_kib=row.size_kib,
        described_at=row.described_at,
    )


def row_to_target(row: Row) -> Target:
    """Return how a row of the repositories is reached, by its present name."""
    return Target(
        installation_id=InstallationId(row.installation_id),
        repository_id=RepositoryId(row.id),
        owner=row.owner,
        name=row.name,
    )
