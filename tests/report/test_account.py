"""An account's repositories, in an order that was asked for."""

from __future__ import annotations

import pytest

from lintbot.report.account import PER_PAGE, list_rows, with_trends
from tests.support.report_values import a_repository, a_score, a_summary

NAMES = ("Beta", "alpha", "gamma", "delta")
REPOSITORIES = [a_repository(id=number, name=name) for number, name in enumerate(NAMES)]
LATEST = {
    0: a_summary(1, score=a_score(900, code_lines=10)),
    1: a_summary(2, score=a_score(950, code_lines=30)),
    2: a_summary(3, score=a_score(700, code_lines=20)),
}


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("", ["alpha", "Beta", "delta", "gamma"]),
        ("-name", ["gamma", "delta", "Beta", "alpha"]),
        ("score", ["alpha", "Beta", "gamma", "delta"]),
        ("-score", ["gamma", "Beta", "alpha", "delta"]),
        ("-updated", ["gamma", "alpha", "Beta", "delta"]),
        ("lines", ["alpha", "gamma", "Beta", "delta"]),
        ("updated", ["Beta", "alpha", "gamma", "delta"]),
        ("nonsense", ["alpha", "Beta", "delta", "gamma"]),
    ],
)
def test_orders(sort: str, names: list[str]):
    view = list_rows(REPOSITORIES, LATEST, sort=sort, page=1)
    assert [row.repository.name for row in view.rows] == names


@pytest.mark.parametrize(("asked", "page", "rows"), [(0, 1, PER_PAGE), (2, 2, 1), (99, 2, 1)])
def test_pages(asked: int, page: int, rows: int):
    many = [a_repository(id=number, name=f"{number:03}") for number in range(PER_PAGE + 1)]
    view = list_rows(many, {}, sort="name", page=asked)
    assert (view.page, view.pages, len(view.rows), view.total) == (page, 2, rows, PER_PAGE + 1)


def test_trends_are_asked_for_only_where_they_are_shown():
    asked = []
    view = list_rows(REPOSITORIES, LATEST, sort="name", page=1)
    with_trends(view, lambda it: asked.append(it.name))
    assert asked == ["alpha", "Beta", "delta", "gamma"]
