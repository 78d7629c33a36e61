from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintbot.billing.entitle import allow, entitle
from lintbot.billing.plans import ALLOWANCES
from lintbot.billing.states import follow
from lintbot.model.ids import AccountId
from lintbot.model.plans import (
    Entitlement,
    ListedPlan,
    PendingChange,
    PlanState,
    PriceModel,
    Reason,
    Subscription,
)

NOW = datetime(2026, 11, 25, tzinfo=UTC)
DAY = timedelta(days=1)
ACCOUNT = AccountId(7)

FREE = ListedPlan(id=1, name="Open source", price_model=PriceModel.FREE)
TEAM = ListedPlan(id=2, name="Team", price_model=PriceModel.FLAT_RATE)
UNITS = ListedPlan(id=3, name="Per repository", price_model=PriceModel.PER_UNIT)


def bought(plan: ListedPlan = TEAM, units: int = 1, **more: object) -> Subscription:
    return Subscription(account_id=ACCOUNT, plan=plan, unit_count=units, cycle="monthly", **more)  # type: ignore[arg-type]


def state(
    subscription: Subscription | None, ended_at: datetime | None = None, since: datetime = NOW
) -> PlanState:
    return PlanState(
        account_id=ACCOUNT,
        subscription=subscription,
        plan_since=since,
        ended_at=ended_at,
        read_at=NOW,
    )


def judge(known: PlanState | None, *, rank: int = 0, now: datetime = NOW) -> Entitlement:
    return entitle(private=True, rank=rank, state=known, now=now)


plans = st.sampled_from([FREE, TEAM, UNITS])
moments = st.integers(-40, 40).map(lambda days: NOW + days * DAY)
subscriptions = st.builds(
    bought,
    plans,
    st.integers(1, 3),
    renews_at=st.none() | moments,
    trial_ends_at=st.none() | moments,
    pending=st.none()
    | st.builds(PendingChange, plan=plans, unit_count=st.integers(1, 3), effective_at=moments),
)
states = st.none() | st.just(state(None)) | st.builds(state, subscriptions, st.none() | moments)


@given(states, st.integers(0, 5), moments)
def test_a_public_repository_is_always_linted(known: PlanState | None, rank: int, now: datetime):
    answer = entitle(private=False, rank=rank, state=known, now=now)
    assert answer == Entitlement(reason=Reason.PUBLIC)


@pytest.mark.parametrize("known", [None, state(None), state(bought(FREE))])
def test_without_a_plan_a_private_one_is_not(known: PlanState | None):
    assert judge(known) == Entitlement(reason=Reason.NO_PLAN)


def test_with_a_plan_it_is():
    assert judge(state(bought())) == Entitlement(reason=Reason.PLAN)


def test_units_count_repositories_oldest_first():
    known = state(bought(UNITS, units=2))
    assert [judge(known, rank=rank).reason for rank in range(3)] == [
        Reason.PLAN,
        Reason.PLAN,
        Reason.TOO_FEW_UNITS,
    ]


def test_a_trial_holds_until_its_end():
    known = state(bought(trial_ends_at=NOW + DAY))
    assert judge(known) == Entitlement(reason=Reason.TRIAL, until=NOW + DAY)
    assert judge(known, now=NOW + 2 * DAY) == Entitlement(
        reason=Reason.TRIAL_ENDED, since=NOW + DAY
    )


def test_what_is_cancelled_holds_until_the_date_that_github_gives():
    change = PendingChange(plan=FREE, unit_count=1, effective_at=NOW + DAY)
    known = state(bought(pending=change))
    assert judge(known) == Entitlement(reason=Reason.PLAN, until=NOW + DAY)
    assert judge(known, now=NOW + DAY) == Entitlement(reason=Reason.PLAN_ENDED, since=NOW + DAY)


