"""Pure: what an entitlement means, in words for people."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from lintbot.model.plans import ENTITLED, Entitlement, Reason

_WHY_NOT: Final = {
    Reason.NO_PLAN: "its account has no plan",
    Reason.PLAN_ENDED: "its account's plan has ended",
    Reason.TRIAL_ENDED: "its account's free trial has ended",
    Reason.TOO_FEW_UNITS: "its account's plan covers fewer private repositories than it has",
}


def explain(entitlement: Entitlement, plan_url: str) -> str:
    """Return the sentences of a check run that was withheld: why, and what to do.

    Raises:
        ValueError: the repository may be linted.
    """
    if entitlement.reason in ENTITLED:
        raise ValueError("there is nothing to explain")
    return (
        f"This repository is private and {_WHY_NOT[entitlement.reason]}, so nothing was fetched. "
        f"Choose a plan at {plan_url} and every open pull request is linted at once."
    )


def plan_url(public_url: str, login: str) -> str:
    """Return the address of an account's page about its plan."""
    return f"{public_url}/accounts/{quote(login)}/plan"
