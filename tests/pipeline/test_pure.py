"""Laws of fingerprints, comparison, score and verdict."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintbot.model.baseline import AcceptedBaseline
from lintbot.model.findings import Finding, Severity
from lintbot.model.ids import AccountId, RepositoryId, Sha
from lintbot.model.lint import LintResult, ToolOutcome
from lintbot.model.lint_run import Conclusion
from lintbot.pipeline.compare import are_comparable, compare
from lintbot.pipeline.fingerprint import with_fingerprints
from lintbot.pipeline.judge import NO_PYTHON, describe_partial, judge
from lintbot.pipeline.modules import find_local_modules
from lintbot.pipeline.remembered import RememberedResults
from lintbot.pipeline.score import GRADES, count_code_lines, score
from lintbot.pipeline.tools.severity import FAMILIES, severity_of
from tests.support.findings import a_finding, a_report, a_result

BASE = Sha("b" * 40)
DOCS = Path(__file__).parents[2] / "docs" / "score.md"

paths = st.sampled_from(["a.py", "b.py", "pkg/c.py"])
findings = st.builds(
    a_finding,
    tool=st.sampled_from(["pylint", "flake8"]),
    code=st.sampled_from(["E501", "F401", "C0114"]),
    path=paths,
    line=st.integers(1, 4),
    severity=st.sampled_from(Severity),
    environment=st.booleans(),
)
LINES = {path: ["import os", "x = 1", "x = 1", "y = 2"] for path in ("a.py", "b.py", "pkg/c.py")}


@st.composite
def results(draw: st.DrawFn) -> LintResult:
    found = with_fingerprints(draw(st.lists(findings, max_size=12)), LINES)
    return a_result(*found, code_lines=draw(st.integers(0, 500)))


@given(results(), results())
def test_new_and_unchanged_are_head_and_nothing_is_lost(head: LintResult, base: LintResult):
    split = compare(head, base, BASE)
    counted = [f for f in head.findings if not f.environment]
    assert sorted((*split.new, *split.unchanged), key=str) == sorted(counted, key=str)
    assert [f for f in head.findings if f.environment] == list(split.environment)
    assert set(split.fixed) <= {f for f in base.findings if not f.environment}
    assert len(split.unchanged) + len(split.fixed) >= len(
        {f.fingerprint for f in base.findings if not f.environment}
    )


@given(results())
def test_a_tree_compared_with_itself_is_unchanged(head: LintResult):
    split = compare(head, head, BASE)
    assert (split.new, split.fixed) == ((), ())


@given(results())
def test_without_a_baseline_nobody_is_accused(head: LintResult):
    split = compare(head, None, BASE)
    assert (split.new, split.fixed, split.baseline_sha) == ((), (), None)


@given(st.lists(findings, max_size=12), st.randoms(use_true_random=False))
def test_fingerprints_know_no_order(found: list[Finding], random: object):
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis's own Random
    assert {f.fingerprint for f in with_fingerprints(found, LINES)} == {
        f.fingerprint for f in with_fingerprints(shuffled, LINES)
    }


@given(st.lists(findings, max_size=12), st.integers(1, 9))
def test_fingerprints_survive_lines_inserted_above(found: list[Finding], count: int):
    moved = [replace(f, line=f.line + count) for f in found]
    lines = {path: [f"# {n}" for n in range(count)] + text for path, text in LINES.items()}
    assert {f.fingerprint for f in with_fingerprints(found, LINES)} == {
        f.fingerprint for f in with_fingerprints(moved, lines)
    }


def test_a_changed_line_is_a_new_finding_and_a_file_level_one_is_not():
    before = {"a.py": ["import os"]}
    after = {"a.py": ["import sys"]}
    for code, same in (("F401", False), ("C0114", True)):
        old = with_fingerprints([a_finding(code=code)], before)[0]
        new = with_fingerprints([a_finding(code=code)], after)[0]
        assert (old.fingerprint == new.fingerprint) is same
        assert re.fullmatch(r"[0-9a-f]{32}", old.fingerprint)


def test_line_beyond_the_source_has_a_fingerprint():
    assert with_fingerprints([a_finding(line=9)], {"a.py": ["x"]})[0].fingerprint


def test_a_renamed_file_keeps_its_findings():
    old = with_fingerprints([a_finding(path="old.py")], {"old.py": ["import os"]})
    new = with_fingerprints(
        [a_finding(path="new.py"), a_finding(path="new.py", line=2)],
        {"new.py": ["import os", "x = 1"]},
    )
    split = compare(a_result(*new), a_result(*old), BASE)
    assert [f.line for f in split.unchanged] == [1]
    assert [f.line for f in split.new] == [2]
    assert split.fixed == ()


def test_what_a_tool_could_not_judge_before_is_not_new():
    found = with_fingerprints([a_finding(tool="ruff"), a_finding(path="b.py")], LINES)
    blind = a_result(
        tools=(
            a_report("flake8", failed_files=("b.py",)),
            a_report("ruff", outcome=ToolOutcome.CRASHED, reason="crashed"),
        )
    )
    assert compare(a_result(*found), blind, BASE).new == ()
    assert compare(blind, a_result(*found), BASE).fixed == ()
    assert len(compare(a_result(*found), a_result(), BASE).new) == 2


def test_a_folder_whose_tool_crashed_says_nothing_of_what_is_new_there():
    found = with_fingerprints(
        [a_finding(path="pkg/c.py"), a_finding(path="a.py"), a_finding(path="pkg/sub/d.py")], LINES
    )
    crashed = a_report(root="pkg", outcome=ToolOutcome.CRASHED, reason="crashed")
    before = a_result(tools=(a_report(root="x"), crashed, a_report(root="pkg/sub")))
    new = compare(a_result(*found), before, BASE).new
    assert [f.path for f in new] == ["a.py", "pkg/sub/d.py"]
    assert compare(a_result(*found), a_result(tools=(a_report("pylint"),)), BASE).new == ()


def test_the_first_python_files_of_a_repository_are_new_and_the_last_ones_fixed():
    found = a_result(*with_fingerprints([a_finding(path="b.py")], LINES))
    nothing = a_result(python_files=0, tools=())
    assert compare(found, nothing, BASE).new == found.findings
    assert compare(nothing, found, BASE).fixed == found.findings


@given(results())
def test_score_is_in_range_and_mending_never_lowers_it(result: LintResult):
    full = score(result)
    assert full is not None
    assert 0 <= full.hundredths <= 1000
    for left_out in range(len(result.findings)):
        rest = result.findings[:left_out] + result.findings[left_out + 1 :]
        better = score(replace(result, findings=rest))
        assert better is not None
        assert better.hundredths >= full.hundredths


def test_environment_findings_cost_nothing():
    with_it, without = a_result(a_finding(environment=True)), a_result()
    assert score(with_it) == score(without)


def test_no_python_no_score():
    assert score(a_result(python_files=0)) is None


def test_code_lines_are_neither_blank_nor_comment():
    assert count_code_lines(["x = 1", "", "  # no", "\t", "y  # yes"]) == 2


def test_documented_example_is_what_the_code_computes():
    text = DOCS.read_text()
    numbers = re.search(r"with (\d+) error, (\d+) warnings and (\d+) remarks in (\d+) lines", text)
    promised = re.search(r"= \*\*([\d.]+)\*\*, grade \*\*(\S+)\*\*", text)
    assert numbers
    assert promised
    errors, warnings, infos, lines = map(int, numbers.groups())
    found = [
        a_finding(severity=severity)
        for severity, count in zip(Severity, (errors, warnings, infos), strict=True)
        for _ in range(count)
    ]
    computed = score(a_result(*found, code_lines=lines))
    assert computed is not None
    assert (str(computed), computed.grade) == promised.groups()


def test_documented_tables_are_the_code_s():
    text = DOCS.read_text()
    words = {"error": Severity.ERROR, "warning": Severity.WARNING}
    rows = re.findall(r"^\| `(\S+)` \| (\w+) \|$", text, re.MULTILINE)
    assert [(prefix, words[word]) for prefix, word in rows] == list(FAMILIES)
    grades = re.findall(r"^\| (\S+) \| ([\d.]+) \|$", text, re.MULTILINE)
    assert [(round(float(least) * 100), letter) for letter, least in grades] == list(GRADES)


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        ("E999", Severity.ERROR),
        ("F821", Severity.ERROR),
        ("F401", Severity.WARNING),
        ("B006", Severity.WARNING),
        ("BLE001", Severity.INFO),
        ("SIM101", Severity.INFO),
        ("FURB1", Severity.INFO),
        ("PLE0101", Severity.ERROR),
        ("E501", Severity.INFO),
        ("X1", Severity.INFO),
    ],
)
def test_severity_of_codes(code: str, severity: Severity):
    assert severity_of(code) is severity


WARNING = a_finding(severity=Severity.WARNING, fingerprint="f" * 32)
REMARK = a_finding(fingerprint="e" * 32)
CRASHED = a_result(tools=(a_report("pylint", outcome=ToolOutcome.CRASHED, reason="crashed: boom"),))


@pytest.mark.parametrize(
    ("head", "base", "conclusion", "words"),
    [
        (a_result(), a_result(), Conclusion.SUCCESS, ""),
        (a_result(REMARK), a_result(), Conclusion.SUCCESS, ""),
        (a_result(WARNING), a_result(), Conclusion.FAILURE, ""),
        (a_result(WARNING), a_result(WARNING), Conclusion.SUCCESS, ""),
        (a_result(WARNING), None, Conclusion.SUCCESS, ""),
        (a_result(python_files=0, tools=()), None, Conclusion.NEUTRAL, NO_PYTHON),
        (CRASHED, a_result(), Conclusion.NEUTRAL, "pylint: crashed: boom"),
    ],
)
def test_verdict(head: LintResult, base: LintResult | None, conclusion: Conclusion, words: str):
    judgement, verdict = judge(head, base, baseline_sha=BASE)
    assert (verdict.conclusion, verdict.reason) == (conclusion, words)
    assert judgement.result is head


def test_accepted_findings_are_never_new():
    accepted = AcceptedBaseline(
        sha=Sha("c" * 40),
        accepted_by=AccountId(42),
        accepted_at=datetime(2026, 11, 25, tzinfo=UTC),
        fingerprints=frozenset({WARNING.fingerprint, "gone"}),
    )
    head = a_result(WARNING, REMARK)
    judgement, verdict = judge(head, a_result(), baseline_sha=BASE, accepted=accepted)
    comparison = judgement.comparison
    assert (comparison.new, comparison.unchanged) == ((REMARK,), (WARNING,))
    assert (comparison.accepted, verdict.conclusion) == (1, Conclusion.SUCCESS)
    (note,) = judgement.notes
    assert note.startswith("The findings of ccccccc were accepted as the baseline on 2026-11-25")
    assert note.endswith("by the GitHub user with id 42; 1 would be new here.")


def test_note_about_the_baseline_is_told():
    _, verdict = judge(CRASHED, None, baseline_sha=BASE, baseline_note="It is gone.")
    assert verdict.reason == "pylint: crashed: boom It is gone."


def test_environment_findings_never_fail_the_check():
    missing = replace(WARNING, environment=True)
    _, verdict = judge(a_result(missing), a_result(), baseline_sha=BASE)
    assert verdict.conclusion is Conclusion.SUCCESS


def test_files_that_failed_are_named():
    names = tuple(f"f{n}.py" for n in range(5))
    result = a_result(tools=(a_report("pylint", failed_files=names), a_report()))
    assert describe_partial(result) == ("pylint could not judge f0.py, f1.py, f2.py and 2 more.")
    short = a_result(tools=(a_report("pylint", failed_files=names[:1]),))
    assert describe_partial(short) == "pylint could not judge f0.py."


def test_local_modules_of_every_layout():
    files = ["setup.py", "src/pkg/__init__.py", "src/pkg/sub/__init__.py", "src/pkg/m.py"]
    files += ["tests/test_a.py", "__init__.py"]
    assert find_local_modules(files) == {"setup", "src", "pkg", "tests", "test_a"}


def test_what_another_version_judged_is_neither_new_nor_fixed():
    def judged(kit: tuple[str, ...], *found: Finding) -> LintResult:
        tools = (a_report("pylint"), a_report("flake8", root="api", kit=kit))
        return a_result(*found, tools=tools)

    there, elsewhere = (a_finding(path=f"api/{name}.py", fingerprint=name) for name in "ab")
    old, new = judged(("flake8==6",), there), judged(("flake8==7",), elsewhere)
    split = compare(new, old, BASE)
    assert (split.new, split.unchanged, split.fixed) == ((), (elsewhere,), ())
    assert compare(judged(("flake8==6",), elsewhere), old, BASE).new == (elsewhere,)
    assert not are_comparable(new, old)
    assert are_comparable(new, a_result(tools=(a_report("flake8"), a_report("ruff"))))
    assert new.kits == (("flake8", "api", ("flake8==7",)),)


async def test_a_result_by_the_versions_of_another_is_remembered_apart():
    kept: dict[tuple[object, ...], LintResult] = {}

    class Runs:
        def load_result(self, *key: object) -> LintResult | None:
            return kept.get(key)

        def save_result(self, *key: object) -> None:
            *place, result = key
            kept[tuple(place)] = result  # type: ignore[assignment]

    results = RememberedResults(runs=Runs(), key="k")  # type: ignore[arg-type]
    pinned = a_result(tools=(a_report("flake8", kit=("flake8==6",)),))
    commit = (RepositoryId(1), BASE)
    await results.save(*commit, a_result())
    await results.save(*commit, pinned, pinned)
    await results.save(*commit, a_result(tools=(a_report(makeshift=True),)), pinned)
    assert await results.load(*commit) == await results.load(*commit, a_result()) == a_result()
    assert await results.load(*commit, pinned) == pinned
