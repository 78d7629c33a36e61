"""Pure: may this repository be linted now? No other place decides that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from lintbot.billing.plans import ALLOWANCES, Allowance
from lintbot.model.plans import (
    ENTITLED,
    Entitlement,
    ListedPlan,
    PlanState,
    PriceModel,
    Reason,
    Subscription,
)

_INSTANT: Final = timedelta(microseconds=1)


def entitle(*, private: bool, rank: int, state: PlanState | None, now: datetime) -> Entitlement:
    """Return whether a repository may be linted, and why.

    Args:
        private: whether GitHub shows it to nobody else.
        rank: how many private repositories of the account come before it, by their ids: the
            oldest ones are served first when a plan counts them.
        state: what is known of the account's plan; None if the biller knows nothing.
        now: aware UTC.
    """
    if not private:
        return Entitlement(reason=Reason.PUBLIC)
    subscription = state.subscription if state else None
    if state is None or subscription is None:
        return Entitlement(reason=Reason.NO_PLAN)
    bought = _Bought(subscription=subscription, ended_at=state.ended_at, rank=rank)
    reason = bought.judge(now)
    if reason not in ENTITLED:
        past = sorted((date for date in bought.dates if date <= now), reverse=True)
        since = next((date for date in past if bought.judge(date - _INSTANT) in ENTITLED), None)
        return Entitlement(reason=reason, since=since)
    later = sorted(date for date in bought.dates if date > now)
    until = next((date for date in later if bought.judge(date) not in ENTITLED), None)
    return Entitlement(reason=reason, until=until)


def allow(state: PlanState | None, now: datetime) -> Allowance:
    """Return what an account's plan allows at a moment; over or not there: what the free one does.

    Args:
        state: what is known of the account's plan; None if the biller knows nothing.
        now: aware UTC.
    """
    subscription = state.subscription if state else None
    if subscription is None or not _covers(state, now):
        return ALLOWANCES[PriceModel.FREE]
    plan, _ = plan_in_force(subscription, now)
    return ALLOWANCES[plan.price_model]


def pays(state: PlanState | None) -> bool:
    """Tell whether a plan covered anything private when the biller was asked last."""
    return state is not None and _covers(state, state.read_at)


def _covers(state: PlanState | None, now: datetime) -> bool:
    """Tell whether a plan covers a private repository, if only the oldest."""
    return entitle(private=True, rank=0, state=state, now=now).allowed


def paid_until(subscription: Subscription, ended_at: datetime) -> datetime:
    """Return until when an account keeps what it had, after the biller stopped to tell of it.

    The date that the biller gave for the end, if it gave one; else the end is at once.
    """
    return max([ended_at, *_promised(subscription)])


def plan_in_force(subscription: Subscription, now: datetime) -> tuple[ListedPlan, int]:
    """Return the plan and the units that hold now: a change is in force from its date on."""
    pending = subscription.pending
    if pending is not None and now >= pending.effective_at:
        return pending.plan, pending.unit_count
    return subscription.plan, subscription.unit_count


def _promised(subscription: Subscription) -> list[datetime]:
    pending = subscription.pending
    dates = [subscription.trial_ends_at, pending.effective_at if pending else None]
    return [date for date in dates if date is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bought:
    """What one repository has of a subscription."""

    subscription: Subscription
    ended_at: datetime | None
    rank: int

    @property
    def dates(self) -> list[datetime]:
        """The moments at which the judgement may change."""
        ended = [] if self.ended_at is None else [paid_until(self.subscription, self.ended_at)]
        return [*_promised(self.subscription), *ended]

    def judge(self, now: datetime) -> Reason:
        """Return whether the repository is linted at some moment, and why."""
        subscription = self.subscription
        plan, units = plan_in_force(subscription, now)
        if subscription.plan.price_model is PriceModel.FREE and plan == subscription.plan:
            return Reason.NO_PLAN
        trial_ends_at = subscription.trial_ends_at
        if trial_ends_at is not None and now >= trial_ends_at:
            return Reason.TRIAL_ENDED
        if plan.price_model is PriceModel.FREE or self._is_over(now):
            return Reason.PLAN_ENDED
        limit = ALLOWANCES[plan.price_model].private_limit(units)
        if limit is not None and self.rank >= limit:
            return Reason.TOO_FEW_UNITS
        return Reason.PLAN if trial_ends_at is None else Reason.TRIAL

    def _is_over(self, now: datetime) -> bool:
        return self.ended_at is not None and now >= paid_until(self.subscription, self.ended_at)
