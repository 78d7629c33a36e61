"""Shell: the App's listing in the Marketplace: who bought what, and the events of it.

Every change returns the payload of its webhook and sends nothing: tests deliver it, late, twice
or never. https://docs.github.com/en/apps/github-marketplace
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from lintbot.standin.shapes import node_id, stamp, stamp_or_none
from lintbot.standin.state import Account, utc_now

TRIAL: Final = timedelta(days=14)
"""https://docs.github.com/en/apps/github-marketplace/selling-your-app-on-github-marketplace/pricing-plans-for-github-marketplace-apps"""
CYCLES: Final = {"monthly": timedelta(days=30), "yearly": timedelta(days=365)}

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan of the listing; ``price_model`` is FREE, FLAT_RATE or PER_UNIT."""

    id: int
    name: str
    price_model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a purchase turns into; ``plan`` None: it ends."""

    plan: Plan | None
    unit_count: int
    effective_at: datetime


@dataclass(slots=True, kw_only=True, eq=False)
class Purchase:
    """What an account has bought."""

    account: Account
    plan: Plan
    unit_count: int
    cycle: str
    renews_at: datetime | None
    trial_ends_at: datetime | None = None
    pending: Change | None = None


FREE: Final = Plan(id=1, name="Open source", price_model="FREE")
TEAM: Final = Plan(id=2, name="Team", price_model="FLAT_RATE")
PER_REPOSITORY: Final = Plan(id=3, name="Per repository", price_model="PER_UNIT")


@dataclass(slots=True)
class Listing:
    """The listing.

    Attributes:
        now: tells the time, so that tests can let months pass.
        purchases: by the account's id.
    """

    now: Callable[[], datetime] = utc_now
    plans: tuple[Plan, ...] = (FREE, TEAM, PER_REPOSITORY)
    purchases: dict[int, Purchase] = field(default_factory=dict)

    def buy(
        self,
        account: Account,
        plan: Plan,
        *,
        units: int = 1,
        cycle: str = "monthly",
        trial: bool = False,
    ) -> Payload:
        """Buy a plan, first or anew, or another one: more than before counts at once."""
        before = self.purchases.get(account.id)
        bought = Purchase(
            account=account,
            plan=plan,
            unit_count=units,
            cycle=cycle,
            renews_at=self.now() + CYCLES[cycle] if plan.price_model != "FREE" else None,
            trial_ends_at=self.now() + TRIAL if trial else None,
        )
        self.purchases[account.id] = bought
        return self._payload("changed" if before else "purchased", bought, before)

    def plan_change(self, account: Account, plan: Plan | None, units: int = 1) -> Payload:
        """Downgrade or (None) cancel: it counts from the end of the trial or the paid time."""
        bought = self.purchases[account.id]
        effective_at = bought.trial_ends_at or bought.renews_at or self.now()
        bought.pending = Change(plan=plan, unit_count=units, effective_at=effective_at)
        return self._payload("pending_change", bought, bought)

    def withdraw_change(self, account: Account) -> Payload:
        """Take a downgrade or cancellation back."""
        bought = self.purchases[account.id]
        bought.pending = None
        return self._payload("pending_change_cancelled", bought, None)

    def end(self, account: Account) -> Payload:
        """Let a purchase end at once: a payment failed, or the money was given back."""
        return self._payload("cancelled", self.purchases.pop(account.id), None)

    def let_time_pass(self) -> list[Payload]:
        """Bring into force what is due: changes, ends of trials, renewals."""
        return [
            payload
            for bought in list(self.purchases.values())
            for payload in self._bring_up_to_date(bought)
        ]

    def _bring_up_to_date(self, bought: Purchase) -> list[Payload]:
        now, pending = self.now(), bought.pending
        if pending is not None and pending.effective_at <= now:
            return [self._take_effect(bought, pending)]
        if bought.renews_at is not None:
            while bought.renews_at <= now:
                bought.renews_at += CYCLES[bought.cycle]
        if bought.trial_ends_at is not None and bought.trial_ends_at <= now:
            bought.trial_ends_at = None
            return [self._payload("changed", bought, bought)]
        return []

    def _take_effect(self, bought: Purchase, change: Change) -> Payload:
        if change.plan is None:
            return self.end(bought.account)
        bought.plan, bought.unit_count = change.plan, change.unit_count
        bought.pending, bought.trial_ends_at = None, None
        return self._payload("changed", bought, bought)

    def _payload(self, action: str, bought: Purchase, before: Purchase | None) -> Payload:
        at = bought.pending.effective_at if bought.pending else self.now()
        sender = {"login": bought.account.login, "id": bought.account.id}
        return {
            "action": action,
            "effective_date": stamp(at),
            "sender": sender,
            "marketplace_purchase": self._in_event(bought),
            **({"previous_marketplace_purchase": self._in_event(before)} if before else {}),
        }

    def _in_event(self, bought: Purchase) -> Payload:
        return {
            "account": {
                "type": bought.account.type,
                "id": bought.account.id,
                "node_id": node_id("User", bought.account.id),
                "login": bought.account.login,
                "organization_billing_email": None,
            },
            "billing_cycle": bought.cycle,
            "unit_count": bought.unit_count,
            "on_free_trial": bought.trial_ends_at is not None,
            "free_trial_ends_on": stamp_or_none(bought.trial_ends_at),
            "next_billing_date": stamp_or_none(bought.renews_at),
            # Deliveries spell the price model in their own way.
            "plan": self._plan(bought.plan, bought.plan.price_model.lower().replace("_", "-")),
        }

    def customer(self, bought: Purchase, api: str) -> Payload:
        """``marketplace-purchase``: one account in answers of the API."""
        change = bought.pending
        return {
            "url": f"{api}/users/{bought.account.login}",
            "type": bought.account.type,
            "id": bought.account.id,
            "login": bought.account.login,
            "marketplace_pending_change": change
            and {
                "id": 1,
                "effective_date": stamp(change.effective_at),
                "unit_count": change.unit_count,
                **({"plan": self.plan(change.plan, api)} if change.plan else {}),
            },
            "marketplace_purchase": {
                "billing_cycle": bought.cycle,
                "next_billing_date": stamp_or_none(bought.renews_at),
                "is_installed": True,
                "unit_count": bought.unit_count if bought.plan.price_model == "PER_UNIT" else None,
                "on_free_trial": bought.trial_ends_at is not None,
                "free_trial_ends_on": stamp_or_none(bought.trial_ends_at),
                "updated_at": stamp(self.now()),
                "plan": self.plan(bought.plan, api),
            },
        }

    def plan(self, plan: Plan, api: str) -> Payload:
        """``marketplace-listing-plan``."""
        url = f"{api}/marketplace_listing/plans/{plan.id}"
        return {
            "url": url,
            "accounts_url": f"{url}/accounts",
            "number": plan.id,
            "state": "published",
            **self._plan(plan, plan.price_model),
        }

    def _plan(self, plan: Plan, price_model: str) -> Payload:
        paid = plan.price_model != "FREE"
        return {
            "id": plan.id,
            "name": plan.name,
            "description": f"{plan.name} plan",
            "monthly_price_in_cents": 900 if paid else 0,
            "yearly_price_in_cents": 9000 if paid else 0,
            "price_model": price_model,
            "has_free_trial": paid,
            "unit_name": "repository" if plan.price_model == "PER_UNIT" else None,
            "bullets": [],
        }
