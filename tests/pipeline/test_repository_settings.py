"""A repository's settings of lintbot: what is read, what is refused and how it is told."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintbot.model.findings import Finding, Severity
from lintbot.model.globs import match_names, match_paths
from lintbot.model.ids import Sha
from lintbot.model.lint import LintResult
from lintbot.model.lint_run import Conclusion
from lintbot.model.repository_settings import Gate, RepositorySettings, SettingsFile
from lintbot.model.toml import find_line, load_toml
from lintbot.pipeline.judge import INVALID, judge
from lintbot.pipeline.repository_settings import (
    KEYS,
    MAX_PROBLEMS,
    MAX_SETTINGS_BYTES,
    SETTINGS_PLACES,
    TOOLS,
    read_repository_settings,
)
from lintbot.pipeline.tools.config_files import MAX_CONFIG_BYTES
from tests.support.findings import a_finding, a_report, a_result

BASE = Sha("b" * 40)
DOCS = Path(__file__).parents[2] / "docs" / "repository-settings.md"


def read(text: str | bytes, path: str = ".lintbot.toml") -> SettingsFile:
    return read_repository_settings({path: text.encode() if isinstance(text, str) else text})


def test_everything_that_may_be_set():
    file = read(
        'gate = "error"\nbranches = ["main", "release/*"]\nmax_annotations = 0\n'
        'exclude = ["vendor"]\ntimeout_seconds = 60\n'
        "seeks_maintainer = true\n[tools]\nruff = true\nflake8 = false\n"
    )
    assert file.problems == ()
    assert file.settings == RepositorySettings(
        gate=Gate.ERROR,
        branches=("main", "release/*"),
        max_annotations=0,
        exclude=("vendor",),
        timeout_seconds=60,
        seeks_maintainer=True,
        switched_on=("ruff",),
        switched_off=("flake8",),
    )


def test_the_first_place_counts_and_the_others_are_named():
    files = {
        "pyproject.toml": b'[tool.lintbot]\ngate = "none"\n',
        ".github/lintbot.toml": b'gate = "info"\n',
    }
    assert read_repository_settings(files).path == ".github/lintbot.toml"
    assert read_repository_settings(files).notices == (
        "pyproject.toml has settings of lintbot too: only .github/lintbot.toml counts.",
    )
    both = read_repository_settings(files | {".lintbot.toml": b'gate = "error"'})
    assert (both.path, both.settings.gate, len(both.notices)) == (".lintbot.toml", Gate.ERROR, 2)


@pytest.mark.parametrize("text", ["", "[project]\nname = 'x'\n", "tool = 1\n", "[tool.lint\n"])
def test_a_pyproject_that_does_not_speak_of_lintbot_is_no_settings_file(text: str):
    assert read(text, "pyproject.toml") == SettingsFile()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('# hello\ngaet = "none"', "line 2: unknown key 'gaet'; did you mean 'gate'?"),
        ("quux = 1", "line 1: unknown key 'quux'; known are gate, branches, "),
        ("[tools]\nflake9 = true", "line 2: unknown key 'flake9'; did you mean 'flake8'?"),
        ("tools = { rufff = true }", "line 1: unknown key 'rufff'; did you mean 'ruff'?"),
        ("[tools]\nruff = 1", "line 2: tools.ruff must be true or false."),
        ("seeks_maintainer = 1", "line 1: seeks_maintainer must be true or false."),
        ("tools = 3", "line 1: tools must be a table such as { ruff = false }."),
        ('gate = "red"', 'line 1: gate must be one of "error", "warning", "info", "none".'),
        ("gate = ['error']", "line 1: gate must be one of"),
        ("max_annotations = 201", "line 1: max_annotations must be a whole number from 0 to 200."),
        ("timeout_seconds = true", "line 1: timeout_seconds must be a whole number from 10 to"),
        ('exclude = "vendor"', "line 1: exclude must be a list of texts of 1 to 250 characters"),
        ("branches = ['/']", "line 1: branches must be a list of texts of 1 to 250 characters"),
        (f"exclude = {['x'] * 51}", "line 1: exclude must be a list of at most 50 patterns."),
        ("[tool.lintbot]\n", "line 1: here the settings stand at the top, without [tool.lintbot]."),
        ("gate = \n", "cannot be read as TOML: Invalid value (at line 1, column 8)."),
        (b"\xff", "cannot be read as TOML: 'utf-8' codec"),
        ("x = " + "[" * 5000, "cannot be read as TOML: its values are nested too deep."),
        ("a." * 50 + "b = 1", "cannot be read as TOML: a key has more than 32 parts."),
        ("#" * (MAX_SETTINGS_BYTES + 1), "is larger than 64 KiB."),
    ],
)
def test_a_mistake_is_told_with_its_line_and_the_defaults_count(text: str | bytes, problem: str):
    file = read(text)
    assert file.settings == RepositorySettings()
    assert problem in file.problems[0]
    assert file.problems[0].startswith(".lintbot.toml")


def test_a_pyproject_is_told_of_by_its_own_lines():
    text = (
        '[project]\ndescription = """\ngaet = 1\n[tool.lintbot]\n"""\n\n[tool.lintbot]\ngaet = 1\n'
    )
    assert read(text, "pyproject.toml").problems == (
        "pyproject.toml, line 8: unknown key 'gaet'; did you mean 'gate'?",
    )
    assert read("tool = { lintbot = 1 }", "pyproject.toml").problems == (
        "pyproject.toml, line 1: [tool.lintbot] must be a table.",
    )
    broken = read("[tool.lintbot]\ngate = \n", "pyproject.toml")
    assert "pyproject.toml cannot be read as TOML" in broken.problems[0]
    huge = b"[tool.lintbot]\n#" + b"x" * MAX_CONFIG_BYTES
    assert read(huge, "pyproject.toml").problems == ("pyproject.toml is larger than 1024 KiB.",)


def test_only_the_first_problems_are_named():
    text = "".join(f"a{number} = 1\n" for number in range(20))
    assert len(read(text).problems) == MAX_PROBLEMS


_names = st.text("abcdef_", min_size=2, max_size=6).filter(lambda name: name not in KEYS)
_above = st.sampled_from(
    [
        "# a remark\n",
        'gate = "error"\n',
        "exclude = [\n  '{name}',\n]\n",
        "branches = ['''\n{name} = 1\n''']\n",
        "max_annotations = 3 # {name} = 2\n",
    ]
)


@given(_names, st.lists(_above, unique=True, max_size=5), st.sampled_from(["", "  ", "\t"]))
def test_the_line_of_an_unknown_key_is_its_own(name: str, above: list[str], indent: str):
    text = "".join(above).replace("{name}", name)
    expected = text.count("\n") + 1
    assert find_line(f"{text}{indent}{name} = [\n1]\n", (name,)) == expected


def test_a_line_that_cannot_be_found_is_not_invented():
    assert find_line('"\\u0061b" = 1\n', ("ab",)) is None
    assert find_line("ab = 1\n" + "#" * 70_000, ("ab",)) is None
    assert find_line("ab = 1\n", ("cd", "ef")) is None


@pytest.mark.parametrize(
    "text",
    [
        "a." * 250_000 + "a = 1",
        "[" + ".".join("a" * 32) + "]\n" + "".join(f"k{n} = 1\n" for n in range(4_000)),
        "a " * 30_000,
        "x\n" * 30_000,
    ],
)
def test_hostile_settings_cost_little(text: str):
    """Without the limits these take minutes, and the time-out of the suite strikes."""
    assert read(text).problems
    assert read(f"[tool.lintbot]\nx = 1\n{text}", "pyproject.toml").problems


@pytest.mark.parametrize(
    ("pattern", "fits", "spares"),
    [
        ("vendor", ["vendor/a.py", "x/vendor/b/c.py"], ["vendored/a.py", "a/vendor.py"]),
        ("vendor/", ["vendor/a.py"], ["vendor.py"]),
        ("/setup.py", ["setup.py"], ["x/setup.py"]),
        ("docs/*.py", ["docs/a.py"], ["docs/x/a.py", "x/docs/a.py"]),
        ("docs/**/a.py", ["docs/a.py", "docs/x/y/a.py"], ["docs/b.py"]),
        ("*_pb2.py", ["a_pb2.py", "x/a_pb2.py"], ["a_pb2.pyi"]),
        ("test[12].py", ["test1.py"], ["test3.py", "test12.py"]),
        ("**", ["a.py", "x/a.py"], []),
    ],
)
def test_patterns_of_paths(pattern: str, fits: list[str], spares: list[str]):
    matches = match_paths([pattern])
    assert [path for path in fits if not matches(path)] == []
    assert [path for path in spares if matches(path)] == []


def test_patterns_of_branches():
    wants = RepositorySettings(branches=("main", "release/*", "team/**")).wants
    assert [wants(b) for b in ("main", "release/1", "team/x/y")] == [True] * 3
    assert [wants(b) for b in ("mainly", "release/1/2", "release", "teams/x")] == [False] * 4
    assert RepositorySettings().wants("anything")
    assert not match_names(["a"])("b")


def test_a_pattern_of_many_stars_costs_little():
    matches = match_paths(["/".join(["**", "*a*a*a*a*a*a*b"] * 20)] * 10)
    assert not matches("/".join(["a" * 30] * 40))


# --- what they change ----------------------------------------------------------------------

ERROR, WARNING = (
    a_finding(code=severity, severity=severity, fingerprint=severity)
    for severity in (Severity.ERROR, Severity.WARNING)
)
REMARK = a_finding(code="info", fingerprint="info")


def with_settings(
    *findings: Finding, problems: tuple[str, ...] = (), **settings: Any
) -> LintResult:
    file = SettingsFile(
        path=".lintbot.toml", settings=RepositorySettings(**settings), problems=problems
    )
    return a_result(*findings, settings=file)


@pytest.mark.parametrize(
    ("gate", "failing"),
    [
        (Gate.ERROR, [ERROR]),
        (Gate.WARNING, [ERROR, WARNING]),
        (Gate.INFO, [ERROR, WARNING, REMARK]),
        (Gate.NONE, []),
    ],
)
def test_the_gate_says_which_new_findings_fail(gate: Gate, failing: list[Finding]):
    for finding in (ERROR, WARNING, REMARK):
        _, verdict = judge(with_settings(finding, gate=gate), a_result(), baseline_sha=BASE)
        expected = Conclusion.FAILURE if finding in failing else Conclusion.SUCCESS
        assert verdict.conclusion is expected


def test_a_pull_request_does_not_open_its_own_gate():
    head = with_settings(WARNING, gate=Gate.NONE, max_annotations=0, exclude=("x",))
    pushed, passed = judge(head, a_result(), baseline_sha=BASE)
    assert (passed.conclusion, pushed.settings.max_annotations) == (Conclusion.SUCCESS, 0)
    judgement, verdict = judge(head, a_result(), baseline_sha=BASE, for_pull=True)
    assert verdict.conclusion is Conclusion.FAILURE
    assert (judgement.settings.max_annotations, judgement.settings.exclude) == (200, ("x",))
    assert judgement.notes == (
        "This changes gate from warning to none; it counts once it is merged.",
        "This changes max_annotations from 200 to 0; it counts once it is merged.",
        "This changes exclude from nothing to x.",
    )


def test_what_a_commit_changes_is_told():
    head = with_settings(timeout_seconds=30, switched_off=("ruff",), problems=())
    base = with_settings(problems=(".lintbot.toml, line 1: oh.",))
    judgement, _ = judge(head, base, baseline_sha=BASE, for_pull=True)
    assert judgement.notes == (
        "At the base, .lintbot.toml, line 1: oh.",
        "This changes switched_off from nothing to ruff.",
        "This changes timeout_seconds from the default to 30.",
    )
    edited = a_result(config_digest="1" * 16)
    judgement, _ = judge(edited, a_result(), baseline_sha=BASE)
    assert "may configure linters" in judgement.notes[0]


def test_a_commit_whose_settings_are_not_valid_never_passes():
    problem = ".lintbot.toml, line 1: unknown key 'gaet'; did you mean 'gate'?"
    _, verdict = judge(with_settings(problems=(problem,)), a_result(), baseline_sha=BASE)
    assert (verdict.conclusion, verdict.reason) == (Conclusion.NEUTRAL, f"{INVALID} {problem}")
    _, verdict = judge(with_settings(ERROR, problems=(problem,)), a_result(), baseline_sha=BASE)
    assert (verdict.conclusion, verdict.reason) == (Conclusion.FAILURE, f"{INVALID} {problem}")


def test_nothing_judged_is_never_clean():
    settings = SettingsFile(path=".lintbot.toml")
    off = a_result(tools=(), settings=settings)
    judgement, verdict = judge(off, a_result(), baseline_sha=BASE)
    assert (verdict.conclusion, judgement.score) == (Conclusion.NEUTRAL, None)
    assert verdict.reason == ".lintbot.toml switches off every linter."
    away = a_result(python_files=0, tools=(), settings=settings, excluded_files=2)
    judgement, verdict = judge(away, a_result(), baseline_sha=BASE)
    assert verdict.reason == ".lintbot.toml leaves out every Python file of this commit."
    assert judgement.notes == (".lintbot.toml leaves out 2 Python files.",)


def test_what_is_left_out_is_neither_fixed_nor_new():
    old = a_finding(path="vendor/a.py", fingerprint="1", severity=Severity.ERROR)
    hidden = with_settings(exclude=("vendor",))
    judgement, _ = judge(hidden, a_result(old), baseline_sha=BASE)
    assert judgement.comparison.fixed == ()
    judgement, verdict = judge(a_result(old), hidden, baseline_sha=BASE)
    assert (judgement.comparison.new, verdict.conclusion) == ((), Conclusion.SUCCESS)
    empty = a_result(
        python_files=0, tools=(a_report(),), settings=hidden.settings, excluded_files=1
    )
    judgement, _ = judge(a_result(old), empty, baseline_sha=BASE)
    assert judgement.comparison.new == ()


# --- the documentation ---------------------------------------------------------------------


def test_the_documentation_tells_every_key_and_every_place():
    text = DOCS.read_text()
    rows = re.findall(r"^\| `([a-z_]+)` \|", text, re.MULTILINE)
    assert sorted(rows) == sorted((*KEYS, "tools"))
    places = [text.index(f"`{place}`") for place in SETTINGS_PLACES]
    assert places == sorted(places)
    assert all(f"`{tool}`" in text for tool in TOOLS)


def test_the_examples_of_the_documentation_are_valid():
    blocks = re.findall(r"```toml\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert len(blocks) == 2
    for text in blocks:
        path = "pyproject.toml" if "[tool.lintbot]" in text else ".lintbot.toml"
        assert load_toml(text)
        assert read(text, path).problems == ()
