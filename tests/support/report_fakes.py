"""In memory: the catalog, the lint runs and a GitHub that refuses what GitHub refuses."""
# ruff: noqa: ARG002  the fakes have the whole signature of what they stand for

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from lintbot.errors import LintbotError, PermanentError
from lintbot.model.check_run import Annotation, Output, PostedCheckRun
from lintbot.model.ids import InstallationId, LintRunId, RepositoryId, Sha
from lintbot.model.lint_run import Conclusion, LintRun
from lintbot.model.overview import RunOverview, make_overview
from lintbot.model.patch import Patch
from lintbot.model.repository import Repository
from lintbot.model.source import Excerpts, Explanation
from lintbot.model.summary import RunSummary
from lintbot.ports import Target

MAX_BYTES = 65_535


@dataclass
class FakeCatalog:
    """A catalog and reports of a few repositories; ``failure`` is raised by every first read."""

    repositories: dict[str, Repository] = field(default_factory=dict)
    runs: dict[RepositoryId, list[LintRun]] = field(default_factory=dict)
    summaries: dict[RepositoryId, list[RunSummary]] = field(default_factory=dict)
    patches: dict[str, Patch] = field(default_factory=dict)
    excerpts: dict[str, Excerpts] = field(default_factory=dict)
    explanations: list[Explanation] = field(default_factory=list)
    failure: Exception | None = None
    reads: int = 0

    def add(self, repository: Repository, *runs: LintRun) -> None:
        self.repositories[repository.full_name.lower()] = repository
        self.runs[repository.id] = list(runs)

    def load_patch(self, repository_id: RepositoryId, sha: Sha) -> Patch | None:
        return self.patches.get(sha)

    def find_repository(self, owner: str, name: str) -> Repository | None:
        self.reads += 1
        if self.failure is not None:
            raise self.failure
        return self.repositories.get(f"{owner}/{name}".lower())

    def opens_badge(self, repository_id: RepositoryId, digest: str) -> bool:
        return False

    def latest_run(self, repository_id: RepositoryId, branch: str) -> LintRun | None:
        runs = [run for run in self.runs[repository_id] if run.job.branch == branch]
        return next((run for run in runs if run.judgement and run.judgement.score), None)

    def run_at(self, repository_id: RepositoryId, sha: str) -> LintRun | None:
        runs = self.runs[repository_id]
        return next((run for run in runs if run.job.head_sha.startswith(sha.lower())), None)

    def history(
        self, repository_id: RepositoryId, branch: str | None, limit: int, skip: int = 0
    ) -> tuple[RunSummary, ...]:
        rows = self.summaries.get(repository_id, [])
        rows = rows or [summary_of(run) for run in self.runs[repository_id]]
        return tuple(row for row in rows if branch in (None, row.branch))[skip:][:limit]

    def latest_overview(self, repository_id: RepositoryId, branch: str) -> RunOverview | None:
        run = self.latest_run(repository_id, branch)
        return overview_of(run) if run else None

    def latest_summaries(
        self, repositories: Iterable[Repository]
    ) -> dict[RepositoryId, RunSummary]:
        found = {it.id: self.history(it.id, it.default_branch, 50) for it in repositories}
        scored = {key: [run for run in runs if run.score] for key, runs in found.items()}
        return {key: runs[0] for key, runs in scored.items() if runs}

    def overviews(
        self, repository_id: RepositoryId, branch: str, limit: int
    ) -> tuple[RunOverview, ...]:
        runs = [it for it in self.runs[repository_id] if it.job.branch == branch and it.verdict]
        return tuple(overview_of(run) for run in runs)[:limit]

    def list_repositories(self, login: str) -> tuple[Repository, ...]:
        if self.failure is not None:
            raise self.failure
        every = self.repositories.values()
        return tuple(it for it in every if it.account.login.lower() == login.lower())

    def load_excerpts(self, repository_id: RepositoryId, sha: str) -> Excerpts:
        return self.excerpts.get(sha, {})

    def explain(self, tool: str, code: str, version: str) -> Explanation | None:
        found = [it for it in self.explanations if (it.tool, it.code) == (tool, code)]
        return next(iter(found), None)


def overview_of(run: LintRun) -> RunOverview:
    return RunOverview(
        job=run.job,
        stage=run.stage,
        verdict=run.verdict,
        overview=make_overview(run.judgement) if run.judgement else None,
        completed_at=run.completed_at,
    )


def summary_of(run: LintRun) -> RunSummary:
    compared = run.judgement is not None and run.judgement.comparison.baseline_sha is not None
    comparison = run.judgement.comparison if run.judgement and compared else None
    return RunSummary(
        run_id=run.job.run_id,
        sha=run.job.head_sha,
        branch=run.job.branch,
        stage=run.stage,
        conclusion=run.verdict.conclusion if run.verdict else None,
        score=run.judgement.score if run.judgement else None,
        new=len(comparison.new) if comparison else None,
        fixed=len(comparison.fixed) if comparison else None,
        received_at=run.job.received_at,
        neutral=run.judgement.result.neutral if run.judgement else None,
    )


