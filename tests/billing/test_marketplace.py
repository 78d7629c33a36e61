"""What GitHub's Marketplace sends and answers, in the shapes of its own description."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from lintbot.errors import DeliveryError, ForgedDeliveryError, SettingsError, TransientError
from lintbot.github.marketplace import MarketplaceWebhook, read_customer
from lintbot.model.events import Ignored, PlanChanged
from lintbot.model.ids import AccountId
from lintbot.model.plans import PriceModel
from lintbot.standin.marketplace import FREE, PER_REPOSITORY, TEAM, TRIAL, Listing, Payload
from lintbot.standin.state import Account
from tests.support.payloads import SECRET, encoded, headers_for

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ANN = Account(id=7, login="ann")
WEBHOOK = MarketplaceWebhook(secrets=(SECRET,))


@pytest.fixture
def listing() -> Listing:
    return Listing(now=lambda: NOW)


def customer(listing: Listing) -> Payload:
    return listing.customer(listing.purchases[ANN.id], "https://api")


def test_a_delivery_says_whose_plan_to_ask_about(listing: Listing):
    body = encoded(listing.buy(ANN, TEAM))
    headers = headers_for(body, "marketplace_purchase")
    delivery = WEBHOOK.open(headers, body)
    assert delivery.id == headers["X-GitHub-Delivery"]
    assert delivery.event == PlanChanged(account_id=AccountId(7), bought=True)


def test_a_ping_needs_nothing():
    body = encoded({"zen": "…", "hook_id": 1})
    assert isinstance(WEBHOOK.open(headers_for(body, "ping"), body).event, Ignored)


def test_a_strangers_delivery_is_refused(listing: Listing):
    body = encoded(listing.buy(ANN, TEAM))
    headers = headers_for(body + b" ", "marketplace_purchase")
    with pytest.raises(ForgedDeliveryError):
        WEBHOOK.open(headers, body)


@pytest.mark.parametrize("payload", [{}, {"action": "purchased"}, {"action": 1}, []])
def test_what_github_never_sends_is_refused(payload: object):
    body = json.dumps(payload).encode()
    with pytest.raises(DeliveryError):
        WEBHOOK.open(headers_for(body, "marketplace_purchase"), body)


def test_without_a_secret_there_is_no_webhook():
    with pytest.raises(SettingsError):
        MarketplaceWebhook(secrets=("",))


def test_a_trial_has_its_end(listing: Listing):
    listing.buy(ANN, TEAM, trial=True)
    told = read_customer(customer(listing))
    assert told.trial_ends_at == NOW + TRIAL
    assert told.plan.price_model is PriceModel.FLAT_RATE


def test_a_cancellation_is_a_change_to_no_plan(listing: Listing):
    listing.buy(ANN, PER_REPOSITORY, units=3)
    listing.plan_change(ANN, None)
    told = read_customer(customer(listing))
    assert told.unit_count == 3
    assert told.pending is not None
    assert told.pending.plan.price_model is PriceModel.FREE
    assert told.pending.effective_at == told.renews_at


def test_the_price_model_is_read_in_every_spelling(listing: Listing):
    listing.buy(ANN, FREE)
    for spelling in ("FLAT_RATE", "flat-rate", "FlatRate"):
        answer = customer(listing)
        answer["marketplace_purchase"]["plan"]["price_model"] = spelling
        assert read_customer(answer).plan.price_model is PriceModel.FLAT_RATE


def test_dates_may_lack_their_zone_and_be_absent(listing: Listing):
    listing.buy(ANN, TEAM)
    answer = customer(listing)
    answer["marketplace_purchase"]["next_billing_date"] = "2026-12-01"
    assert read_customer(answer).renews_at == datetime(2026, 12, 1, tzinfo=UTC)
    del answer["marketplace_purchase"]["next_billing_date"]
    assert read_customer(answer).renews_at is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("plan", None), ("next_billing_date", "soon"), ("unit_count", -1), ("unit_count", "1")],
)
def test_an_unknown_description_is_asked_for_again(listing: Listing, field: str, value: object):
    listing.buy(ANN, TEAM)
    answer = customer(listing)
    answer["marketplace_purchase"][field] = value
    with pytest.raises(TransientError, match="unknown way"):
        read_customer(answer)


def test_so_is_an_unknown_price_model(listing: Listing):
    listing.buy(ANN, TEAM)
    answer = customer(listing)
    answer["marketplace_purchase"]["plan"]["price_model"] = "BARTER"
    with pytest.raises(TransientError, match="unknown way"):
        read_customer(answer)
