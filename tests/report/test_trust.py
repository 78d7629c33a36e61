"""What badges, annotations and the API say of trust."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lintbot.model.counts import Counts
from lintbot.model.lint_run import Conclusion, Verdict
from lintbot.model.requirement import DependencyAlarm, State
from lintbot.model.trust import Cap, TrustReport
from lintbot.report.annotations import MAX_ALARMS, annotate_dependencies
from lintbot.report.sections import judgement_lines
from lintbot.report.trust_badge import make_trust_badge
from lintbot.report.trust_json import trust_json
from tests.support.report_values import a_judgement
from tests.support.trust_values import a_dependency, a_trust_report


@pytest.mark.parametrize(
    ("metric", "report", "said"),
    [
        ("trust", a_trust_report(), ("B 7.4", "yellowgreen")),
        ("trust", a_trust_report(letter="?"), ("?", "lightgrey")),
        ("docs", a_trust_report(), ("unknown", "lightgrey")),
        ("docs", a_trust_report(counts=Counts()), ("unknown", "lightgrey")),
        ("docs", a_trust_report(counts=Counts(public=3, explained=2)), ("66%", "yellow")),
        ("docs", a_trust_report(counts=Counts(public=3, explained=3)), ("100%", "green")),
        ("docs", a_trust_report(counts=Counts(public=3, explained=1)), ("33%", "orange")),
        ("bus-factor", a_trust_report(), ("unknown", "lightgrey")),
        ("bus-factor", a_trust_report(absence_factor=0), ("0", "red")),
        ("bus-factor", a_trust_report(absence_factor=1), ("1", "orange")),
        ("bus-factor", a_trust_report(absence_factor=7), ("7", "green")),
        ("dependencies", a_trust_report(), ("unknown", "lightgrey")),
        ("dependencies", a_trust_report(a_dependency()), ("ok", "green")),
        (
            "dependencies",
            a_trust_report(a_dependency(), a_dependency(State.NOT_FOUND)),
            ("1 ok, 1 unknown", "yellowgreen"),
        ),
        (
            "dependencies",
            a_trust_report(*[a_dependency(s) for s in (State.YANKED, State.YANKED, State.STALE)]),
            ("2 yanked pin", "orange"),
        ),
        ("dependencies", a_trust_report(a_dependency(State.UNKNOWN)), ("unknown", "lightgrey")),
        (
            "dependencies",
            replace(a_trust_report(a_dependency()), partial=True),
            ("1 ok, the rest unknown", "yellowgreen"),
        ),
        ("trust", None, ("unknown", "lightgrey")),
        ("popularity", a_trust_report(), ("unknown", "lightgrey")),
    ],
)
def test_badges(metric: str, report: TrustReport | None, said: tuple[str, str]):
    badge = make_trust_badge(report, metric)
    assert (badge.message, badge.color) == said


def test_json_has_null_for_what_is_not_known():
    told = trust_json(a_trust_report(a_dependency(State.VANISHED), tenths=None, letter="?"))
    assert (told["score"], told["letter"], told["formula"]) == (None, "?", "trust-1")
    assert {it["score"] for it in told["signals"]} == {None}
    assert told["dependencies"][0]["state"] == "vanished"
    assert trust_json(a_trust_report())["signals"][0]["score"] == 7.4


def test_alarms_stand_on_lines_of_requirements_errors_first():
    alarms = [
        DependencyAlarm(path=f"r{n}.txt", line=n, level="warning", title="t", message="m")
        for n in range(1, 30)
    ]
    alarms.append(DependencyAlarm(path="z.txt", line=7, level="failure", title="t", message="<m>"))
    alarms.append(DependencyAlarm(path="/etc", line=1, level="failure", title="t", message="m"))
    told = annotate_dependencies(alarms)
    assert len(told) == MAX_ALARMS
    assert (told[0].path, told[0].start_line, told[0].level) == ("z.txt", 7, "failure")


def test_the_summary_lists_alarms_with_foreign_words_escaped():
    alarm = DependencyAlarm(path="r.txt", line=7, level="failure", title="t", message="<b> @me")
    judgement = replace(a_judgement(), dependencies=(alarm,))
    text = "\n".join(
        judgement_lines(judgement, Verdict(conclusion=Conclusion.SUCCESS), "https://lint.example")
    )
    assert "### Dependencies to look at\n\n- `r.txt:7` \\<b\\> " in text
    assert "@me" not in text


def test_caps_are_told_in_words():
    capped = replace(a_trust_report(), caps=(Cap(letter="C", reason="requests is vanished."),))
    assert trust_json(capped)["caps"] == [{"letter": "C", "reason": "requests is vanished."}]
