"""What a badge says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lintbot.model.lint_run import Conclusion
from lintbot.report.badge import (
    GRADE_COLORS,
    UNKNOWN,
    Badge,
    endpoint_json,
    make_badge,
    make_waiting_badge,
    render_badge,
)
from lintbot.report.badge_svg import COLORS, Style
from tests.support.report_values import a_judgement, a_run, a_score, a_sha, a_summary


def test_score_grade_commit_and_date() -> None:
    badge = make_badge(a_run(a_judgement()))
    assert badge.message == "9.42/10"
    assert badge.color == "green"
    assert badge.details == f"grade A, commit {a_sha()[:7]}, 2026-11-24 12:00 UTC"


@pytest.mark.parametrize(
    ("grade", "color"),
    [
        ("A+", "yellowgreen"),
        ("A", "yellowgreen"),
        ("B", "yellowgreen"),
        ("C", "yellow"),
        ("F", "red"),
    ],
)
def test_partial_is_named_and_never_green(grade: str, color: str) -> None:
    badge = make_badge(a_run(a_judgement(score=a_score(grade=grade, partial=True))))
    assert badge == Badge(message="9.42/10 partial", color=color, details=badge.details)


def test_every_color_exists() -> None:
    assert set(GRADE_COLORS.values()) | {UNKNOWN.color} <= set(COLORS)


@pytest.mark.parametrize("run", [a_run(None), a_run(a_judgement(score=None))])
def test_no_score_is_no_zero(run: object) -> None:
    assert make_badge(run).message == "not judged"


def test_waiting_for_the_first_score() -> None:
    running = a_summary(conclusion=None, score=None)
    ended = a_summary(conclusion=Conclusion.NEUTRAL, score=None)
    assert make_waiting_badge(None).message == "pending"
    assert make_waiting_badge(running).message == "pending"
    assert make_waiting_badge(ended).message == "not judged"


def test_the_title_holds_commit_and_date() -> None:
    svg = render_badge(make_badge(a_run(a_judgement())), "lint", Style.FLAT)
    details = f"(grade A, commit {a_sha()[:7]}, 2026-11-24 12:00 UTC)"
    assert f"<title>lint: 9.42/10 {details}</title>" in svg
    assert "<title>9.42/10 (" in render_badge(
        make_badge(a_run(a_judgement())), "", Style.FLAT_SQUARE
    )


def test_unknown_has_a_plain_title() -> None:
    assert "<title>lint: unknown</title>" in render_badge(UNKNOWN, "lint", Style.PLASTIC)


def test_endpoint_form() -> None:
    assert endpoint_json(UNKNOWN, "lint") == {
        "schemaVersion": 1,
        "label": "lint",
        "message": "unknown",
        "color": "lightgrey",
    }


def test_the_documentation_has_every_grade_and_its_color() -> None:
    table = (Path(__file__).parents[2] / "docs" / "badge.md").read_text()
    for grade, color in GRADE_COLORS.items():
        assert re.search(rf"`{color}` `{COLORS[color]}` \| grade {re.escape(grade)} \|", table)
