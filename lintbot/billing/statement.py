"""Pure: what an account has, what it uses of it, and what happens next, for its page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from lintbot.billing.entitle import allow, paid_until, plan_in_force
from lintbot.billing.history import limit_history
from lintbot.billing.plans import ALLOWANCES
from lintbot.billing.words import deleted_at
from lintbot.model.plans import PlanState, PriceModel, Statement, Subscription

_UNITS: Final = "1 private repository for each unit, the oldest first"


def make_statement(
    state: PlanState | None, private: int, now: datetime, *, account_slots: int
) -> Statement:
    """Return what is to be said of an account's plan.

    Args:
        state: what the biller told last; None if it was never asked.
        private: how many private repositories of the account lintbot is installed on.
        now: aware UTC.
        account_slots: lint runs at the same time of an account that has no plan.
    """
    bought = state.subscription if state else None
    allowed = allow(state, now)
    facts = [
        ("lint runs at the same time", f"up to {account_slots * allowed.share}"),
        ("private repositories", f"{private:,}"),
    ]
    if state is None or bought is None or bought.plan.price_model is PriceModel.FREE:
        nothing = "Private repositories are not linted until there is a plan; public ones are free."
        return Statement(facts=(("plan", "none"), *facts), events=(nothing,) if private else ())
    plan, units = plan_in_force(bought, now)
    limit = ALLOWANCES[plan.price_model].private_limit(units)
    covered = private if limit is None else min(limit, private)
    facts = [("plan", plan.name or "none"), *facts, ("of them covered", f"{covered:,}")]
    if plan.price_model is PriceModel.PER_UNIT:
        facts += [("units", f"{units:,}: {_UNITS}")]
    history = limit_history(state, now)
    if history is not None:
        facts += [("their lint runs are kept", f"{history.days:,} days")]
    if bought.cycle and state.is_current:
        facts += [("paid", bought.cycle)]
    return Statement(
        facts=tuple(facts), events=tuple(sorted(_events(state, bought, now), key=_day))
    )


def _day(event: str) -> str:
    return event[: len("2026-01-31")]


def _events(state: PlanState, bought: Subscription, now: datetime) -> Iterator[str]:
    """Say what happens next, each with its day; what is over has happened."""
    if state.ended_at is not None:
        ends_at = paid_until(bought, state.ended_at)
        verb = "ended" if ends_at <= now else "ends"
        yield f"{ends_at.date()}: the plan {verb}; private repositories are not linted any more."
        yield f"{deleted_at(ends_at).date()}: what was found out about them is deleted."
        return
    if bought.trial_ends_at is not None:
        yield f"{bought.trial_ends_at.date()}: the free trial ends."
    yield from _history_events(state, now)
    pending = bought.pending
    if pending is None:
        if bought.renews_at is not None:
            yield f"{bought.renews_at.date()}: the plan renews."
    elif pending.plan.price_model is PriceModel.FREE:
        yield f"{pending.effective_at.date()}: the plan ends; private repositories are not linted."
        yield (
            f"{deleted_at(pending.effective_at).date()}: what was found out about them is deleted."
        )
    else:
        what = f"{pending.plan.name}, {pending.unit_count:,} units"
        yield f"{pending.effective_at.date()}: the plan changes to {what}."
        if now < pending.effective_at:
            yield from _history_events(state, pending.effective_at)


def _history_events(state: PlanState, when: datetime) -> Iterator[str]:
    """Say when the plan of a moment begins to limit the history, if it has not begun."""
    limit = limit_history(state, when)
    if limit is not None and when < limit.begins_at:
        yield (
            f"{limit.begins_at.date()}: lint runs of private repositories that are older than "
            f"{limit.days:,} days are deleted, but not those of branches' newest commits."
        )
