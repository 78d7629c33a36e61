"""Pure: the words that people read, the same in the check run, the badge and the pages."""

from __future__ import annotations

from lintbot.model.findings import Severity
from lintbot.model.ids import Sha
from lintbot.model.lint import ToolOutcome, ToolReport
from lintbot.model.lint_run import Conclusion, Stage, Verdict

SEVERITY = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "remark"}

CONCLUSION = {
    Conclusion.SUCCESS: "Passed",
    Conclusion.FAILURE: "Failed",
    Conclusion.NEUTRAL: "Not judged",
    Conclusion.CANCELLED: "Cancelled",
    Conclusion.TIMED_OUT: "Timed out",
}

STAGE = {
    Stage.QUEUED: "Waiting for a free worker",
    Stage.CHECKOUT: "Fetching the commit",
    Stage.LINT: "Running the linters",
    Stage.BASELINE: "Linting the commit to compare with",
    Stage.REPORT: "Posting the verdict",
    Stage.COMPLETED: "Done",
}

_OUTCOME = {
    ToolOutcome.OK: "ok",
    ToolOutcome.CRASHED: "crashed",
    ToolOutcome.TIMED_OUT: "timed out",
    ToolOutcome.KILLED: "stopped by a limit",
    ToolOutcome.UNREADABLE: "gave output that cannot be read",
}


def count(number: int, noun: str) -> str:
    """Return ``1 finding`` or ``2,000 findings``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def outcome(tool: ToolReport) -> str:
    """Return how a tool ended, with its reason: ``ok``, or what is missing (untrusted text)."""
    word = ", without ".join((_OUTCOME[tool.outcome], *filter(None, [", ".join(tool.missing)])))
    return f"{word}: {tool.reason}" if tool.reason else word


def is_first(verdict: Verdict, baseline_sha: Sha | None, *, partial: bool) -> bool:
    """Tell whether there was nothing to compare with yet; else the verdict says what failed."""
    return baseline_sha is None and (not verdict.reason or partial)
