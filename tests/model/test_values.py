"""Values refuse what cannot be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lintbot.model.ids import RepositoryId, Sha, is_zero, make_lint_run_id, parse_sha
from lintbot.model.intake import Plan
from lintbot.model.score import Score
from tests.support.findings import a_finding

SCORE = Score(
    hundredths=942,
    grade="A",
    formula="lint-1",
    errors=0,
    warnings=0,
    infos=0,
    code_lines=1,
    partial=False,
)


@pytest.mark.parametrize("text", ["", "abc", "A" * 40, "a" * 41, "a" * 40 + "\n"])
def test_only_full_commit_names_are_shas(text: str):
    with pytest.raises(ValueError, match="not a full commit name"):
        parse_sha(text)


@pytest.mark.parametrize("text", ["a" * 40, "0" * 64])
def test_both_hashes_of_git_are_shas(text: str):
    assert parse_sha(text) == text
    assert is_zero(text) is text.startswith("0")


def test_a_lint_run_is_named_by_repository_commit_and_attempt():
    assert make_lint_run_id(RepositoryId(7), Sha("a" * 40), 2) == f"lint:7:{'a' * 40}:2"


@pytest.mark.parametrize("values", [{"line": 0}, {"column": 0}, {"line": 3, "end_line": 2}])
def test_a_finding_stands_where_an_editor_can_go(values: dict[str, int]):
    with pytest.raises(ValueError, match=r"a\.py"):
        a_finding(**values)


@pytest.mark.parametrize("hundredths", [-1, 1001])
def test_a_score_is_from_0_to_10(hundredths: int):
    with pytest.raises(ValueError, match="0 to 1000"):
        replace(SCORE, hundredths=hundredths)


def test_a_score_has_two_digits():
    assert [str(replace(SCORE, hundredths=h)) for h in (0, 5, 942, 1000)] == [
        "0.00",
        "0.05",
        "9.42",
        "10.00",
    ]


def test_a_plan_without_a_job_needs_no_work():
    assert not Plan(outcome="pong").needs_work
