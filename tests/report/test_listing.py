"""Findings, narrowed, in pages, among their lines of source."""

from __future__ import annotations

import pytest

from lintbot.model.findings import Severity
from lintbot.model.overview import count_files, count_messages, count_rules
from lintbot.report.listing import (
    PER_PAGE,
    Filter,
    Side,
    count_side,
    list_findings,
    make_lines,
)
from tests.support.report_values import (
    a_comparison,
    a_finding,
    a_judgement,
)

NEW = (a_finding(5, path="b.py"), a_finding(1, path="a.py", severity=Severity.ERROR))
OLD = (a_finding(2, path="a.py"), a_finding(3, path="a.py", code="E501", tool="flake8", symbol=""))
JUDGEMENT = a_judgement(
    a_comparison(
        new=NEW,
        unchanged=OLD,
        upgrade=OLD[1:],
        fixed=(a_finding(9),),
        environment=(a_finding(8, path="e.py"),),
    )
)


def test_sides() -> None:
    assert [count_side(JUDGEMENT, side) for side in Side] == [2, 4, 1, 1, 1]


def test_findings_are_listed_by_file_and_line() -> None:
    listing = list_findings(JUDGEMENT, Filter(side=Side.ALL), 1)
    assert [(path, [it.number for it in lines]) for path, lines in listing.groups] == [
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
        (Filter(side=Side.ALL, path="src/"), 0),
        (Filter(side=Side.ALL, severity=Severity.ERROR), 1),
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
        for _, lines in list_findings(judgement, Filter(side=Side.NEW), page).groups
        for line in lines
        for finding in line.findings
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


def test_a_finding_stands_among_the_lines_that_are_kept() -> None:
    first, second = a_finding(5), a_finding(6, line=5, code="W0612")
    source = {number: f"line {number}" for number in (1, 3, 4, 5, 6, 8, 20, 21)}
    lines = make_lines((first, second, a_finding(20), a_finding(30)), source)
    assert [(it.number, it.text, it.gap) for it in lines] == [
        (3, "line 3", False),
        (4, "line 4", False),
        (5, "line 5", False),
        (6, "line 6", False),
        (20, "line 20", True),
        (21, "line 21", False),
        (30, None, True),
    ]
    assert lines[2].findings == (first, second)


def test_no_more_than_two_lines_around() -> None:
    source = dict.fromkeys(range(1, 10), "x")
    assert [it.number for it in make_lines((a_finding(5),), source)] == [3, 4, 5, 6, 7]
