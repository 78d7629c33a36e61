"""Pure: reports as plain data for ``/api/v1``. Ids of accounts and installations stay inside."""

from __future__ import annotations

from collections.abc import Iterable

from lintbot.model.findings import Finding
from lintbot.model.lint import ToolReport
from lintbot.model.lint_run import Judgement, LintRun
from lintbot.model.neutral import NeutralProfile
from lintbot.model.repository import Repository
from lintbot.model.score import Score
from lintbot.model.summary import RunSummary

Json = dict[str, object]


def repository_json(
    repository: Repository, branch: str, latest: LintRun | None, history: Iterable[RunSummary]
) -> Json:
    """Return a repository's branch: its newest scored commit and its history."""
    return {
        "repository": repository.full_name,
        "branch": branch,
        "default_branch": repository.default_branch,
        "latest": run_json(latest) if latest else None,
        "history": [summary_json(run) for run in history],
    }


def account_row_json(repository: Repository, latest: RunSummary | None) -> Json:
    """Return one repository of an account, with the newest scored commit of its default branch."""
    return {
        "repository": repository.full_name,
        "private": repository.private,
        "default_branch": repository.default_branch,
        "latest": summary_json(latest) if latest else None,
    }


def run_json(run: LintRun) -> Json:
    """Return one lint run, without its findings."""
    verdict, judgement = run.verdict, run.judgement
    return {
        "id": run.job.run_id,
        "sha": run.job.head_sha,
        "branch": run.job.branch,
        "pull_request": run.job.pull_number,
        "stage": run.stage,
        "received_at": run.job.received_at.isoformat(),
        "completed_at": run.completed_at.isoformat() if run.completed_at else None,
        "conclusion": verdict.conclusion if verdict else None,
        "reason": verdict.reason if verdict else "",
        "reference": verdict.reference if verdict else "",
        **(_judgement_json(judgement) if judgement else {}),
    }


def findings_json(judgement: Judgement) -> Json:
    """Return every finding of a lint run, by side."""
    comparison = judgement.comparison
    return {
        "new": [finding_json(finding) for finding in comparison.new],
        "unchanged": [finding_json(finding) for finding in comparison.unchanged],
        "fixed": [finding_json(finding) for finding in comparison.fixed],
        "environment": [finding_json(finding) for finding in comparison.environment],
    }


def _judgement_json(judgement: Judgement) -> Json:
    result, comparison = judgement.result, judgement.comparison
    return {
        "score": score_json(judgement.score) if judgement.score else None,
        "neutral": neutral_json(result.neutral) if result.neutral else None,
        "baseline_sha": comparison.baseline_sha,
        "new": len(comparison.new),
        "unchanged": len(comparison.unchanged),
        "fixed": len(comparison.fixed),
        "environment": len(comparison.environment),
        "python_files": result.python_files,
        "python_version": result.python_version,
        "config_digest": result.config_digest,
        "skipped": list(result.skipped),
        "gate": judgement.settings.gate,
        "notes": list(judgement.notes),
        "tools": [_tool_json(tool) for tool in result.tools],
    }


def score_json(score: Score) -> Json:
    """Return a score with the arithmetic that gave it."""
    return {
        "value": str(score),
        "grade": score.grade,
        "formula": score.formula,
        "partial": score.partial,
        "errors": score.errors,
        "warnings": score.warnings,
        "infos": score.infos,
        "code_lines": score.code_lines,
        "points": score.points,
    }


def neutral_json(profile: NeutralProfile) -> Json:
    """Return a neutral profile; rates are findings for every 1,000 lines of code."""
    return {
        "name": profile.name,
        "ruff_version": profile.ruff_version,
        "score": score_json(profile.score),
        "findings": profile.findings,
        "per_thousand_lines": round(profile.per_thousand_lines(profile.findings), 2),
        "families": [
            {
                "family": it.family,
                "findings": it.count,
                "per_thousand_lines": round(profile.per_thousand_lines(it.count), 2),
            }
            for it in profile.families
        ],
    }


def _tool_json(tool: ToolReport) -> Json:
    return {
        "tool": tool.tool,
        "folder": tool.root,
        "version": tool.version,
        "config_path": tool.config_path,
        "more_configs": list(tool.more_configs),
        "files": tool.files,
        "findings": tool.findings,
        "outcome": tool.outcome,
        "reason": tool.reason,
        "failed_files": list(tool.failed_files),
        "python": tool.python,
        "missing_plugins": list(tool.missing),
        "notices": list(tool.notices),
    }


def finding_json(finding: Finding) -> Json:
    """Return one finding."""
    return {
        "rule": finding.rule,
        "symbol": finding.symbol,
        "severity": finding.severity,
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "message": finding.message,
        "fingerprint": finding.fingerprint,
    }


def summary_json(run: RunSummary) -> Json:
    """Return one line of a history."""
    return {
        "id": run.run_id,
        "sha": run.sha,
        "branch": run.branch,
        "stage": run.stage,
        "conclusion": run.conclusion,
        "score": score_json(run.score) if run.score else None,
        "new": run.new,
        "fixed": run.fixed,
        "neutral": neutral_json(run.neutral) if run.neutral else None,
        "received_at": run.received_at.isoformat(),
    }
