"""Laws of the score, on the arithmetic and on the pipeline, and the examples of docs/score.md."""

from __future__ import annotations

import asyncio
import inspect
import json
import random
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pylint.lint import base_options

from lintbot.model.findings import Severity
from lintbot.model.lint import LintResult
from lintbot.model.score import WEIGHTS
from lintbot.pipeline.lint import Linter
from lintbot.pipeline.score import FORMULA, score, weigh
from lintbot.ports import Checkout, SandboxJob, SandboxResult
from tests.support.plain_sandbox import PlainSandbox
from tests.support.trees import a_checkout

DOCS = Path(__file__).parents[2] / "docs" / "score.md"
WEIGHT = dict(zip(Severity, WEIGHTS[FORMULA], strict=True))

counts = st.fixed_dictionaries({severity: st.integers(0, 10**6) for severity in Severity})
lines = st.integers(0, 10**7)
severities = st.sampled_from(Severity)


def points(found: dict[Severity, int]) -> int:
    return sum(WEIGHT[severity] * count for severity, count in found.items())


@given(counts, lines)
def test_it_is_bounded_and_full_only_where_nothing_is_found(found: dict[Severity, int], size: int):
    result = weigh(found, code_lines=size)
    assert 0 <= result.hundredths <= 1000
    assert (result.hundredths == 1000) is (points(found) == 0)
    assert result.points == points(found)


def test_it_reaches_nothing_only_at_the_documented_number_of_errors_a_line():
    (errors,) = map(int, re.findall(r"only at (\d+) errors a\s+line", DOCS.read_text()))
    assert weigh({Severity.ERROR: errors}, code_lines=1).hundredths == 0
    assert weigh({Severity.ERROR: errors - 1}, code_lines=1).hundredths == 1


@given(counts, lines, severities, st.integers(0, 10**6))
def test_to_mend_a_finding_or_to_add_clean_code_never_lowers_it(
    found: dict[Severity, int], size: int, severity: Severity, more: int
):
    mended = {**found, severity: max(found[severity] - 1, 0)}
    before = weigh(found, code_lines=size).hundredths
    assert weigh(mended, code_lines=size).hundredths >= before
    assert weigh(found, code_lines=size + more).hundredths >= before


@given(counts, st.integers(2, 10**7), severities)
def test_to_delete_the_line_of_a_finding_lowers_nothing_above_the_documented_score(
    found: dict[Severity, int], size: int, severity: Severity
):
    found = {**found, severity: found[severity] + 1}
    mended = {**found, severity: found[severity] - 1}
    before = weigh(found, code_lines=size).hundredths
    words = {Severity.INFO: "remark", Severity.WARNING: "warning", Severity.ERROR: "error"}
    least = re.search(rf"([\d.]+) \(an? {words[severity]}\)", DOCS.read_text())
    assert least
    if before >= round(float(least[1]) * 100):
        assert weigh(mended, code_lines=size - 1).hundredths >= before


# --- on the pipeline ------------------------------------------------------------------------

FILES: dict[str, str | bytes] = {
    "ruff.toml": "[lint]\nselect = ['ALL']\n",
    "pyproject.toml": "[tool.mypy]\nstrict = true\n[tool.bandit]\n",
    "a.py": "import os\nimport requests\n\n\ndef f(x=[]):\n    eval(x); return y\n",
    "pkg/__init__.py": "",
    "pkg/b.py": "import os\nimport os\nfrom . import nothing\nprint(undefined)\nprint(undefined)\n",
    "pkg/c.py": "def f(:\n",
}


class Replay(PlainSandbox):
    """Runs each command once; gives its output again in another order."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[tuple[str, ...], SandboxResult] = {}
        self.seed: int | None = None

    async def run(self, job: SandboxJob) -> SandboxResult:
        if job.argv not in self.known:
            self.known[job.argv] = await super().run(job)
        result = self.known[job.argv]
        if self.seed is None:
            return result
        # Of each command its own: which one is first hangs on threads.
        order = random.Random(f"{self.seed} {job.argv}")
        return replace(result, stdout=self._shuffle(result.stdout, order))

    def _shuffle(self, stdout: bytes, order: random.Random) -> bytes:
        try:
            report = json.loads(stdout)
        except ValueError:
            said = stdout.splitlines(keepends=True)
            order.shuffle(said)
            return b"".join(said)
        for said in (report, *report.values()) if isinstance(report, dict) else (report,):
            if isinstance(said, list):
                order.shuffle(said)
        return json.dumps(report, indent=2).encode()


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> tuple[Replay, Checkout, bytes]:
    sandbox = Replay()
    checkout = a_checkout(tmp_path_factory.mktemp("tree"), FILES)
    result = asyncio.run(lint(sandbox, checkout))
    assert {f.tool for f in result.findings} == {"pylint", "flake8", "ruff", "mypy", "bandit"}
    return sandbox, checkout, msgspec.json.encode((result, score(result)))


async def lint(sandbox: PlainSandbox, checkout: Checkout) -> LintResult:
    return await Linter(sandbox=sandbox, versions={}, python_version="3").lint_tree(checkout, 100)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_no_order_of_files_or_output_changes_a_bit(
    replay: tuple[Replay, Checkout, bytes], seed: int
):
    sandbox, checkout, expected = replay
    sandbox.seed = seed
    files = list(checkout.files)
    random.Random(seed).shuffle(files)
    result = asyncio.run(lint(sandbox, replace(checkout, files=tuple(files))))
    assert msgspec.json.encode((result, score(result))) == expected


# --- the documentation ----------------------------------------------------------------------


def test_pylints_formula_is_pylints():
    (formula,) = re.findall(r"^pylint +(max.*)$", DOCS.read_text(), re.MULTILINE)
    source = "".join(re.findall(r'"([^"]*)"', inspect.getsource(base_options)))
    assert re.sub(r"\s", "", formula) in re.sub(r"\s", "", source)


def test_both_scores_of_the_documented_file():
    text = DOCS.read_text()
    (formula,) = re.findall(r"^pylint +(max.*)$", text, re.MULTILINE)
    rows = re.findall(r"^\| (\d+ .*?|nothing) \| ([\d.]+) \| ([\d.]+) \|$", text, re.MULTILINE)
    assert len(rows) == 7
    for what, pylint, ours in rows:
        number = int(what.split()[0]) if what != "nothing" else 0
        kind = "error" if "import that is not" in what else what.rpartition("(")[2].rstrip("s)")
        said = dict.fromkeys(("fatal", "error", "warning", "refactor", "convention"), 0)
        said |= {kind: number} if number else {}
        assert f"{eval(formula, said | {'statement': 19}):.2f}" == pylint, what
        weighed = {
            Severity.ERROR: 0 if "not installed" in what else said["error"],
            Severity.WARNING: said["warning"],
            Severity.INFO: said["convention"],
        }
        assert str(weigh(weighed, code_lines=19)) == ours, what


def test_one_import_that_is_not_installed_costs_nothing_here(tmp_path: Path):
    code = '"""A module."""\n\nimport not_installed\n' + "".join(
        f"VALUE_{number} = not_installed.get({number})\n" for number in range(18)
    )
    checkout = a_checkout(tmp_path, {"module.py": code})
    plain = subprocess.run(
        [sys.executable, "-m", "pylint", "module.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "rated at 7.37/10" in plain.stdout
    assert str(score(asyncio.run(lint(PlainSandbox(), checkout)))) == "10.00"