class FakeRuns:
    """Lint runs as far as the publisher uses them."""

    def __init__(self, run: LintRun, repository: Repository | None) -> None:
        self.run = run
        self.repository = repository

    def load(self, run_id: LintRunId) -> LintRun | None:
        return self.run if run_id == self.run.job.run_id else None

    def load_target(self, run_id: LintRunId) -> tuple[Target, Repository] | None:
        if self.repository is None:
            return None
        target = Target(
            installation_id=InstallationId(5),
            repository_id=self.repository.id,
            owner=self.repository.account.login,
            name=self.repository.name,
        )
        return target, self.repository

    def set_check_run(self, run_id: LintRunId, check_run_id: int) -> None:
        self.run = replace(self.run, check_run_id=check_run_id)

    def set_posted(self, run_id: LintRunId) -> None:
        self.run = replace(self.run, posted_at=datetime.now(UTC))


@dataclass
class FakePatches:
    """Patches by commit."""

    patches: dict[str, Patch] = field(default_factory=dict)

    def load(self, repository_id: RepositoryId, sha: Sha) -> Patch | None:
        return self.patches.get(sha)

    def save(self, repository_id: RepositoryId, sha: Sha, patch: Patch) -> None:
        self.patches[sha] = patch


@dataclass
class FakeCheckRun:
    id: int
    run_id: LintRunId
    sha: Sha
    details_url: str
    status: str = "queued"
    conclusion: Conclusion | None = None
    output: Output | None = None
    annotations: list[Annotation] = field(default_factory=list)


@dataclass
class FakeForge:
    """GitHub's check runs with their limits; an answer may be lost before or after its effect.

    ``before`` and ``after`` are called with the number of the request (1, 2, …) and may raise.
    """

    check_runs: list[FakeCheckRun] = field(default_factory=list)
    before: Callable[[int], None] = lambda _: None
    after: Callable[[int], None] = lambda _: None
    requests: int = 0
    batches: list[int] = field(default_factory=list)
    listed: bool = True

    async def find_check_run(
        self, target: Target, run_id: LintRunId, sha: Sha
    ) -> PostedCheckRun | None:
        found = [it for it in self.check_runs if it.run_id == run_id and it.sha == sha]
        if not found or not self.listed:
            return None
        return PostedCheckRun(
            id=found[0].id,
            status=found[0].status,
            annotations_count=len(found[0].annotations),
            twins=tuple(it.id for it in found[1:] if it.status != "completed"),
        )

    async def create_check_run(
        self, target: Target, run_id: LintRunId, sha: Sha, details_url: str
    ) -> PostedCheckRun:
        self._begin()
        check_run = FakeCheckRun(len(self.check_runs) + 1, run_id, sha, details_url)
        self.check_runs.append(check_run)
        self.after(self.requests)
        return PostedCheckRun(id=check_run.id, status="queued", annotations_count=0)

    async def start_check_run(self, target: Target, check_run_id: int, output: Output) -> None:
        check_run = self._open(check_run_id, output)
        _refuse_if(check_run.status == "completed", "it is completed")
        check_run.status, check_run.output = "in_progress", output
        self.after(self.requests)

    async def update_check_run(
        self,
        target: Target,
        check_run_id: int,
        output: Output,
        annotations: tuple[Annotation, ...],
        conclusion: Conclusion | None,
    ) -> None:
        check_run = self._open(check_run_id, output)
        done = check_run.status == "completed"
        _refuse_if(done and bool(annotations or conclusion), "it is completed")
        for annotation in annotations:
            check_annotation(annotation)
        _refuse_if(len(annotations) > 50, "more than 50 annotations")
        check_run.annotations.extend(annotations)
        check_run.output = output
        self.batches.append(len(annotations))
        if conclusion is not None:
            check_run.status, check_run.conclusion = "completed", conclusion
        self.after(self.requests)

    def _begin(self) -> None:
        self.requests += 1
        self.before(self.requests)

    def _open(self, check_run_id: int, output: Output) -> FakeCheckRun:
        self._begin()
        check_run = next(it for it in self.check_runs if it.id == check_run_id)
        _refuse_if(not output.title or len(output.title) > 255, "title")
        _refuse_if(not output.summary, "no summary")
        for text in (output.summary, output.text):
            _refuse_if(len(text.encode()) > MAX_BYTES, "too long")
        return check_run


def check_annotation(annotation: Annotation) -> None:
    one_line = annotation.start_line == annotation.end_line
    columns = (annotation.start_column, annotation.end_column)
    _refuse_if(annotation.start_line < 1 or annotation.end_line < annotation.start_line, "lines")
    _refuse_if(columns != (None, None) and not one_line, "columns over several lines")
    _refuse_if(any(column is not None and column < 1 for column in columns), "columns")
    _refuse_if(annotation.level not in ("failure", "warning", "notice"), "level")
    _refuse_if(not annotation.message or len(annotation.message.encode()) > 65_536, "message")
    _refuse_if(len(annotation.title) > 255, "title of an annotation")
    _refuse_if(annotation.path.startswith("/") or "\n" in annotation.path, "path")


def _refuse_if(wrong: bool, why: str) -> None:
    if wrong:
        raise PermanentError(f"422 {why}")


class KilledError(LintbotError):
    """Stands for a process that ended here."""
