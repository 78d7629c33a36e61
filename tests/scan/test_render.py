from __future__ import annotations

import json

import pytest

from lintbot.model.findings import Severity
from lintbot.model.ids import Sha
from lintbot.model.lint import LintResult
from lintbot.pipeline.judge import judge
from lintbot.scan.render import RENDERERS
from lintbot.scan.scan import FailOn, has_failed
from tests.support.findings import a_finding, a_report, a_result
from tests.support.report_values import a_profile

BASE = Sha("b" * 40)
BAD = a_finding(
    severity=Severity.ERROR, fingerprint="a" * 32, message="a | b `c`", symbol="bad", column=3
)
OLD = a_finding(severity=Severity.WARNING, fingerprint="b" * 32, line=2)
ENVIRONMENT = a_finding(severity=Severity.ERROR, fingerprint="c" * 32, environment=True)
HEAD = a_result(
    BAD,
    OLD,
    ENVIRONMENT,
    tools=(a_report("flake8", notices=("mind this",)),),
    neutral=a_profile(),
)


def test_text_says_what_is_new_and_the_score():
    text = RENDERERS["text"](*judge(HEAD, a_result(OLD), baseline_sha=BASE))
    assert "a.py:1:3: new error: flake8 E501 (bad) a | b `c`" in text
    assert "a.py:2: warning: flake8 E501" in text
    assert ": environment: " in text
    assert "compared with bbbbbbb: 1 new, 1 unchanged, 0 fixed" in text
    assert "score 8.77 B: 1 errors, 1 warnings, 0 remarks in 100 lines" in text
    assert "  mind this" in text
    assert "neutral profile 8.71 B: 4.73 findings in 1,000 lines of code (neutral-1," in text


def test_json_has_everything():
    got = json.loads(RENDERERS["json"](*judge(HEAD, a_result(), baseline_sha=BASE)))
    assert got["score"]["value"] == "8.77"
    assert got["counts"] == {"new": 2, "unchanged": 0, "fixed": 0, "environment": 1}
    assert got["conclusion"] == "failure"
    empty = a_result(python_files=0, tools=())
    assert json.loads(RENDERERS["json"](*judge(empty, None, baseline_sha=None)))["score"] is None


def test_sarif_has_a_run_a_tool():
    sarif = json.loads(RENDERERS["sarif"](*judge(HEAD, a_result(OLD), baseline_sha=BASE)))
    (run,) = sarif["runs"]
    assert [r["level"] for r in run["results"]] == ["error", "warning"]
    assert [r["baselineState"] for r in run["results"]] == ["new", "unchanged"]
    assert run["tool"]["driver"]["rules"] == [{"id": "E501"}]


def test_markdown_cells_cannot_be_left():
    text = RENDERERS["markdown"](*judge(HEAD, None, baseline_sha=None))
    assert "| `a \\| b 'c'` |" in text
    assert "| place |" not in RENDERERS["markdown"](*judge(a_result(), None, baseline_sha=None))


@pytest.mark.parametrize(
    ("base", "fail_on", "failed"),
    [
        (None, FailOn.NEW, True),
        (a_result(BAD, OLD), FailOn.NEW, False),
        (a_result(OLD), FailOn.NEW, True),
        (a_result(BAD, OLD), FailOn.ERROR, True),
        (None, FailOn.NONE, False),
    ],
)
def test_exit_status(base: LintResult | None, fail_on: FailOn, *, failed: bool):
    judgement, _ = judge(HEAD, base, baseline_sha=BASE)
    assert has_failed(judgement, fail_on) is failed
