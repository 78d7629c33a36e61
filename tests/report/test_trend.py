"""Scores over commits, and the branches that a page offers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lintbot.model.summary import RunSummary
from lintbot.report.pages import list_branches
from lintbot.report.trend import TREND_COMMITS, make_trend
from tests.support.report_values import a_score, a_sha, a_summary


def test_trend_is_oldest_first_one_point_a_commit() -> None:
    history = [
        a_summary(1, score=a_score(800)),
        a_summary(1, score=a_score(100)),
        a_summary(2, score=None),
        a_summary(3, score=a_score(700)),
    ]
    trend = make_trend(history)
    assert trend is not None
    assert [(point.sha, point.x) for point in trend.points] == [
        (a_sha("commit 3"), 0.0),
        (a_sha("commit 1"), 1.0),
    ]
    assert (trend.low, trend.high) == (7.0, 8.0)
    assert [point.y for point in trend.points] == [1.0, 0.0]


def test_one_commit_is_no_trend() -> None:
    assert make_trend([a_summary(1), a_summary(2, score=None)]) is None


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=70))
def test_trend_stays_in_its_frame(hundredths: list[int]) -> None:
    history = [a_summary(number, score=a_score(it)) for number, it in enumerate(hundredths)]
    trend = make_trend(history)
    assert trend is not None
    assert len(trend.points) == min(len(hundredths), TREND_COMMITS)
    assert 0 <= trend.low <= trend.high - 1 <= 9
    assert all(0 <= point.x <= 1 and 0 <= point.y <= 1 for point in trend.points)


def test_a_change_of_tools_or_formula_is_marked() -> None:
    history = [
        a_summary(
            1, versions={"pylint": "4.1.4", "ruff": "0.17.6"}, score=a_score(formula="lint-2")
        ),
        a_summary(2, versions={"pylint": "4.1.4"}),
        a_summary(3, versions={"pylint": "4.0.0", "flake8": "7.5.0"}),
        a_summary(4, versions={}),
    ]
    trend = make_trend(history)
    assert trend is not None
    assert [point.upgrade for point in trend.points] == [
        "",
        "",
        "pylint 4.0.0 → 4.1.4",
        "formula lint-1 → lint-2",
    ]
    assert [point.upgrade for point in trend.upgrades] == [
        "pylint 4.0.0 → 4.1.4",
        "formula lint-1 → lint-2",
    ]


def test_change_is_from_the_oldest_to_the_newest() -> None:
    trend = make_trend([a_summary(1, score=a_score(800)), a_summary(2, score=a_score(950))])
    assert trend is not None
    assert trend.change == -150


def test_branches_default_first() -> None:
    runs: list[RunSummary] = [a_summary(1, branch=it) for it in ("x", "main", None, "y", "x")]
    assert list_branches(runs, "main") == ("main", "x", "y")
    assert list_branches([], "trunk") == ("trunk",)


def test_trend_of_scores_just_below_the_best_ends_at_the_best() -> None:
    trend = make_trend([a_summary(number, score=a_score(950)) for number in range(2)])
    assert trend is not None
    assert (trend.low, trend.high) == (9.0, 10.0)
