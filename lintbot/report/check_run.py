"""Pure: a lint run as GitHub's check run shows it, within GitHub's limits.

Limits: https://docs.github.com/en/rest/checks/runs#create-a-check-run (the 65,535 hold for
bytes as well as for characters).
"""

from __future__ import annotations

from lintbot.model.check_run import Output, Report
from lintbot.model.comparison import Comparison
from lintbot.model.findings import Finding
from lintbot.model.lint_run import Conclusion, Judgement, LintRun, Verdict
from lintbot.model.repository_settings import RepositorySettings
from lintbot.report.annotations import annotate_dependencies, by_severity, make_annotations
from lintbot.report.markdown import code, cut, defuse, escape, join_lines, link, visible
from lintbot.report.sections import judgement_lines
from lintbot.report.words import CONCLUSION, SEVERITY, STAGE, count, is_first

MAX_TITLE_BYTES = 255
MAX_TEXT_BYTES = 65_535
MAX_LISTED = 500
"""New findings in the check run's text; the report page has every one."""


def make_report(run: LintRun, details_url: str) -> Report:
    """Return the completed check run of a lint run that has its verdict.

    Args:
        run: with a verdict.
        details_url: the report page of this commit.

    Raises:
        ValueError: there is no verdict yet.
    """
    if run.verdict is None:
        raise ValueError(f"{run.job.run_id} has no verdict yet")
    new = run.judgement.comparison.new if run.judgement else ()
    settings = run.judgement.settings if run.judgement else RepositorySettings()
    alarms = annotate_dependencies(run.judgement.dependencies if run.judgement else ())
    return Report(
        conclusion=run.verdict.conclusion,
        output=Output(
            title=make_title(run.verdict, run.judgement),
            summary=_make_summary(run, run.verdict, details_url),
            text=_make_text(new, settings.max_annotations, details_url),
        ),
        annotations=alarms + make_annotations(new, settings.max_annotations),
    )


def make_progress(run: LintRun, details_url: str) -> Output:
    """Return what the check run says while the lint run goes on."""
    page = link("The report page", details_url)
    summary = f"{STAGE[run.stage]}: {code(run.job.head_sha[:7])}. {page} shows how far it has come."
    return Output(title="Linting", summary=summary)


def make_refused(output: Output, details_url: str) -> Output:
    """Return the plainest form of an output, for when GitHub refuses the full one."""
    page = link("the report page", details_url)
    summary = f"GitHub did not take all of this check run; {page} has every finding."
    return Output(title=output.title, summary=summary)


def make_title(verdict: Verdict, judgement: Judgement | None) -> str:
    """Return one line such as ``9.42 · 3 new, 5 fixed``, at most 255 bytes."""
    if judgement is None or judgement.score is None:
        title = f"{CONCLUSION[verdict.conclusion]}: {verdict.reason or 'nothing to judge'}"
    else:
        partial = " partial" if judgement.score.partial else ""
        title = f"{judgement.score}{partial} · {_outcome(verdict, judgement)}"
    return cut(defuse(visible(title)), MAX_TITLE_BYTES)


def _outcome(verdict: Verdict, judgement: Judgement) -> str:
    """Return the numbers, and after them why they are not the whole verdict."""
    judged_fully = verdict.conclusion in (Conclusion.SUCCESS, Conclusion.FAILURE)
    numbers = _numbers(verdict, judgement)
    return numbers if judged_fully or not verdict.reason else f"{numbers} · {verdict.reason}"


def _numbers(verdict: Verdict, judgement: Judgement) -> str:
    comparison, files = judgement.comparison, judgement.result.python_files
    if comparison.baseline_sha is not None:
        return _changes(comparison, files)
    kind = "first lint run" if is_first(verdict, judgement) else "not compared"
    return f"{kind}, {count(files, 'file')}, {count(len(comparison.unchanged), 'finding')}"


def _changes(comparison: Comparison, files: int) -> str:
    """Say how many files were judged when nothing is new: silence would look like breakage."""
    parts = [] if comparison.new else [count(files, "file")]
    parts.append(f"{len(comparison.new):,} new")
    if comparison.fixed:
        parts.append(f"{len(comparison.fixed):,} fixed")
    return ", ".join(parts)


def _make_summary(run: LintRun, verdict: Verdict, details_url: str) -> str:
    full_report = link("Full report", details_url)
    lines = [*_verdict_lines(verdict)]
    if run.judgement is not None:
        lines += judgement_lines(run.judgement, verdict, details_url)
    lines += [full_report]
    return join_lines(lines, MAX_TEXT_BYTES, f"… cut here. {full_report}")


def _verdict_lines(verdict: Verdict) -> list[str]:
    lines = []
    if verdict.reason:
        lines += [f"**{CONCLUSION[verdict.conclusion]}.** {escape(verdict.reason)}", ""]
    if verdict.reference:
        where = "whoever runs this lintbot finds it in the log under this number."
        lines += [f"Reference number {code(verdict.reference)}: {where}", ""]
    return lines


def _make_text(new: tuple[Finding, ...], annotated: int, details_url: str) -> str:
    """Return the list of new findings; empty when there is none."""
    if not new:
        return ""
    lines = ["### New findings", "", *map(_finding_line, by_severity(new)[:MAX_LISTED])]
    if 0 < annotated < len(new):
        lines.insert(2, f"The first {annotated} are annotated on their lines.\n")
    every = link(f"All {count(len(new), 'new finding')}", details_url)
    if len(new) > MAX_LISTED:
        lines += ["", f"… {every}"]
    return join_lines(lines, MAX_TEXT_BYTES, f"… {every}")


def _finding_line(finding: Finding) -> str:
    place = code(f"{finding.path}:{finding.line}")
    rule = code(" ".join(filter(None, (finding.tool, finding.code, finding.symbol))))
    return f"- {place} {SEVERITY[finding.severity]} {rule} {escape(finding.message)}"
