from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lintbot.billing.statement import make_statement
from lintbot.model.plans import PendingChange, PlanState
from tests.billing.test_entitle import DAY, FREE, NOW, TEAM, UNITS, bought, state

MONTH = timedelta(days=30)


def words(known: PlanState | None, private: int = 3) -> tuple[dict[str, str], str]:
    made = make_statement(known, private, NOW, account_slots=3)
    return dict(made.facts), "\n".join(made.events)


@pytest.mark.parametrize("known", [None, state(None), state(bought(FREE))])
def test_without_a_plan_it_says_what_that_means(known: PlanState | None):
    facts, events = words(known)
    assert facts == {
        "plan": "none",
        "lint runs at the same time": "up to 3",
        "private repositories": "3",
    }
    assert "not linted" in events
    assert words(known, 0)[1] == ""


def test_a_plan_its_use_and_its_renewal():
    facts, events = words(state(bought(TEAM, renews_at=NOW + MONTH)))
    assert facts == {
        "plan": "Team",
        "lint runs at the same time": "up to 6",
        "private repositories": "3",
        "of them covered": "3",
        "paid": "monthly",
    }
    assert events == "2026-12-25: the plan renews."
    assert words(state(bought(TEAM)))[1] == ""


def test_units_and_how_many_they_cover():
    facts, _ = words(state(bought(UNITS, units=2)))
    assert facts["of them covered"] == "2"
    assert facts["units"].startswith("2:")


def test_a_cancellation_is_told_before_it_happens_and_so_is_the_deletion():
    change = PendingChange(plan=FREE, unit_count=1, effective_at=NOW + DAY)
    _, events = words(state(bought(TEAM, pending=change, trial_ends_at=NOW + DAY)))
    assert events.splitlines() == [
        "2026-11-26: the free trial ends.",
        "2026-11-26: the plan ends; private repositories are not linted.",
        "2026-12-26: what was found out about them is deleted.",
    ]
    smaller = replace(change, plan=UNITS)
    assert "changes to Per repository, 1 units" in words(state(bought(TEAM, pending=smaller)))[1]


@pytest.mark.parametrize(("ago", "verb"), [(DAY, "ended"), (-DAY, "ends")])
def test_an_end_says_when_everything_goes(ago: timedelta, verb: str):
    facts, events = words(state(bought(TEAM), ended_at=NOW - ago))
    assert "paid" not in facts
    assert f"the plan {verb};" in events
    assert "is deleted" in events
