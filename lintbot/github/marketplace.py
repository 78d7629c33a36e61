"""Pure: what GitHub Marketplace tells, in deliveries and in answers, as typed values.

A delivery is only a hint: GitHub never sends it again, not in order, and not by the time that
its own API knows. So nothing but the account is read from it, and the API is asked.
https://docs.github.com/en/apps/github-marketplace/using-the-github-marketplace-api-in-your-app
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from msgspec import Struct

from lintbot.errors import SettingsError, TransientError
from lintbot.github.payloads import Count, Id, Text
from lintbot.github.webhook import decode_payload, find_signature, unwrap, verify_signature
from lintbot.model.events import Delivery, Event, Ignored, PlanChanged
from lintbot.model.ids import AccountId
from lintbot.model.plans import ListedPlan, PendingChange, PriceModel, Subscription

EVENT: Final = "marketplace_purchase"

_PRICE_MODELS: Final = {
    "free": PriceModel.FREE,
    "flatrate": PriceModel.FLAT_RATE,
    "perunit": PriceModel.PER_UNIT,
}
_BUYING: Final = frozenset({"purchased", "changed"})
_CANCELLED: Final = ListedPlan(id=0, name="", price_model=PriceModel.FREE)
"""What a pending change without a plan leads to."""


class _Account(Struct, frozen=True):
    id: Id


class _Bought(Struct, frozen=True):
    account: _Account


class _Notice(Struct, frozen=True):
    action: Text
    marketplace_purchase: _Bought


class _Plan(Struct, frozen=True):
    id: Id
    name: Text
    price_model: Text


class _Purchase(Struct, frozen=True):
    plan: _Plan
    billing_cycle: str = ""
    next_billing_date: str | None = None
    unit_count: Count | None = None
    on_free_trial: bool = False
    free_trial_ends_on: str | None = None


class _Change(Struct, frozen=True):
    effective_date: str
    unit_count: Count | None = None
    plan: _Plan | None = None


class _Customer(Struct, frozen=True):
    id: Id
    marketplace_purchase: _Purchase
    marketplace_pending_change: _Change | None = None


# Shown to msgspec where one thread imports the module, see store/rows.py.
_NOTICE = msgspec.json.Decoder(_Notice)
_CUSTOMER = msgspec.json.Decoder(_Customer)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketplaceWebhook:
    """Opens deliveries of the listing's own webhook, which has a secret of its own.

    Attributes:
        secrets: one, or two while the secret is rotated.
    """

    secrets: tuple[str, ...] = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what anybody could sign with.

        Raises:
            SettingsError: there is no secret, or an empty one.
        """
        if not self.secrets or not all(secret.strip() for secret in self.secrets):
            raise SettingsError("the Marketplace webhook's secret is empty")

    def open(self, headers: Mapping[str, str], raw_body: bytes) -> Delivery:
        """Verify and type one delivery.

        Raises:
            ForgedDeliveryError: the signature is missing or not ours.
            DeliveryError: it is ours, but not what GitHub sends.
        """
        verify_signature(self.secrets, raw_body, find_signature(headers))
        name, delivery_id, payload = unwrap(headers, raw_body)
        return Delivery(id=delivery_id, name=name, event=_read(name, payload))


def _read(name: str, payload: bytes) -> Event:
    if name != EVENT:
        return Ignored(reason=f"the Marketplace's {name} needs nothing")
    notice = decode_payload(payload, _NOTICE)
    account_id = AccountId(notice.marketplace_purchase.account.id)
    return PlanChanged(account_id=account_id, bought=notice.action in _BUYING)


def read_customer(answer: Any) -> Subscription:
    """Return the subscription of one ``marketplace-purchase`` of the API.

    Raises:
        TransientError: it is not what GitHub documents; the next reconciliation asks again.
    """
    try:
        customer = msgspec.convert(answer, _CUSTOMER.type)
        return _subscription(customer)
    except (msgspec.ValidationError, ValueError, KeyError) as error:
        raise TransientError(f"GitHub describes a plan in an unknown way: {error}") from error


def _subscription(customer: _Customer) -> Subscription:
    bought, change = customer.marketplace_purchase, customer.marketplace_pending_change
    trial_ends_at = _moment(bought.free_trial_ends_on) if bought.on_free_trial else None
    return Subscription(
        account_id=AccountId(customer.id),
        plan=_plan(bought.plan),
        unit_count=max(bought.unit_count or 1, 1),
        cycle=bought.billing_cycle,
        renews_at=_moment(bought.next_billing_date),
        trial_ends_at=trial_ends_at,
        pending=_pending(change) if change else None,
    )


def _pending(change: _Change) -> PendingChange:
    return PendingChange(
        plan=_plan(change.plan) if change.plan else _CANCELLED,
        unit_count=max(change.unit_count or 1, 1),
        effective_at=_parse(change.effective_date),
    )


def _plan(plan: _Plan) -> ListedPlan:
    """Type a plan; the price model is spelled ``FLAT_RATE`` here and ``flat-rate`` there."""
    model = plan.price_model.lower().replace("_", "").replace("-", "")
    return ListedPlan(id=plan.id, name=plan.name, price_model=_PRICE_MODELS[model])


def _moment(text: str | None) -> datetime | None:
    return _parse(text) if text else None


def _parse(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