def test_a_downgrade_tells_only_those_whom_it_hits():
    change = PendingChange(plan=UNITS, unit_count=1, effective_at=NOW + DAY)
    known = state(bought(pending=change))
    assert judge(known, rank=0).until is None
    assert judge(known, rank=1).until == NOW + DAY
    assert judge(known, rank=1, now=NOW + DAY).reason is Reason.TOO_FEW_UNITS


def test_a_plan_that_vanished_ends_at_once_unless_a_date_was_promised():
    assert judge(state(bought(), ended_at=NOW)).reason is Reason.PLAN_ENDED
    change = PendingChange(plan=FREE, unit_count=1, effective_at=NOW + 2 * DAY)
    promised = state(bought(pending=change), ended_at=NOW)
    assert judge(promised) == Entitlement(reason=Reason.PLAN, until=NOW + 2 * DAY)
    trial = state(bought(trial_ends_at=NOW + DAY), ended_at=NOW)
    assert judge(trial) == Entitlement(reason=Reason.TRIAL, until=NOW + DAY)
    assert judge(trial, now=NOW + DAY).reason is Reason.TRIAL_ENDED


@given(states, st.integers(0, 5), moments)
def test_until_is_when_it_changes(known: PlanState | None, rank: int, now: datetime):
    answer = judge(known, rank=rank, now=now)
    if answer.until is None:
        return
    assert answer.until > now
    assert judge(known, rank=rank, now=answer.until - timedelta(microseconds=1)).allowed
    assert not judge(known, rank=rank, now=answer.until).allowed


@given(states, st.integers(0, 5), moments)
def test_since_is_when_it_changed(known: PlanState | None, rank: int, now: datetime):
    answer = judge(known, rank=rank, now=now)
    if answer.since is None:
        return
    assert answer.since <= now
    assert judge(known, rank=rank, now=answer.since - timedelta(microseconds=1)).allowed
    assert not judge(known, rank=rank, now=answer.since).allowed


@given(subscriptions, moments, st.integers(0, 4))
def test_more_units_never_take_a_repository_away(told: Subscription, now: datetime, rank: int):
    few = judge(state(told), rank=rank + 1, now=now)
    assert judge(state(told), rank=rank, now=now).allowed or not few.allowed


@given(states, st.none() | subscriptions, moments)
def test_following_twice_is_following_once(
    known: PlanState | None, told: Subscription | None, now: datetime
):
    once = follow(known, ACCOUNT, told, now)
    assert follow(once, ACCOUNT, told, now) == once
    assert (once.ended_at is None) == (told is not None or once.subscription is None)


@given(states, moments)
def test_what_is_allowed_is_the_free_plan_wherever_nothing_private_is(
    known: PlanState | None, now: datetime
):
    allowed = allow(known, now)
    assert (allowed == ALLOWANCES[PriceModel.FREE]) == (not judge(known, now=now).allowed)
    assert allowed in ALLOWANCES.values()


def test_a_change_brings_its_allowance_with_its_date():
    known = state(bought(pending=PendingChange(plan=UNITS, unit_count=1, effective_at=NOW + DAY)))
    assert allow(known, NOW) == ALLOWANCES[PriceModel.FLAT_RATE]
    assert allow(known, NOW + DAY) == ALLOWANCES[PriceModel.PER_UNIT]


def test_since_when_there_is_a_plan_is_since_when_it_is_that_one():
    once = follow(None, ACCOUNT, bought(TEAM), NOW)
    later = follow(once, ACCOUNT, bought(TEAM, units=2), NOW + DAY)
    other = follow(later, ACCOUNT, bought(UNITS), NOW + 2 * DAY)
    ended = follow(other, ACCOUNT, None, NOW + 3 * DAY)
    again = follow(ended, ACCOUNT, bought(UNITS), NOW + 4 * DAY)
    since = [(it.plan_since - NOW).days for it in (once, later, other, ended, again)]
    assert since == [0, 0, 2, 2, 4]


def test_every_price_model_has_an_allowance():
    assert set(ALLOWANCES) == set(PriceModel)
