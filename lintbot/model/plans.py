"""Pure: what an account has bought, and what that lets lintbot do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Final

from lintbot.model.ids import AccountId

DAYS_AFTER_A_PLAN: Final = 30
"""So long what was found out is kept after a plan has ended."""


class PriceModel(StrEnum):
    """How a plan is paid for, in the words of GitHub's API."""

    FREE = "free"
    FLAT_RATE = "flat-rate"
    PER_UNIT = "per-unit"


class Share(IntEnum):
    """How many times the server's slots of one account an account may have at the same time."""

    SINGLE = 1
    DOUBLE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPlan:
    """A plan as the biller lists it; the operator chose its name and its price."""

    id: int
    name: str
    price_model: PriceModel


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingChange:
    """A downgrade or a cancellation that is agreed but not yet in force.

    Attributes:
        unit_count: of the new plan, at least 1.
        effective_at: aware UTC; what was paid for holds until then.
    """

    plan: ListedPlan
    unit_count: int
    effective_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What one account has bought, as the biller last told.

    Attributes:
        unit_count: at least 1, also for plans that know no units.
        cycle: ``monthly`` or ``yearly``.
        renews_at: aware UTC; None when the biller does not say.
        trial_ends_at: aware UTC; None when the account is not on a free trial.
    """

    account_id: AccountId
    plan: ListedPlan
    unit_count: int
    cycle: str
    renews_at: datetime | None = None
    trial_ends_at: datetime | None = None
    pending: PendingChange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanState:
    """What is stored about an account's plan.

    Attributes:
        subscription: the last one that the biller told of; None if there never was one.
        plan_since: since when the biller tells of this plan, or of none; aware UTC.
        ended_at: since when the biller tells of none, aware UTC; None while there is one.
        read_at: when the biller was asked last, aware UTC.
    """

    account_id: AccountId
    subscription: Subscription | None
    plan_since: datetime
    ended_at: datetime | None
    read_at: datetime

    @property
    def is_current(self) -> bool:
        """Whether the biller last told of a subscription."""
        return self.subscription is not None and self.ended_at is None


class Reason(StrEnum):
    """Why a repository is linted, or is not."""

    NOT_BILLED = "not_billed"
    PUBLIC = "public"
    PLAN = "plan"
    TRIAL = "trial"
    NO_PLAN = "no_plan"
    PLAN_ENDED = "plan_ended"
    TRIAL_ENDED = "trial_ended"
    TOO_FEW_UNITS = "too_few_units"


ENTITLED = frozenset({Reason.NOT_BILLED, Reason.PUBLIC, Reason.PLAN, Reason.TRIAL})
"""The reasons for which a repository is linted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """Whether one repository may be linted.

    Attributes:
        until: when this will end by what is known today, aware UTC; None if nothing is.
        since: when it did end, aware UTC; None while it lasts, or if there never was a plan.
    """

    reason: Reason
    until: datetime | None = None
    since: datetime | None = None

    @property
    def allowed(self) -> bool:
        """Whether the repository may be fetched and linted."""
        return self.reason in ENTITLED


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What an account's page says of its plan.

    Attributes:
        facts: a word and what it is.
        events: what happens next or has happened, each with its day.
        listing_url: where a plan is chosen; ``billing_url``: where GitHub has the invoices.
    """

    facts: tuple[tuple[str, str], ...]
    events: tuple[str, ...] = ()
    listing_url: str = ""
    billing_url: str = ""
