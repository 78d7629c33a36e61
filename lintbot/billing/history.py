"""Pure: how long a plan keeps lint runs of private repositories."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from lintbot.billing.entitle import allow
from lintbot.model.plans import DAYS_AFTER_A_PLAN, PlanState


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLimit:
    """Lint runs of private repositories older than ``days`` are deleted, from a date on.

    Attributes:
        begins_at: aware UTC; a month after the plan, so that whoever changes to it is told.
    """

    days: int
    begins_at: datetime


def limit_history(state: PlanState | None, now: datetime) -> HistoryLimit | None:
    """Return how the plan that an account has at a moment limits its history; None: not at all.

    An account without a plan has no such limit: everything is deleted a month after its end.
    """
    days = allow(state, now).history_days
    if state is None or state.subscription is None or days is None:
        return None
    pending = state.subscription.pending
    since = state.plan_since
    if pending is not None and pending.effective_at <= now:
        since = max(since, pending.effective_at)
    return HistoryLimit(days=days, begins_at=since + timedelta(days=DAYS_AFTER_A_PLAN))


def history_begins(state: PlanState | None, now: datetime) -> datetime | None:
    """Return before when lint runs of an account's private repositories go; None: none do."""
    limit = limit_history(state, now)
    if limit is None or now < limit.begins_at:
        return None
    return now - timedelta(days=limit.days)
