"""What only a new version of a tool says: marked, and no reason to fail for two weeks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lintbot.model.lint_run import Conclusion
from lintbot.pipeline.judge import make_verdict
from lintbot.pipeline.upgrades import PEACE, find_upgrades, spare, with_older_kits
from lintbot.report.check_run import make_report
from tests.support.findings import a_result
from tests.support.report_values import (
    NOON,
    a_comparison,
    a_finding,
    a_judgement,
    a_run,
    a_summary,
    a_tool,
)

HEAD = a_result(tools=(a_tool(tool="pylint", version="4.1.4"), a_tool(tool="ruff", version="2")))


def history(*versions: str, days: int = 0) -> list:  # type: ignore[type-arg]
    """Return lint runs of ruff in some versions, newest first, a day apart."""
    return [
        a_summary(n, versions={"ruff": it} if it else {}, received_at=NOON - timedelta(days + n))
        for n, it in enumerate(versions)
    ]


@pytest.mark.parametrize(
    ("runs", "before"),
    [
        ([], None),
        (history("2", "2"), None),
        (history("1"), "1"),
        (history("2", "", "2", "1", "0"), "1"),
        (history("1, 2", "1"), "1"),
        (history("2", "1", days=14), None),
        (history("2", "1", days=13), "1"),
        (history("2", "0, 1"), None),
    ],
)
def test_a_version_is_new_for_two_weeks_after_it_was_first_seen(runs: list, before: str | None):  # type: ignore[type-arg]
    found = find_upgrades(runs, HEAD, NOON)
    assert [(it.name, it.before, it.after) for it in found] == (
        [("ruff", before, "2")] if before else []
    )
    assert all(NOON < it.ends_at <= NOON + PEACE for it in found)


def test_a_tool_in_several_versions_has_none_from_before():
    several = replace(HEAD, tools=(*HEAD.tools, a_tool(tool="ruff", version="1", root="sub")))
    assert find_upgrades(history("0"), several, NOON) == ()


def test_what_the_version_from_before_does_not_say_is_spared_and_marked():
    both = a_finding(1, tool="ruff", code="F401", path="a.py")
    newly = a_finding(2, tool="ruff", code="E999", path="a.py")
    other = a_finding(3, tool="pylint", path="a.py")
    judgement = replace(a_judgement(a_comparison(new=(both, newly))), result=HEAD)
    upgrades = find_upgrades(history("2", "1"), HEAD, NOON)
    as_in = with_older_kits(HEAD, upgrades)
    assert [it.kit for it in as_in.tools] == [(), ("ruff==1",)]
    older = a_result(both, tools=(a_tool(tool="ruff", version="1"),))
    spared = spare(judgement, older, upgrades)
    assert spared.comparison.new == (both,)
    assert spared.comparison.upgrade == (newly,)
    assert newly in spared.comparison.unchanged
    assert "ruff changed from 1 to 2: 1 of the findings" in spared.notes[-1]
    assert make_verdict(spared, "").conclusion is Conclusion.FAILURE
    alone = spare(replace(judgement, comparison=a_comparison(new=(newly,))), older, upgrades)
    assert make_verdict(alone, "").conclusion is Conclusion.SUCCESS
    summary = make_report(a_run(alone), "https://x/y").output.summary
    assert "### Upgrade" in summary
    assert "`a.py:2`" in summary.partition("### Upgrade")[2]
    assert "E999" in summary.partition("### Upgrade")[2]
    of_others = spare(replace(judgement, comparison=a_comparison(new=(other,))), older, upgrades)
    assert (of_others.comparison.new, of_others.notes) == ((other,), judgement.notes)


@pytest.mark.parametrize(
    "change", [{"version": "2"}, {"makeshift": True}, {"failed_files": ("a",)}]
)
def test_when_the_version_from_before_cannot_be_asked_all_counts(change: dict[str, object]):
    newly = a_finding(2, tool="ruff", code="E999")
    judgement = replace(a_judgement(a_comparison(new=(newly,))), result=HEAD)
    upgrades = find_upgrades(history("1"), HEAD, NOON)
    older = a_result(tools=(a_tool(**{"tool": "ruff", "version": "1"} | change),))
    spared = spare(judgement, older, upgrades)
    assert spared.comparison.new == (newly,)
    assert "could not be run" in spared.notes[-1]


def test_a_plugin_that_is_new_in_its_version_is_asked_in_the_one_from_before():
    kit = ("flake8==7", "flake8-bugbear==25.1", "pep8-naming==0.15")
    plugins = ("flake8-bugbear 25.1", "pep8-naming 0.15")
    flake8 = a_tool(tool="flake8", version="7", kit=kit, plugins=plugins)
    head = replace(HEAD, tools=(*HEAD.tools, flake8))
    known = {"flake8": "7", "flake8-bugbear": "24.12", "pep8-naming": "0.15"}
    runs = [a_summary(1, versions=known, received_at=NOON - timedelta(1))]
    upgrades = find_upgrades(runs, head, NOON)
    assert [str(it) for it in upgrades] == ["flake8-bugbear changed from 24.12 to 25.1"]
    older_kit = ("flake8==7", "flake8-bugbear==24.12", "pep8-naming==0.15")
    assert [it.kit for it in with_older_kits(head, upgrades).tools] == [(), (), older_kit]
    newly = a_finding(2, tool="flake8", code="B999", path="a.py")
    judgement = replace(a_judgement(a_comparison(new=(newly,))), result=head)
    spared = spare(judgement, a_result(tools=(flake8,)), upgrades)
    assert spared.comparison.new == (newly,), "that was the new version again"
    before = replace(flake8, kit=older_kit, plugins=("flake8-bugbear 24.12", "pep8-naming 0.15"))
    spared = spare(judgement, a_result(tools=(before,)), upgrades)
    assert (spared.comparison.new, spared.comparison.upgrade) == ((), (newly,))
    assert spared.notes[-1].startswith("flake8-bugbear changed from 24.12 to 25.1: 1 of the find")
