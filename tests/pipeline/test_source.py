"""Lines of source and words about rules, as the pages get them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lintbot.model.findings import Finding, Severity
from lintbot.model.source import Explanation
from lintbot.pipeline import excerpts
from lintbot.pipeline.excerpts import read_excerpts
from lintbot.pipeline.explain import keep_explanations
from lintbot.pipeline.tools.explain import parse_pylint, parse_ruff
from lintbot.ports import Checkout, Ending, SandboxJob, SandboxResult
from tests.support.report_values import a_finding


def cut(tmp_path: Path, text: str, *findings: Finding) -> dict[int, str]:
    (tmp_path / "a.py").write_text(text)
    checkout = Checkout(root=tmp_path, files=("a.py",))
    return read_excerpts(checkout, [replace(it, path="a.py") for it in findings]).get("a.py", {})


def test_two_lines_before_and_after_a_finding(tmp_path: Path):
    text = "".join(f"line {number}\n" for number in range(1, 11))
    kept = cut(tmp_path, text, a_finding(1), a_finding(7))
    assert kept == {number: f"line {number}" for number in (1, 2, 3, 5, 6, 7, 8, 9)}


def test_long_lines_are_cut_and_secrets_blotted_out(tmp_path: Path):
    kept = cut(tmp_path, "x" * 5_000 + "\ntoken = 'ghp_" + "a" * 36 + "'\n", a_finding(1))
    assert len(kept[1]) == excerpts.MAX_LINE_CHARACTERS
    assert kept[1].endswith("x…")
    assert kept[2] == "token = '[secret]'"


def test_the_most_severe_findings_get_their_lines_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(excerpts, "MAX_CHARACTERS", 12)
    text = "abcd\n" * 20
    kept = cut(tmp_path, text, a_finding(1), a_finding(19, severity=Severity.ERROR))
    assert sorted(kept) == [17, 18, 19]


PYLINT = """Emittable messages with current interpreter:
:unused-import (W0611): *Unused %s*
  Used when an imported module or variable
  is not used.
:no-words (C0001): *Nothing*

Non-emittable messages with current interpreter:
:old-one (W9999): *Old %s*
  Gone.
"""


def test_what_pylint_says():
    found = parse_pylint(PYLINT, "4.1.4")
    assert [(it.code, it.name, it.summary, it.text) for it in found] == [
        (
            "W0611",
            "unused-import",
            "Unused %s",
            "Used when an imported module or variable is not used.",
        ),
        ("C0001", "no-words", "Nothing", ""),
        ("W9999", "old-one", "Old %s", "Gone."),
    ]


def test_what_ruff_says():
    (found,) = parse_ruff('[{"code": "E1", "name": "n", "explanation": "## Why"}, {}, 3]', "0.17")
    assert (found.code, found.name, found.text, found.markdown) == ("E1", "n", "## Why", True)
    assert parse_ruff("{}", "0.17") == parse_ruff("no", "0.17") == ()


class Kept:
    def __init__(self) -> None:
        self.saved: list[Explanation] = []

    def knows(self, tool: str, version: str) -> bool:
        return any((it.tool, it.version) == (tool, version) for it in self.saved)

    def save(self, explanations: tuple[Explanation, ...]) -> None:
        self.saved += explanations


class Printing:
    """A sandbox in which every tool prints what pylint would."""

    def __init__(self, exit_code: int = 0) -> None:
        self.jobs: list[SandboxJob] = []
        self.exit_code = exit_code

    async def run(self, job: SandboxJob) -> SandboxResult:
        self.jobs.append(job)
        return SandboxResult(
            ending=Ending.EXITED, exit_code=self.exit_code, stdout=PYLINT.encode(), stderr=b""
        )


async def test_a_version_is_asked_once_in_an_empty_folder(tmp_path: Path):
    sandbox, kept = Printing(), Kept()
    for version in ("4.0", "4.1", "4.1"):
        versions = {"pylint": version, "flake8": "7"}
        await keep_explanations(sandbox, tmp_path, versions, kept)
    assert [it.version for it in kept.saved] == ["4.0"] * 3 + ["4.1"] * 3
    assert [(job.argv[0], job.root) for job in sandbox.jobs] == [("pylint", tmp_path)] * 2


async def test_a_tool_that_fails_is_asked_again_the_next_time(tmp_path: Path):
    sandbox, kept = Printing(exit_code=32), Kept()
    for _ in range(2):
        await keep_explanations(sandbox, tmp_path, {"pylint": "4.1"}, kept)
    assert (len(sandbox.jobs), kept.saved) == (2, [])
