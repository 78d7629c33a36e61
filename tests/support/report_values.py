"""Values that the report room's tests are about: small to write, easy to read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha1

from lintbot.model.comparison import Comparison
from lintbot.model.findings import Finding, Severity
from lintbot.model.ids import AccountId, InstallationId, RepositoryId, Sha, make_lint_run_id
from lintbot.model.jobs import LintJob, Trigger
from lintbot.model.lint import LintResult, ToolOutcome, ToolReport
from lintbot.model.lint_run import Conclusion, Judgement, LintRun, Stage, Verdict
from lintbot.model.neutral import FamilyCount, NeutralProfile
from lintbot.model.patch import Patch
from lintbot.model.repository import Account, Repository
from lintbot.model.score import Score
from lintbot.model.summary import RunSummary

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
REPOSITORY_ID = RepositoryId(7)


def a_sha(seed: str = "head") -> Sha:
    return Sha(sha1(seed.encode()).hexdigest())


def a_repository(**changes: object) -> Repository:
    repository = Repository(
        id=REPOSITORY_ID,
        account=Account(id=AccountId(3), login="octo"),
        name="project",
        private=False,
        default_branch="main",
    )
    return replace(repository, **changes)


def a_finding(number: int = 1, **changes: object) -> Finding:
    finding = Finding(
        tool="pylint",
        code="W0611",
        symbol="unused-import",
        severity=Severity.WARNING,
        path="src/shelf.py",
        line=max(number, 1),
        column=1,
        message="Unused import os",
        fingerprint=f"{number:032x}",
    )
    return replace(finding, **changes)


def a_tool(**changes: object) -> ToolReport:
    tool = ToolReport(
        tool="pylint", version="4.1.4", config_path="pyproject.toml", outcome=ToolOutcome.OK
    )
    return replace(tool, **changes)


def a_score(hundredths: int = 942, **changes: object) -> Score:
    score = Score(
        hundredths=hundredths,
        grade="A",
        formula="lint-1",
        errors=1,
        warnings=3,
        infos=4,
        code_lines=423,
        partial=False,
    )
    return replace(score, **changes)


def a_profile(hundredths: int = 871, **changes: object) -> NeutralProfile:
    profile = NeutralProfile(
        name="neutral-1",
        ruff_version="0.17.6",
        families=(FamilyCount(family="pyflakes", count=2), FamilyCount(family="async", count=0)),
        score=a_score(hundredths, grade="B"),
    )
    return replace(profile, **changes)


def a_comparison(**changes: object) -> Comparison:
    comparison = Comparison(baseline_sha=a_sha("base"), new=(), unchanged=(), fixed=())
    return replace(comparison, **changes)


def a_judgement(comparison: Comparison | None = None, **changes: object) -> Judgement:
    """Return a judgement; result fields (tools, skipped, python_files …) may be given too."""
    comparison = comparison or a_comparison()
    score = changes.pop("score", a_score())
    result = LintResult(
        findings=comparison.new + comparison.unchanged + comparison.environment,
        tools=(a_tool(), a_tool(tool="flake8", version="7.5.0", config_path=None)),
        python_files=12,
        code_lines=423,
        config_digest="0123456789abcdef",
        python_version="3.11.7",
    )
    result = replace(result, **changes)
    return Judgement(result=result, comparison=comparison, score=score)


def a_job(**changes: object) -> LintJob:
    sha = a_sha()
    job = LintJob(
        run_id=make_lint_run_id(REPOSITORY_ID, sha, 1),
        repository_id=REPOSITORY_ID,
        account_id=AccountId(3),
        installation_id=InstallationId(5),
        head_sha=sha,
        branch="main",
        before=None,
        pull_number=None,
        attempt=1,
        trigger=Trigger.PUSH,
        priority=1,
        received_at=NOON,
    )
    return replace(job, **changes)


def a_run(
    judgement: Judgement | None = None, verdict: Verdict | None = None, **changes: object
) -> LintRun:
    """Return a decided lint run: failed if there are new findings, else passed."""
    new = judgement.comparison.new if judgement else ()
    run = LintRun(
        job=a_job(),
        stage=Stage.REPORT,
        judgement=judgement,
        verdict=verdict or Verdict(conclusion=Conclusion.FAILURE if new else Conclusion.SUCCESS),
        completed_at=NOON + timedelta(seconds=9),
    )
    return replace(run, **changes)


def a_summary(number: int = 1, **changes: object) -> RunSummary:
    sha = a_sha(f"commit {number}")
    summary = RunSummary(
        run_id=make_lint_run_id(REPOSITORY_ID, sha, 1),
        sha=sha,
        branch="main",
        stage=Stage.COMPLETED,
        conclusion=Conclusion.SUCCESS,
        score=a_score(),
        new=0,
        fixed=2,
        received_at=NOON - timedelta(hours=number),
    )
    return replace(summary, **changes)


def a_patch(lines: int = 1, **changes: object) -> Patch:
    added = "".join(f"+line {number}\n" for number in range(lines))
    head = "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n"
    text = f"{head}@@ -0,0 +1,{lines} @@\n{added}"
    return replace(Patch(text=text, claims=(a_finding(),), files=1), **changes)
