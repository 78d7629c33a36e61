"""Pure: what an entitlement means, in words for people."""

from __future__ import annotations

from typing import Final

from lintbot.model.plans import ENTITLED, Entitlement, Reason

_WHY_NOT: Final = {
    Reason.NO_PLAN: "its account has no plan",
    Reason.PLAN_ENDED: "its account's plan has ended",
    Reason.TRIAL_ENDED: "its account's free trial has ended",
    Reason.TOO_FEW_UNITS: "its account's plan covers fewer private repositories than it has",
}


def explain(entitlement: Entitlement) -> str:
    """Return the sentence of a check run that was withheld: why, and what a plan changes.

    Raises:
        ValueError: the repository may be linted.
    """
    if entitlement.reason in ENTITLED:
        raise ValueError("there is nothing to explain")
    return (
        f"This repository is private and {_WHY_NOT[entitlement.reason]}, so nothing was fetched; "
        "with a plan, every open pull request is linted at once."
    )
