"""Pure: what an entitlement means, in words for people."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from lintbot.model.plans import DAYS_AFTER_A_PLAN, ENTITLED, Entitlement, Reason

_WHY_NOT: Final = {
    Reason.NO_PLAN: "its account has no plan",
    Reason.PLAN_ENDED: "its account's plan has ended",
    Reason.TRIAL_ENDED: "its account's free trial has ended",
    Reason.TOO_FEW_UNITS: "its account's plan covers fewer private repositories than it has",
}


FORETOLD: Final = timedelta(days=30)
"""So long before the end of a plan its check runs tell of it."""


def explain(entitlement: Entitlement, lapsed_at: datetime | None = None) -> str:
    """Return the sentence of a check run that was withheld: why, and what a plan changes.

    Args:
        entitlement: a refusal.
        lapsed_at: since when no plan covers the repository, aware UTC.

    Raises:
        ValueError: the repository may be linted.
    """
    if entitlement.reason in ENTITLED:
        raise ValueError("there is nothing to explain")
    deletion = ""
    if entitlement.since is not None and lapsed_at is not None:
        day = deleted_at(lapsed_at).date()
        deletion = f"; what was found out before is deleted on {day}"
    return (
        f"This repository is private and {_WHY_NOT[entitlement.reason]}, so nothing was fetched; "
        f"with a plan, every open pull request is linted at once{deletion}."
    )


def foretell(entitlement: Entitlement, now: datetime) -> tuple[str, ...]:
    """Return what people must know of before it happens; nothing if it is far away."""
    until = entitlement.until
    if until is None or until - now > FORETOLD:
        return ()
    sentence = (
        f"This account's plan covers this private repository until {until.date()}; after that it "
        f"is not linted, and what was found out is deleted on {deleted_at(until).date()}."
    )
    return (sentence,)


def deleted_at(lapsed_at: datetime) -> datetime:
    """Return when everything about a private repository is deleted that no plan covers."""
    return lapsed_at + timedelta(days=DAYS_AFTER_A_PLAN)
