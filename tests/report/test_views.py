"""Findings and histories, grouped and counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintbot.model.findings import Severity
from lintbot.model.overview import count_files, count_messages, count_rules
from lintbot.model.summary import RunSummary
from lintbot.report.views import (
    PER_PAGE,
    TREND_COMMITS,
    Filter,
    Side,
    count_side,
    list_branches,
    list_findings,
    make_trend,
)
from tests.support.report_values import (
    a_comparison,
    a_finding,
    a_judgement,
    a_score,
    a_sha,
    a_summary,
)

NEW = (a_finding(5, path="b.py"), a_finding(1, path="a.py", severity=Severity.ERROR))
OLD = (a_finding(2, path="a.py"), a_finding(3, path="a.py", code="E501", tool="flake8", symbol=""))
JUDGEMENT = a_judgement(
    a_comparison(
        new=NEW, unchanged=OLD, fixed=(a_finding(9),), environment=(a_finding(8, path="e.py"),)
    )
)


def test_sides() -> None:
    assert [count_side(JUDGEMENT, side) for side in Side] == [2, 4, 1, 1]


def test_findings_are_listed_by_file_and_line() -> None:
    listing = list_findings(JUDGEMENT, Filter(side=Side.ALL), 1)
    assert [(path, [it.line for it in group]) for path, group in listing.groups] == [
        ("a.py", [1, 2, 3]),
        ("b.py", [5]),
    ]
    assert (listing.page, listing.pages, listing.total) == (1, 1, 4)


@pytest.mark.parametrize(
    ("wanted", "total"),
    [
        (Filter(side=Side.ALL, rule="flake8:E501"), 1),
        (Filter(side=Side.ALL, path="a.py"), 3),
        (Filter(side=Side.NEW, path="a.py", rule="pylint:W0611"), 1),
        (Filter(side=Side.FIXED), 1),
        (Filter(side=Side.ENVIRONMENT, rule="none"), 0),
    ],
)
def test_filters(wanted: Filter, total: int) -> None:
    assert list_findings(JUDGEMENT, wanted, 1).total == total


def test_every_finding_is_on_exactly_one_page() -> None:
    many = tuple(a_finding(line, path=f"{line % 7}.py") for line in range(1, 2 * PER_PAGE + 3))
    judgement = a_judgement(a_comparison(new=many))
    seen = [
        finding
        for page in (1, 2, 3)
        for _, group in list_findings(judgement, Filter(side=Side.NEW), page).groups
        for finding in group
    ]
    assert len(seen) == len(many)
    assert set(seen) == set(many)


@pytest.mark.parametrize(("asked", "given_page"), [(-3, 1), (0, 1), (1, 1), (99, 1)])
def test_a_page_that_does_not_exist_is_the_nearest(asked: int, given_page: int) -> None:
    assert list_findings(JUDGEMENT, Filter(side=Side.NEW), asked).page == given_page


def test_counts_by_rule_and_file() -> None:
    rules = [
        (it.key, it.name, it.worst, it.number, it.new) for it in count_rules(JUDGEMENT.comparison)
    ]
    assert rules == [
        ("pylint:W0611", "unused-import", Severity.ERROR, 3, 2),
        ("flake8:E501", "", Severity.WARNING, 1, 0),
    ]
    assert [(it.key, it.number, it.new) for it in count_files(JUDGEMENT.comparison)] == [
        ("a.py", 3, 1),
        ("b.py", 1, 1),
    ]


def test_environment_by_message() -> None:
    findings = [a_finding(message="b"), a_finding(message="a"), a_finding(message="a")]
    assert count_messages(findings) == (("a", 2), ("b", 1))


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


def test_branches_default_first() -> None:
    runs: list[RunSummary] = [a_summary(1, branch=it) for it in ("x", "main", None, "y", "x")]
    assert list_branches(runs, "main") == ("main", "x", "y")
    assert list_branches([], "trunk") == ("trunk",)


def test_trend_of_scores_just_below_the_best_ends_at_the_best() -> None:
    trend = make_trend([a_summary(number, score=a_score(950)) for number in range(2)])
    assert trend is not None
    assert (trend.low, trend.high) == (9.0, 10.0)
