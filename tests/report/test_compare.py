"""Repositories side by side: what is unknown is never a number."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintbot.report.compare import (
    Column,
    compare_csv,
    compare_json,
    compare_neutral,
    compare_own,
    own_rates,
    plain_cell,
)
from lintbot.report.rules import documentation_url, family_of
from lintbot.report.trend import make_trend
from tests.support.report_fakes import overview_of
from tests.support.report_values import (
    a_comparison,
    a_finding,
    a_judgement,
    a_profile,
    a_repository,
    a_run,
    a_score,
    a_summary,
    a_tool,
)

FINDINGS = (a_finding(1), a_finding(2), a_finding(3, tool="flake8", code="E501"))
BOTH = a_judgement(a_comparison(unchanged=FINDINGS), code_lines=2000, neutral=a_profile())
ONLY_PYLINT = a_judgement(a_comparison(), tools=(a_tool(),))
TREND = make_trend([a_summary(1, score=a_score(942)), a_summary(2, score=a_score(900))])
COLUMNS = (
    Column(
        asked="octo/both", repository=a_repository(), latest=overview_of(a_run(BOTH)), trend=TREND
    ),
    Column(
        asked="octo/pylint",
        repository=a_repository(name="=cmd()"),
        latest=overview_of(a_run(ONLY_PYLINT)),
    ),
    Column(asked="octo/fresh", repository=a_repository(name="fresh")),
    Column(asked="octo/hidden"),
)


def test_rates_are_for_a_thousand_lines_by_family():
    assert own_rates(COLUMNS[0].overview) == {"pycodestyle: errors": 0.5, "pylint: warnings": 1.0}


def test_a_tool_that_did_not_run_is_unknown_and_one_that_ran_found_nothing():
    assert compare_own(COLUMNS) == [
        ("pycodestyle: errors", (0.5, None, None, None)),
        ("pylint: warnings", (1.0, 0.0, None, None)),
    ]


def test_neutral_families_of_what_was_measured():
    assert [(name, row[1:]) for name, row in compare_neutral(COLUMNS)] == [
        ("pyflakes", (None, None, None)),
        ("async", (None, None, None)),
    ]


def test_json_tells_unknown_from_zero():
    both, pylint, fresh, hidden = compare_json(COLUMNS)["repositories"]
    assert (both["score"]["value"], both["trend"]) == ("9.42", ["9.00", "9.42"])
    assert both["neutral"]["name"] == "neutral-1"
    assert (pylint["trend"], pylint["neutral"]) == ([], None)
    assert fresh == {"repository": "octo/fresh", "known": True, "score": None, "trust": None}
    assert hidden == {"repository": "octo/hidden", "known": False, "score": None, "trust": None}


def test_csv_has_a_row_for_each_and_no_formula():
    head, both, pylint, fresh, hidden = csv.reader(io.StringIO(compare_csv(COLUMNS)))
    row = dict(zip(head, both, strict=True))
    assert row["score"] == "9.42"
    assert row["change"] == "0.42"
    assert row["pylint: warnings per 1000 lines"] == "1.00"
    assert row["neutral: pyflakes per 1000 lines"] == "4.73"
    assert pylint[0] == "octo/=cmd()"
    assert dict(zip(head, pylint, strict=True))["pycodestyle: errors per 1000 lines"] == "unknown"
    assert set(fresh[1:]) == set(hidden[1:]) == {"unknown"}


def test_a_partial_score_says_so_in_csv():
    partial = a_judgement(a_comparison(), score=a_score(partial=True))
    column = replace(COLUMNS[0], latest=overview_of(a_run(partial)))
    head, row = csv.reader(io.StringIO(compare_csv([column])))
    assert row[head.index("partial")] == "yes"


@given(st.text())
def test_no_cell_is_computed_by_a_spreadsheet(text: str):
    cell = plain_cell(text)
    assert cell.removeprefix("'") == text.removeprefix("'")
    assert cell[:1] not in ("=", "+", "@", "\t", "\r", "\n")
    assert cell[:1] != "-" or cell[1:].replace(".", "", 1).isdecimal()


@pytest.mark.parametrize("number", ["-0.42", "9.71", "0"])
def test_numbers_stay_numbers(number: str):
    assert plain_cell(number) == number


@pytest.mark.parametrize(
    ("rule", "family"),
    [
        ("pylint:E0401", "pylint: errors"),
        ("flake8:F401", "pyflakes"),
        ("ruff:PLW0603", "ruff PLW"),
        ("mypy:arg-type", "mypy"),
        ("bandit:B101", "bandit B"),
    ],
)
def test_families(rule: str, family: str):
    assert family_of(rule) == family


@pytest.mark.parametrize(
    ("rule", "name", "url"),
    [
        (
            "pylint:W0611",
            "unused-import",
            "https://pylint.readthedocs.io/en/stable/user_guide/messages/warning/unused-import.html",
        ),
        ("pylint:W0611", "", ""),
        ("ruff:F401", "unused-import", "https://docs.astral.sh/ruff/rules/unused-import/"),
        ("flake8:E501", "", "https://pycodestyle.pycqa.org/en/latest/intro.html#error-codes"),
        ("flake8:F401", "", "https://flake8.pycqa.org/en/latest/user/error-codes.html"),
        ("flake8:X1", "", ""),
        ("mypy:arg-type", "", "https://mypy.readthedocs.io/en/stable/error_code_list.html"),
        ("bandit:B101", "", "https://bandit.readthedocs.io/en/latest/plugins/index.html"),
    ],
)
def test_where_a_rule_is_documented(rule: str, name: str, url: str):
    assert documentation_url(rule, name) == url
