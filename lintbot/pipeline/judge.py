"""Pure: results become a judgement and a verdict."""

from __future__ import annotations

from lintbot.model.findings import Finding, Severity
from lintbot.model.ids import Sha
from lintbot.model.lint import LintResult
from lintbot.model.lint_run import Conclusion, Judgement, Verdict
from lintbot.pipeline.compare import compare
from lintbot.pipeline.score import score

GATE = frozenset({Severity.ERROR, Severity.WARNING})
"""New findings of these severities fail the check."""

NO_PYTHON = "There are no Python files in this commit."


def judge(
    head: LintResult, base: LintResult | None, *, baseline_sha: Sha | None, baseline_note: str = ""
) -> tuple[Judgement, Verdict]:
    """Compare, score and conclude.

    Args:
        head: of the commit that is judged.
        base: of the commit to compare with; None when there is none, or none that could be read.
        baseline_sha: that commit.
        baseline_note: why it could not be read; else empty.
    """
    judgement = Judgement(
        result=head, comparison=compare(head, base, baseline_sha), score=score(head)
    )
    conclusion, reason = _conclude(judgement)
    notes = " ".join(note for note in (reason, baseline_note) if note)
    return judgement, Verdict(conclusion=conclusion, reason=notes)


def _conclude(judgement: Judgement) -> tuple[Conclusion, str]:
    result = judgement.result
    if result.python_files == 0:
        return Conclusion.NEUTRAL, NO_PYTHON
    missing = describe_partial(result)
    if any(at_gate(finding) for finding in judgement.comparison.new):
        return Conclusion.FAILURE, missing
    if result.partial:
        return Conclusion.NEUTRAL, missing
    return Conclusion.SUCCESS, ""


def at_gate(finding: Finding) -> bool:
    """Tell whether a finding, when new, fails the check."""
    return finding.severity in GATE and not finding.environment


def describe_partial(result: LintResult) -> str:
    """Return plain sentences that name what no tool judged; empty when nothing is missing."""
    sentences = []
    for tool in result.tools:
        if tool.reason:
            sentences.append(f"{tool.tool}: {tool.reason}")
        elif tool.failed_files:
            names = ", ".join(tool.failed_files[:3])
            more = len(tool.failed_files) - 3
            tail = f" and {more} more" if more > 0 else ""
            sentences.append(f"{tool.tool} could not judge {names}{tail}.")
    return " ".join(sentences)
