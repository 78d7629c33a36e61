"""Pure: results become a judgement and a verdict."""

from __future__ import annotations

from lintbot.model.baseline import AcceptedBaseline
from lintbot.model.comparison import Comparison
from lintbot.model.ids import Sha
from lintbot.model.lint import LintResult
from lintbot.model.lint_run import Conclusion, Judgement, Verdict
from lintbot.pipeline.compare import compare
from lintbot.pipeline.score import score
from lintbot.pipeline.settings_notes import choose_settings, settings_notes

NO_PYTHON = "There are no Python files in this commit."
INVALID = "lintbot's settings are not valid, so the defaults were used."


def judge(  # noqa: PLR0913  each is one fact about the commit
    head: LintResult,
    base: LintResult | None,
    *,
    baseline_sha: Sha | None,
    baseline_note: str = "",
    for_pull: bool = False,
    accepted: AcceptedBaseline | None = None,
) -> tuple[Judgement, Verdict]:
    """Compare, score and conclude.

    Args:
        head: of the commit that is judged.
        base: of the commit to compare with; None when there is none, or none that could be read.
        baseline_sha: that commit.
        baseline_note: why it could not be read; else empty.
        accepted: findings that the repository accepted, which never are new.
        for_pull: the commit belongs to a pull request, so the base's settings make the verdict.
    """
    fingerprints = accepted.fingerprints if accepted else frozenset()
    comparison = compare(head, base, baseline_sha, fingerprints)
    judgement = Judgement(
        result=head,
        comparison=comparison,
        score=score(head),
        settings=choose_settings(head, base, for_pull=for_pull),
        notes=(
            *_describe_accepted(accepted, comparison),
            *settings_notes(head, base, for_pull=for_pull),
        ),
    )
    return judgement, make_verdict(judgement, baseline_note)


def make_verdict(judgement: Judgement, baseline_note: str) -> Verdict:
    """Return the verdict of a judgement; the note says why there is no baseline, or is empty."""
    conclusion, reason = _conclude(judgement)
    notes = " ".join(note for note in (reason, baseline_note) if note)
    return Verdict(conclusion=conclusion, reason=notes)


def _describe_accepted(
    accepted: AcceptedBaseline | None, comparison: Comparison
) -> tuple[str, ...]:
    if accepted is None:
        return ()
    what = f"The findings of {accepted.sha[:7]} were accepted as the baseline"
    who = f"on {accepted.accepted_at:%Y-%m-%d} by the GitHub user with id {accepted.accepted_by}"
    return (f"{what} {who}; {comparison.accepted:,} would be new here.",)


def _conclude(judgement: Judgement) -> tuple[Conclusion, str]:
    """Return the conclusion and its reason; what is wrong with the settings is never passed over.

    A commit whose settings are not valid is judged by the defaults, and never passes.
    """
    result, gate = judgement.result, judgement.settings.gate
    problems = result.settings.problems
    invalid = (INVALID, *problems) if problems else ()
    nothing = _describe_nothing(result)
    missing = " ".join(filter(None, (nothing, *invalid, describe_partial(result))))
    if nothing:
        return Conclusion.NEUTRAL, missing
    if any(gate.stops(finding.severity) for finding in judgement.comparison.new):
        return Conclusion.FAILURE, missing
    if missing:
        return Conclusion.NEUTRAL, missing
    return Conclusion.SUCCESS, ""


def _describe_nothing(result: LintResult) -> str:
    """Return why no tool judged anything; empty when one did."""
    if result.python_files == 0:
        if result.excluded_files:
            return f"{result.settings.path} leaves out every Python file of this commit."
        return NO_PYTHON
    if not result.tools:
        return f"{result.settings.path} switches off every linter."
    return ""


def describe_partial(result: LintResult) -> str:
    """Return plain sentences that name what no tool judged; empty when nothing is missing."""
    sentences = []
    for tool in result.tools:
        if tool.reason:
            sentences.append(f"{tool.where}: {tool.reason}")
        elif tool.failed_files:
            names = ", ".join(tool.failed_files[:3])
            more = len(tool.failed_files) - 3
            tail = f" and {more} more" if more > 0 else ""
            sentences.append(f"{tool.where} could not judge {names}{tail}.")
        if tool.missing:
            names = ", ".join(tool.missing)
            sentences.append(f"{tool.where} ran without {names}, not installed here.")
    return " ".join(sentences)
