"""Pure: what is stored about a plan follows what the biller tells, from any state."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from lintbot.model.ids import AccountId
from lintbot.model.plans import Entitlement, PlanState, Subscription

ASK_AGAIN: Final = timedelta(minutes=1)
"""A refusal older than this is checked with the biller: somebody who has just paid may wait."""
TRUSTED: Final = timedelta(hours=1)
"""How long a plan without a date of renewal is believed in."""


def follow(
    known: PlanState | None, account_id: AccountId, told: Subscription | None, now: datetime
) -> PlanState:
    """Return what to store after the biller was asked.

    The last subscription is kept after its end: the account page tells what it was, and a date
    that was promised (the end of a trial, of a paid month) still holds.
    """
    if told is not None:
        return PlanState(account_id=account_id, subscription=told, ended_at=None, read_at=now)
    last = known.subscription if known else None
    ended_at = known.ended_at if known else None
    if last is not None and ended_at is None:
        ended_at = now
    return PlanState(account_id=account_id, subscription=last, ended_at=ended_at, read_at=now)


def is_settled(answer: Entitlement, state: PlanState, now: datetime) -> bool:
    """Tell whether the biller need not be asked before this answer is given.

    Deliveries get lost, but what was paid for holds until its renewal: that is when a
    cancellation or a downgrade comes into force.
    """
    age = now - state.read_at
    if age < ASK_AGAIN or not answer.allowed:
        return age < ASK_AGAIN
    renews_at = state.subscription.renews_at if state.subscription else None
    return now < renews_at if renews_at is not None else age < TRUSTED
