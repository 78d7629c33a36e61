"""The check run's words, within GitHub's limits."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lintbot.model.findings import Severity
from lintbot.model.lint import ToolOutcome
from lintbot.model.lint_run import Conclusion, LintRun, Stage, Verdict
from lintbot.model.repository_settings import Gate, RepositorySettings
from lintbot.report.check_run import (
    MAX_LISTED,
    make_progress,
    make_refused,
    make_report,
    make_title,
)
from tests.support.report_values import (
    a_comparison,
    a_finding,
    a_job,
    a_judgement,
    a_run,
    a_score,
    a_sha,
    a_tool,
)

URL = "https://lint.example/gh/octo/project/runs/abc"
NEW = (a_finding(1), a_finding(2, severity=Severity.ERROR), a_finding(3, code="C0114"))
FIXED = tuple(a_finding(line) for line in range(10, 15))


def _title(run: LintRun) -> str:
    assert run.verdict is not None
    return make_title(run.verdict, run.judgement)


def _verdict(conclusion: Conclusion, reason: str = "", reference: str = "") -> Verdict:
    return Verdict(conclusion=conclusion, reason=reason, reference=reference)


@pytest.mark.parametrize(
    ("run", "title"),
    [
        (a_run(a_judgement(a_comparison(new=NEW, fixed=FIXED))), "9.42 · 3 new, 5 fixed"),
        (a_run(a_judgement(a_comparison(new=NEW))), "9.42 · 3 new"),
        (a_run(a_judgement()), "9.42 · 12 files, 0 new"),
        (a_run(a_judgement(a_comparison(fixed=FIXED))), "9.42 · 12 files, 0 new, 5 fixed"),
        (a_run(a_judgement(python_files=1)), "9.42 · 1 file, 0 new"),
        (
            a_run(a_judgement(a_comparison(baseline_sha=None, unchanged=FIXED))),
            "9.42 · first lint run, 12 files, 5 findings",
        ),
        (
            a_run(
                a_judgement(a_comparison(baseline_sha=None, unchanged=FIXED)),
                _verdict(Conclusion.SUCCESS, "The commit to compare with cannot be read."),
            ),
            "9.42 · not compared, 12 files, 5 findings",
        ),
        (
            a_run(a_judgement(score=a_score(partial=True))),
            "9.42 partial · 12 files, 0 new",
        ),
        (
            a_run(
                a_judgement(score=a_score(partial=True)),
                _verdict(Conclusion.NEUTRAL, "pylint crashed."),
            ),
            "9.42 partial · 12 files, 0 new · pylint crashed.",
        ),
        (
            a_run(
                a_judgement(
                    a_comparison(baseline_sha=None),
                    score=a_score(partial=True),
                    tools=(a_tool(failed_files=("a.py",)),),
                ),
                _verdict(Conclusion.NEUTRAL, "pylint could not judge a.py."),
            ),
            "9.42 partial · first lint run, 12 files, 0 findings · pylint could not judge a.py.",
        ),
        (
            a_run(a_judgement(score=None), _verdict(Conclusion.NEUTRAL, "No Python files.")),
            "Not judged: No Python files.",
        ),
        (a_run(None, _verdict(Conclusion.CANCELLED, "Superseded.")), "Cancelled: Superseded."),
        (a_run(None, _verdict(Conclusion.TIMED_OUT)), "Timed out: nothing to judge"),
    ],
)
def test_title(run: LintRun, title: str) -> None:
    assert _title(run) == title


def test_title_is_cut_and_mentions_nobody() -> None:
    title = _title(a_run(None, _verdict(Conclusion.NEUTRAL, "@octocat \n" + "é" * 500)))
    assert len(title.encode()) <= 255
    assert "@octocat" not in title
    assert title.endswith("…")


def test_summary_of_folders_with_a_configuration_of_their_own() -> None:
    many = tuple(f"p{n}/ruff.toml" for n in range(6))
    tools = (
        a_tool(files=9, findings=3),
        a_tool(root="api", config_path="api/.pylintrc", files=2, notices=("Mind this.",)),
        a_tool(tool="ruff", version="0.17.1", config_path="ruff.toml", more_configs=many, files=12),
    )
    summary = make_report(a_run(a_judgement(tools=tools)), URL).output.summary
    for part in (
        "| folder | tool | version | configured by | files | findings | outcome |",
        "| `.` | pylint | 4.1.4 | `pyproject.toml` | 9 | 3 | ok |",
        "| `api` | pylint | 4.1.4 | `api/.pylintrc` | 2 | 0 | ok |",
        "`ruff.toml`, `p0/ruff.toml`, `p1/ruff.toml`, `p2/ruff.toml`, `p3/ruff.toml` and 2 more |",
        "- pylint in api: Mind this.",
    ):
        assert part in summary


def test_summary_of_a_failure() -> None:
    missing = "Unable to import 'numpy'"
    environment = (a_finding(4, code="E0401", message=missing, environment=True),) * 3
    comparison = a_comparison(new=NEW, fixed=FIXED, environment=environment)
    summary = make_report(a_run(a_judgement(comparison)), URL).output.summary
    for part in (
        f"12 files, 423 lines of code: **3 new**, 0 unchanged, 5 fixed since `{a_sha('base')[:7]}`",
        "**Score 9.42 of 10, grade A**.",
        "10 × 423 ⁄ (423 + 26) = 9.42: 423 lines of code against 26 points",
        "which are 1 error × 10 + 3 warnings × 4 + 4 remarks × 1.",
        f"[How lint-1 works]({URL}#score)",
        "| pylint | 4.1.4 | `pyproject.toml` | 3 | ok |",
        "| flake8 | 7.5.0 | its own defaults | 0 | ok |",
        "| `pylint W0611 unused-import` | error | 1 |",
        "### Not counted: these imports are not installed here",
        "- E0401 Unable to import 'numpy' (3×)",
        "Python 3.11.7, configuration `0123456789abcdef`.",
        f"`lintbot scan . --base {a_sha('base')[:12]}` gives the same",
        f"[Full report]({URL})",
    ):
        assert part in summary


def test_environment_findings_are_not_counted_by_tool() -> None:
    environment = (a_finding(4, environment=True),)
    summary = make_report(a_run(a_judgement(a_comparison(environment=environment))), URL)
    assert "| pylint | 4.1.4 | `pyproject.toml` | 0 | ok |" in summary.output.summary


def test_summary_of_a_first_lint_run() -> None:
    judgement = a_judgement(a_comparison(baseline_sha=None, unchanged=FIXED))
    report = make_report(a_run(judgement), URL)
    assert "First lint run: 5 findings became the baseline" in report.output.summary
    assert "`lintbot scan .`" in report.output.summary
    assert report.annotations == ()
    assert report.output.text == ""


def test_summary_when_there_was_nothing_to_compare_with() -> None:
    judgement = a_judgement(a_comparison(baseline_sha=None, unchanged=FIXED))
    run = a_run(judgement, _verdict(Conclusion.SUCCESS, "The base cannot be read."))
    summary = make_report(run, URL).output.summary
    assert summary.startswith("**Passed.** The base cannot be read.")
    assert "5 findings, compared with nothing." in summary


def test_partial_results_are_named() -> None:
    tools = (
        a_tool(outcome=ToolOutcome.TIMED_OUT, reason="longer than 60 s"),
        a_tool(tool="flake8", failed_files=tuple(f"bad{n}.py" for n in range(7))),
    )
    judgement = a_judgement(tools=tools, score=a_score(partial=True))
    summary = make_report(a_run(judgement), URL).output.summary
    assert "| timed out: longer than 60 s |" in summary
    assert "could not judge 7 files: `bad0.py`, `bad1.py`" in summary
    assert "`bad4.py` and 2 more" in summary
    assert "grade A**, **partial**: not everything" in summary


def test_notices_and_skipped_entries() -> None:
    judgement = a_judgement(
        tools=(a_tool(notices=("unknown option 'x'",)),),
        skipped=tuple(f"entry {number} was left out" for number in range(40)),
    )
    summary = make_report(a_run(judgement), URL).output.summary
    assert "- pylint: unknown option 'x'" in summary
    assert "### Left out of the checkout" in summary
    assert "- … and 10 more" in summary


def test_many_rules_are_cut() -> None:
    new = tuple(a_finding(1, code=f"W{number:04}") for number in range(35))
    summary = make_report(a_run(a_judgement(a_comparison(new=new))), URL).output.summary
    assert "… and 5 more rules." in summary


def test_a_verdict_without_judgement_says_why_and_gives_its_number() -> None:
    verdict = _verdict(Conclusion.NEUTRAL, "Something in lintbot failed.", "7f3a19")
    report = make_report(a_run(None, verdict), URL)
    assert report.conclusion is Conclusion.NEUTRAL
    assert report.output.summary.startswith("**Not judged.** Something in lintbot failed.")
    assert "Reference number `7f3a19`" in report.output.summary
    assert URL in report.output.summary


def test_no_python_code_has_no_score() -> None:
    verdict = _verdict(Conclusion.NEUTRAL, "There are no Python files.")
    judgement = a_judgement(score=None, python_files=0, code_lines=0)
    summary = make_report(a_run(judgement, verdict), URL).output.summary
    assert "Score" not in summary
    assert "0 files, 0 lines of code" in summary


def test_text_lists_new_findings_most_severe_first() -> None:
    text = make_report(a_run(a_judgement(a_comparison(new=NEW))), URL).output.text
    lines = [line for line in text.splitlines() if line.startswith("- ")]
    assert lines[0] == "- `src/shelf.py:2` error `pylint W0611 unused-import` Unused import os"
    assert len(lines) == 3


def test_text_is_cut_with_a_link_to_all() -> None:
    new = tuple(a_finding(line, message="m" * 20) for line in range(1, 2001))
    text = make_report(a_run(a_judgement(a_comparison(new=new))), URL).output.text
    assert text.count("\n- ") == MAX_LISTED
    assert text.endswith(f"… [All 2,000 new findings]({URL})")
    assert "The first 200 are annotated" in text


def test_nothing_is_reported_before_the_verdict() -> None:
    run = a_run(None)
    undecided = LintRun(job=run.job, stage=Stage.LINT)
    with pytest.raises(ValueError, match="no verdict"):
        make_report(undecided, URL)
    assert make_progress(undecided, URL).title == "Linting"
    assert "Running the linters" in make_progress(undecided, URL).summary


def test_the_plainest_form_keeps_the_title() -> None:
    output = make_report(a_run(a_judgement()), URL).output
    assert make_refused(output, URL).title == output.title
    assert URL in make_refused(output, URL).summary


WORDS = st.text(max_size=200) | st.sampled_from(["@octocat", "é" * 1000, "|`|", "<b>", "\ud800"])


@settings(max_examples=60)
@given(st.lists(st.tuples(WORDS, WORDS, WORDS), max_size=40), WORDS, st.integers(1, 60))
def test_the_limits_hold_for_any_text(
    texts: list[tuple[str, str, str]], reason: str, times: int
) -> None:
    new = tuple(
        a_finding(line, path=path or "p", message=message, symbol=symbol)
        for line, (path, message, symbol) in enumerate(texts * times, start=1)
    )
    tools = (a_tool(config_path=reason or None, failed_files=(reason,), notices=(reason,)),)
    judgement = a_judgement(
        a_comparison(new=new, environment=new), tools=tools, skipped=(reason,) * 50
    )
    report = make_report(a_run(judgement, _verdict(Conclusion.FAILURE, reason)), URL)
    output = report.output
    assert len(output.title.encode()) <= 255
    assert len(output.summary.encode()) <= 65_535
    assert len(output.text.encode()) <= 65_535
    assert output.summary.endswith(f"[Full report]({URL})")
    for text in (output.title, output.summary, output.text):
        assert not re.search(r"@[A-Za-z0-9]", text)


def test_what_no_plan_covers_says_what_to_do_and_nothing_of_the_code() -> None:
    verdict = Verdict(conclusion=Conclusion.NEUTRAL, reason="No plan covers it.", withheld=True)
    plans = "https://lintbot.example/plans"
    output = make_report(a_run(None, verdict), URL, plans_url=plans).output
    assert output.summary.splitlines()[-1] == f"[Choose a plan]({plans})"
    assert "No plan covers it." in output.summary
    assert "Full report" not in output.summary


def test_the_repositorys_own_settings_are_told() -> None:
    own = RepositorySettings(gate=Gate.ERROR, max_annotations=2)
    judgement = replace(a_judgement(a_comparison(new=NEW)), settings=own, notes=("`a` <b>.",))
    report = make_report(a_run(judgement), URL)
    assert "The gate is `error`." in report.output.summary
    assert "- \\`a\\` \\<b\\>." in report.output.summary
    assert len(report.annotations) == 2
    assert "The first 2 are annotated" in report.output.text
    none = replace(judgement, settings=replace(own, max_annotations=0))
    report = make_report(a_run(none), URL)
    assert (report.annotations, "annotated" in report.output.text) == ((), False)


def test_a_baseline_can_be_accepted_where_the_default_branch_has_findings() -> None:
    def labels(run: LintRun) -> list[str]:
        report = make_report(run, URL, default_branch="main")
        return [button.label for button in report.output.buttons]

    failed = a_run(a_judgement(a_comparison(new=NEW)))
    assert labels(failed) == ["Re-lint", "Accept as baseline"]
    assert labels(a_run(a_judgement(a_comparison(unchanged=NEW)))) == labels(failed)
    assert labels(a_run(a_judgement())) == ["Re-lint"]
    assert labels(replace(failed, job=a_job(branch="topic"))) == ["Re-lint"]
    assert labels(replace(failed, job=a_job(branch=None))) == ["Re-lint"]
    assert labels(a_run(None, _verdict(Conclusion.NEUTRAL, "Too large."))) == ["Re-lint"]


def test_accepted_findings_are_counted_in_the_title() -> None:
    assert _title(a_run(a_judgement(a_comparison(accepted=3)))) == (
        "9.42 · 12 files, 0 new, 3 accepted"
    )
