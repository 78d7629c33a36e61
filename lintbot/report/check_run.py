"""Pure: a lint run as GitHub's check run shows it, within GitHub's limits.

Limits: https://docs.github.com/en/rest/checks/runs#create-a-check-run (the 65,535 hold for
bytes as well as for characters).
"""

from __future__ import annotations

from lintbot.model.actions import Action, Button
from lintbot.model.check_run import Output, Report
from lintbot.model.comparison import Comparison
from lintbot.model.early import EarlyFindings
from lintbot.model.findings import Finding
from lintbot.model.lint_run import Conclusion, Judgement, LintRun, Verdict
from lintbot.model.repository_settings import RepositorySettings
from lintbot.report.annotations import annotate_dependencies, by_severity, make_annotations
from lintbot.report.markdown import code, cut, defuse, escape, join_lines, link, visible
from lintbot.report.patch import Offer, patch_lines
from lintbot.report.sections import judgement_lines
from lintbot.report.words import CONCLUSION, SEVERITY, STAGE, count, is_first

MAX_TITLE_BYTES = 255
MAX_TEXT_BYTES = 65_535
MAX_EARLY = 50
"""Findings listed while a lint run still goes on."""
MAX_LISTED = 500
"""New findings in the check run's text; the report page has every one."""


def make_report(
    run: LintRun,
    details_url: str,
    *,
    default_branch: str = "",
    offer: Offer | None = None,
    plans_url: str = "",
) -> Report:
    """Return the completed check run of a lint run that has its verdict.

    Args:
        run: with a verdict.
        details_url: the report page of this commit.
        default_branch: of the repository; only there a baseline can be accepted.
        offer: a patch of safe fixes for this commit, if one was made.
        plans_url: where to choose a plan, for a run that was withheld for want of one.

    Raises:
        ValueError: there is no verdict yet.
    """
    if run.verdict is None:
        raise ValueError(f"{run.job.run_id} has no verdict yet")
    new = run.judgement.comparison.new if run.judgement else ()
    settings = run.judgement.settings if run.judgement else RepositorySettings()
    patch = patch_lines(offer, f"{details_url}.patch") if offer else []
    alarms = annotate_dependencies(run.judgement.dependencies if run.judgement else ())
    return Report(
        conclusion=run.verdict.conclusion,
        output=Output(
            title=make_title(run.verdict, run.judgement),
            summary=_make_summary(run, run.verdict, details_url, plans_url),
            text=_make_text(
                patch,
                new,
                settings.max_annotations,
                details_url,
            ),
            buttons=_make_buttons(run, default_branch, has_patch=offer is not None),
        ),
        annotations=alarms + make_annotations(new, settings.max_annotations),
    )


_RELINT = Button(action=Action.RELINT, label="Re-lint", description="Lint this commit once more")
_ACCEPT = Button(
    action=Action.ACCEPT_BASELINE,
    label="Accept as baseline",
    description="Its findings never count as new again",
)
_SHOW_PATCH = Button(
    action=Action.SHOW_PATCH,
    label="Show patch",
    description="Show all of the patch in this check",
)


def _make_buttons(run: LintRun, default_branch: str, *, has_patch: bool) -> tuple[Button, ...]:
    comparison = run.judgement.comparison if run.judgement else None
    has_findings = comparison is not None and bool(comparison.new or comparison.unchanged)
    is_on_default = run.job.branch is not None and run.job.branch == default_branch
    accept = (_ACCEPT,) if has_findings and is_on_default else ()
    return (_RELINT, *accept, *((_SHOW_PATCH,) if has_patch else ()))


def make_progress(run: LintRun, details_url: str) -> Output:
    """Return what the check run says while the lint run goes on."""
    page = link("The report page", details_url)
    summary = f"{STAGE[run.stage]}: {code(run.job.head_sha[:7])}. {page} shows how far it has come."
    return Output(title="Linting", summary=summary)


def make_early(run: LintRun, early: EarlyFindings, details_url: str) -> Output:
    """Return what the check run says of findings that are certain while others still come."""
    kind = "new finding" if early.compared else "finding"
    where = "" if early.compared else " in changed files"
    number = f"{count(len(early.findings), kind)}{where} so far"
    missing = " and ".join(early.running) if early.running else "the commit to compare with"
    head, page = code(run.job.head_sha[:7]), link("the report page", details_url)
    lines = [
        f"{STAGE[run.stage]}: {head}. {number}; {missing} still to come, see {page}.",
        "",
        *map(_finding_line, by_severity(early.findings)[:MAX_EARLY]),
    ]
    if len(early.findings) > MAX_EARLY:
        lines.append(f"- … and {len(early.findings) - MAX_EARLY:,} more")
    summary = join_lines(lines, MAX_TEXT_BYTES, "…")
    return Output(title=f"Linting · {number}", summary=summary)


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
    kind = (
        "first lint run"
        if is_first(verdict, None, partial=judgement.result.partial)
        else "not compared"
    )
    return f"{kind}, {count(files, 'file')}, {count(len(comparison.unchanged), 'finding')}"


def _changes(comparison: Comparison, files: int) -> str:
    """Say how many files were judged when nothing is new: silence would look like breakage."""
    parts = [] if comparison.new else [count(files, "file")]
    parts.append(f"{len(comparison.new):,} new")
    if comparison.fixed:
        parts.append(f"{len(comparison.fixed):,} fixed")
    if comparison.accepted:
        parts.append(f"{comparison.accepted:,} accepted")
    return ", ".join(parts)


def _make_summary(run: LintRun, verdict: Verdict, details_url: str, plans_url: str) -> str:
    if verdict.withheld:
        return "\n".join([*_verdict_lines(verdict), link("Choose a plan", plans_url)])
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


def _make_text(patch: list[str], new: tuple[Finding, ...], annotated: int, details_url: str) -> str:
    """Return the patch and the list of new findings; empty when there is neither."""
    if not new:
        return "\n".join(patch)
    lines = [*patch, "", "### New findings", ""] if patch else ["### New findings", ""]
    heading = len(lines)
    lines += map(_finding_line, by_severity(new)[:MAX_LISTED])
    if 0 < annotated < len(new):
        lines.insert(heading, f"The first {annotated} are annotated on their lines.\n")
    every = link(f"All {count(len(new), 'new finding')}", details_url)
    if len(new) > MAX_LISTED:
        lines += ["", f"… {every}"]
    return join_lines(lines, MAX_TEXT_BYTES, f"… {every}")


def _finding_line(finding: Finding) -> str:
    place = code(f"{finding.path}:{finding.line}")
    rule = code(" ".join(filter(None, (finding.tool, finding.code, finding.symbol))))
    return f"- {place} {SEVERITY[finding.severity]} {rule} {escape(finding.message)}"
