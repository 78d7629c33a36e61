"""Pure: what is stored about a plan follows what the biller tells, from any state."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from lintbot.model.ids import AccountId
from lintbot.model.plans import PlanState, Subscription

FRESH: Final = timedelta(minutes=1)
"""An answer of the biller younger than this is not asked for again."""
TRUSTED: Final = timedelta(hours=2)
"""How long a plan is believed in while the biller does not answer: two rounds of all accounts."""


def follow(
    known: PlanState | None, account_id: AccountId, told: Subscription | None, now: datetime
) -> PlanState:
    """Return what to store after the biller was asked.

    Since when a plan holds is counted from the answer that first told of it: a little late, so
    that nothing is limited too early.

    The last subscription is kept after its end: the account page tells what it was, and a date
    that was promised (the end of a trial, of a paid month) still holds.
    """
    last = known.subscription if known else None
    since = known.plan_since if known else now
    ended_at = known.ended_at if known else None
    if told is not None:
        changed = last is None or ended_at is not None or last.plan != told.plan
        last, since, ended_at = told, now if changed else since, None
    elif last is not None and ended_at is None:
        ended_at = now
    return PlanState(
        account_id=account_id,
        subscription=last,
        plan_since=since,
        ended_at=ended_at,
        read_at=now,
    )


def is_fresh(state: PlanState | None, now: datetime) -> bool:
    """Tell whether the biller need not be asked before anybody is answered."""
    return state is not None and now - state.read_at < FRESH


def is_trusted(state: PlanState, now: datetime) -> bool:
    """Tell whether a plan may be believed in although the biller does not answer now.

    What was paid for holds until its renewal: only then a cancellation or a smaller plan comes
    into force, as a rule.
    """
    renews_at = state.subscription.renews_at if state.subscription else None
    return now - state.read_at < TRUSTED or (renews_at is not None and now < renews_at)
