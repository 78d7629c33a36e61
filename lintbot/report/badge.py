"""Pure: what a badge says about a branch; how it looks is in ``badge_svg``.

The colour scale is documented in docs/badge.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from lintbot.model.lint_run import LintRun
from lintbot.model.summary import RunSummary
from lintbot.report.badge_svg import Style, render_svg

LABEL = "lint"
UNKNOWN_COLOR = "lightgrey"
GRADE_COLORS = {
    "A+": "brightgreen",
    "A": "green",
    "B": "yellowgreen",
    "C": "yellow",
    "D": "orange",
    "F": "red",
}
_PARTIAL_COLOR = "yellowgreen"
"""What was only partly judged is never shown in green."""
_GREENS = ("brightgreen", "green")


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """Three words and a sentence.

    Attributes:
        message: the right side.
        color: a name of ``badge_svg.COLORS``.
        details: what the picture leaves out (grade, commit, date); empty if there is nothing.
    """

    message: str
    color: str
    details: str = ""


UNKNOWN = Badge(message="unknown", color=UNKNOWN_COLOR)
"""Of what does not exist, is private, or cannot be told now: all look the same."""
_PENDING = Badge(message="pending", color=UNKNOWN_COLOR)
_NOT_JUDGED = Badge(message="not judged", color=UNKNOWN_COLOR)


def make_badge(run: LintRun) -> Badge:
    """Return the badge of a branch from its newest lint run that has a score.

    While a newer commit is being linted, or if it could not be judged, the last score stays:
    its commit and date are in the details.
    """
    if run.judgement is None or run.judgement.score is None:
        return _NOT_JUDGED
    score = run.judgement.score
    color = GRADE_COLORS[score.grade]
    if score.partial and color in _GREENS:
        color = _PARTIAL_COLOR
    when = f"{run.job.received_at:%Y-%m-%d %H:%M} UTC"
    return Badge(
        message=f"{score}/10 partial" if score.partial else f"{score}/10",
        color=color,
        details=f"grade {score.grade}, commit {run.job.head_sha[:7]}, {when}",
    )


def make_waiting_badge(newest: RunSummary | None) -> Badge:
    """Return the badge of a branch that never had a score, from its newest lint run."""
    if newest is None or newest.conclusion is None:
        return _PENDING
    return _NOT_JUDGED


def render_badge(badge: Badge, label: str, style: Style) -> str:
    """Return the SVG; the label is untrusted text."""
    spoken = f"{label}: {badge.message}" if label else badge.message
    title = f"{spoken} ({badge.details})" if badge.details else None
    return render_svg(
        label=label, message=badge.message, color=badge.color, style=style, title=title
    )


def endpoint_json(badge: Badge, label: str) -> dict[str, object]:
    """Return the badge for shields' endpoint badge.

    https://shields.io/badges/endpoint-badge
    """
    return {"schemaVersion": 1, "label": label, "message": badge.message, "color": badge.color}
