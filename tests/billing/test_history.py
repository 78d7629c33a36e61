"""How long a plan keeps lint runs of private repositories, and that it is told before."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given

from lintbot.billing.history import history_begins, limit_history
from lintbot.billing.statement import make_statement
from lintbot.model.plans import PendingChange, PlanState
from tests.billing.test_entitle import (
    DAY,
    FREE,
    NOW,
    TEAM,
    UNITS,
    bought,
    judge,
    moments,
    state,
    states,
)

LONG_AGO = NOW - 400 * DAY


@pytest.mark.parametrize(
    "known",
    [
        None,
        state(None, since=LONG_AGO),
        state(bought(FREE), since=LONG_AGO),
        state(bought(TEAM), since=LONG_AGO),
        state(bought(UNITS), ended_at=NOW - DAY, since=LONG_AGO),
    ],
)
def test_without_a_plan_and_with_one_for_all_nothing_is_limited(known: PlanState | None):
    assert limit_history(known, NOW) is None
    assert history_begins(known, NOW) is None


def test_units_keep_a_year_and_that_begins_a_month_after_the_plan():
    known = state(bought(UNITS))
    for days, begins in ((0, None), (29, None), (30, -335), (400, 35)):
        expected = None if begins is None else NOW + begins * DAY
        assert history_begins(known, NOW + days * DAY) == expected


def test_a_change_begins_to_limit_a_month_after_its_date():
    change = PendingChange(plan=UNITS, unit_count=1, effective_at=NOW + DAY)
    known = state(bought(TEAM, pending=change), since=LONG_AGO)
    assert history_begins(known, NOW) is None
    assert history_begins(known, NOW + 30 * DAY) is None
    assert history_begins(known, NOW + 31 * DAY) == NOW + 31 * DAY - 365 * DAY


def told(known: PlanState, now: datetime = NOW) -> tuple[dict[str, str], list[str]]:
    made = make_statement(known, 1, now, account_slots=1)
    return dict(made.facts), [it for it in made.events if "older than 365 days" in it]


def test_it_is_told_before_it_happens():
    change = PendingChange(plan=UNITS, unit_count=1, effective_at=NOW + DAY)
    coming = state(bought(TEAM, pending=change), since=LONG_AGO)
    facts, (event,) = told(coming)
    assert "their lint runs are kept" not in facts
    assert event.startswith("2026-12-26: lint runs of private repositories")
    facts, (event,) = told(coming, NOW + DAY)
    assert facts["their lint runs are kept"] == "365 days"
    assert event.startswith("2026-12-26")
    facts, events = told(state(bought(UNITS), since=LONG_AGO))
    assert facts["their lint runs are kept"] == "365 days"
    assert events == []


def test_events_come_in_the_order_of_their_days():
    known = state(bought(UNITS, renews_at=NOW + 3 * DAY, trial_ends_at=NOW + 40 * DAY))
    days = [it[:10] for it in make_statement(known, 1, NOW, account_slots=1).events]
    assert days == sorted(days)
    assert len(days) == 3


@given(states, moments)
def test_what_no_plan_covers_is_never_limited(known: PlanState | None, now: datetime):
    begins = history_begins(known, now)
    assert begins is None or (judge(known, now=now).allowed and begins <= now - 365 * DAY)
