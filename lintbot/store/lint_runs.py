"""Shell: lint runs and remembered results (``ports.LintRuns``)."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from lintbot.model.ids import AccountId, LintRunId, RepositoryId, Sha
from lintbot.model.jobs import LintJob
from lintbot.model.lint import LintResult
from lintbot.model.lint_run import Judgement, LintRun, Stage, Verdict
from lintbot.model.overview import make_overview
from lintbot.model.repository import InstallationState, Repository
from lintbot.model.source import Excerpts
from lintbot.ports import Clock, Target
from lintbot.store.database import Database
from lintbot.store.rows import (
    LINT_RESULT,
    pack,
    row_to_repository,
    row_to_run,
    row_to_target,
    unpack,
)
from lintbot.store.statements import insert
from lintbot.store.tables import (
    branch_head,
    excerpt,
    installation,
    lint_result,
    lint_run,
    repository,
)


class StoredLintRuns:
    """Implements ``ports.LintRuns`` on a database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def load(self, run_id: LintRunId) -> LintRun | None:
        """Return everything known about one lint run."""
        with self._database.read() as connection:
            row = connection.execute(lint_run.select().where(lint_run.c.run_id == run_id)).first()
        return row_to_run(row) if row is not None else None

    def load_target(self, run_id: LintRunId) -> tuple[Target, Repository] | None:
        """Return where to report it today, by the repository's present name; None if gone."""
        query = (
            sa.select(repository)
            .join(lint_run, lint_run.c.repository_id == repository.c.id)
            .join(installation, installation.c.id == repository.c.installation_id)
            .where(lint_run.c.run_id == run_id)
            .where(repository.c.removed_at.is_(None))
            .where(installation.c.state == InstallationState.ACTIVE.value)
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        return row_to_target(row), row_to_repository(row)

    def is_superseded(self, job: LintJob) -> bool:
        """Tell whether the job's branch has moved on, and no other branch is at its commit."""
        query = (
            sa.select(branch_head.c.branch, branch_head.c.sha)
            .where(branch_head.c.repository_id == job.repository_id)
            .where(sa.or_(branch_head.c.branch == job.branch, branch_head.c.sha == job.head_sha))
        )
        with self._database.read() as connection:
            heads = connection.execute(query).all()
        return bool(heads) and all(head.sha != job.head_sha for head in heads)

    def has_backlog(self, account_id: AccountId, most: int) -> bool:
        """Tell whether more than ``most`` (at least 1) of an account's lint runs are open."""
        open_runs = (
            sa.select(lint_run.c.run_id)
            .where(lint_run.c.account_id == account_id, lint_run.c.conclusion.is_(None))
            .limit(most + 1)
        )
        with self._database.read() as connection:
            return len(connection.execute(open_runs).all()) > most

    def set_stage(self, run_id: LintRunId, stage: Stage) -> None:
        """Show how far it has come; a run that is decided stays where it is."""
        self._update_open(
            run_id,
            stage=stage.value,
            started_at=sa.func.coalesce(
                lint_run.c.started_at, sa.literal(self._clock.now(), lint_run.c.started_at.type)
            ),
        )

    def set_check_run(self, run_id: LintRunId, check_run_id: int) -> None:
        """Remember GitHub's id of the check run."""
        change = lint_run.update().where(lint_run.c.run_id == run_id)
        with self._database.write() as connection:
            connection.execute(change.values(check_run_id=check_run_id))

    def decide(
        self, run_id: LintRunId, verdict: Verdict, judgement: Judgement | None = None
    ) -> bool:
        """Store the verdict if none is stored yet; tell whether this call did.

        One UPDATE that asks for "no conclusion yet": the database lets exactly one caller win.
        """
        facts = _judgement_columns(judgement) if judgement is not None else {}
        return self._update_open(
            run_id,
            conclusion=verdict.conclusion.value,
            reason=verdict.reason,
            reference=verdict.reference,
            withheld=verdict.withheld,
            completed_at=self._clock.now(),
            stage=Stage.REPORT.value,
            **facts,
        )

    def set_posted(self, run_id: LintRunId) -> None:
        """Remember that GitHub shows the verdict."""
        change = (
            lint_run.update()
            .where(lint_run.c.run_id == run_id)
            .where(lint_run.c.conclusion.is_not(None))
            .where(lint_run.c.posted_at.is_(None))
            .values(posted_at=self._clock.now(), stage=Stage.COMPLETED.value)
        )
        with self._database.write() as connection:
            connection.execute(change)

    def load_result(self, repository_id: RepositoryId, sha: Sha, key: str) -> LintResult | None:
        """Return the remembered result; one that this version cannot read is forgotten."""
        query = (
            sa.select(lint_result.c.result)
            .where(lint_result.c.repository_id == repository_id)
            .where(lint_result.c.sha == sha)
            .where(lint_result.c.key == key)
        )
        with self._database.read() as connection:
            data = connection.execute(query).scalar()
        try:
            return unpack(data, LINT_RESULT) if data is not None else None
        except msgspec.ValidationError:
            return None

    def save_result(
        self, repository_id: RepositoryId, sha: Sha, key: str, result: LintResult
    ) -> None:
        """Remember a result, unless something failed: it may end better next time."""
        if result.failed:
            return
        row = {"repository_id": repository_id, "sha": sha, "key": key}
        change = (
            insert(lint_result, self._database)
            .values(**row, saved_at=self._clock.now(), result=pack(result))
            .on_conflict_do_nothing()
        )
        with self._database.write() as connection:
            connection.execute(change)

    def save_excerpts(self, repository_id: RepositoryId, sha: Sha, lines: Excerpts) -> None:
        """Keep the lines of source around a commit's findings; a later run may show others."""
        facts = {"saved_at": self._clock.now(), "lines": pack(lines)}
        change = (
            insert(excerpt, self._database)
            .values(repository_id=repository_id, sha=sha, **facts)
            .on_conflict_do_update(index_elements=["repository_id", "sha"], set_=facts)
        )
        with self._database.write() as connection:
            connection.execute(change)

    def _update_open(self, run_id: LintRunId, **values: object) -> bool:
        """Change a lint run that has no verdict yet; tell whether there was one."""
        change = (
            lint_run.update()
            .where(lint_run.c.run_id == run_id)
            .where(lint_run.c.conclusion.is_(None))
            .values(**values)
        )
        with self._database.write() as connection:
            return connection.execute(change).rowcount == 1


def _judgement_columns(judgement: Judgement) -> dict[str, object]:
    compared = judgement.comparison.baseline_sha is not None
    score, neutral = judgement.score, judgement.result.neutral
    versions: dict[str, str] = {}
    for tool in judgement.result.tools:
        for name, version in tool.versions.items():
            known = versions.get(name, "").split(", ")
            versions[name] = ", ".join(dict.fromkeys(filter(None, (*known, version))))
    return {
        "judgement": pack(judgement),
        "overview": pack(make_overview(judgement)),
        "versions": msgspec.json.encode(versions).decode(),
        "score": msgspec.json.encode(score).decode() if score else None,
        "neutral": msgspec.json.encode(neutral).decode() if neutral else None,
        "new_count": len(judgement.comparison.new) if compared else None,
        "fixed_count": len(judgement.comparison.fixed) if compared else None,
    }
