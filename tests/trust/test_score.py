"""From signals to a score and a letter."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintbot.model.package import Owners, Status
from lintbot.model.requirement import Requirements, State
from lintbot.model.trust import SIGNALS, Cap, Signal
from lintbot.trust.score import LETTERS, assess, find_caps, grade, weigh
from tests.support.trust_values import (
    NOW,
    a_commit,
    a_dependency,
    a_history,
    a_project,
    a_requirement,
    some_facts,
)

VALUES = st.lists(st.none() | st.integers(0, 100), min_size=len(SIGNALS), max_size=len(SIGNALS))


def signals(values: list[int | None]) -> tuple[Signal, ...]:
    return tuple(Signal(name=n, tenths=v) for n, v in zip(SIGNALS, values, strict=True))


def test_the_mean_is_weighted_and_says_how_much_is_known():
    values: list[int | None] = [None] * len(SIGNALS)
    assert weigh(signals(values)) == (None, 0)
    values[0], values[3] = 100, 50  # dependencies weigh 7.5, docs 5
    assert weigh(signals(values)) == (80, int(100 * 12.5 / sum(k.weight for k in SIGNALS.values())))


@given(VALUES, st.integers(0, len(SIGNALS) - 1))
def test_an_unknown_never_changes_the_score_of_the_known(values: list[int | None], at: int):
    without = [*values]
    without[at] = None
    made = signals(without)
    alone = [it for it in made if it.tenths is not None]
    score, known = weigh(made)
    assert score == weigh(tuple(alone))[0]
    assert (score is None) == (known == 0)
    if score is not None:
        kept = [it.tenths for it in alone if it.tenths is not None]
        assert min(kept) <= score <= max(kept)


@pytest.mark.parametrize(
    ("tenths", "before", "letter"),
    [(None, "", "?"), (90, "", "A+"), (89, "", "A"), (45, "", "D"), (0, "", "F"), (69, "B", "B")],
)
def test_letters(tenths: int | None, before: str, letter: str):
    assert grade(tenths, 100, (), before) == letter


def test_too_little_known_is_no_letter_and_a_cap_is_never_exceeded():
    assert grade(95, 59, (), "") == "?"
    assert grade(95, 60, (Cap(letter="C", reason="x"), Cap(letter="D", reason="y")), "") == "D"
    assert grade(10, 60, (Cap(letter="C", reason="x"),), "") == "F"


@given(st.integers(0, 100), st.sampled_from([letter for letter, _ in LETTERS]))
def test_the_letter_moves_only_when_an_edge_is_passed_by_the_margin(tenths: int, before: str):
    letter = grade(tenths, 100, (), before)
    plain = grade(tenths, 100, (), "")
    assert letter in {before, plain, grade(tenths + 2, 100, (), ""), grade(tenths - 2, 100, (), "")}
    edges = {least for _, least in LETTERS}
    if all(abs(tenths - edge) > 2 for edge in edges):
        assert letter == plain
    assert grade(tenths, 100, (), letter) == letter


def test_caps_say_why():
    silent = some_facts(history=a_history(800), texts={"LICENSE": "x"})
    assert [cap.letter for cap in find_caps(silent)] == ["D"]
    bots = replace(silent, history=replace(a_history(800), commits=(a_commit(1, bot=True),)))
    assert [cap.letter for cap in find_caps(bots)] == ["D"]
    dead = some_facts(archived=True, package=a_project("1", status=Status.QUARANTINED))
    assert [cap.letter for cap in find_caps(dead)] == ["F", "F", "C"]
    danger = some_facts(
        texts={"LICENSE": "x"},
        dependencies=(a_dependency(State.VANISHED, "a"), a_dependency(State.VANISHED, "a")),
    )
    assert [cap.reason for cap in find_caps(danger)] == ["a is vanished."]


def test_a_report_has_every_signal_and_hides_nothing_alarming():
    locked = replace(a_dependency(State.YANKED), requirement=a_requirement("x", locked=True))
    quiet = replace(a_dependency(), requirement=a_requirement("y", locked=True))
    facts = some_facts(
        requirements=Requirements(problems=("a.toml is not TOML that can be read.",)),
        dependencies=(locked, quiet),
        history=a_history(900),
        package=a_project("1", days_ago=900),
    )
    report = assess(facts, "1" * 40)
    assert [it.name for it in report.signals] == list(SIGNALS)
    assert report.dependencies == (locked,)
    assert report.formula == "trust-1"
    assert "not TOML" in report.notes[0]
    assert report.partial
    assert not assess(some_facts(), "1" * 40).partial
    assert "looks abandoned" in report.notes[1]
    assert report.signal("no such") is None
    assert assess(some_facts(), "1" * 40).notes == ()
    lonely = assess(some_facts(owners=Owners(1), seeks_since=NOW), "1" * 40)
    assert lonely.seeks_since == NOW
    assert lonely.notes == (
        "One person alone owns the package on the index: nobody else can release it.",
        "It seeks a co-maintainer, since 2026-11-25.",
    )
