"""The Marketplace's webhook has a secret of its own, and answers like the other one."""

from __future__ import annotations

import pytest

from lintbot.model.intake import PlanQuestion
from lintbot.standin.marketplace import TEAM, Listing
from lintbot.standin.state import Account
from tests.support.hook_site import MARKETPLACE_SECRET, FakeInbox, a_hook_site
from tests.support.payloads import SECRET, encoded, headers_for, signature

PATH = "/webhooks/marketplace"
ANN = Account(id=7, login="ann")


@pytest.mark.parametrize(
    ("secret", "status"), [(MARKETPLACE_SECRET, 202), (SECRET, 401), ("", 401)]
)
async def test_only_the_listings_own_secret_opens_it(secret: str, status: int):
    body = encoded(Listing().buy(ANN, TEAM))
    headers = headers_for(body, "marketplace_purchase")
    headers["X-Hub-Signature-256"] = signature(body, secret)
    inbox = FakeInbox()
    async with a_hook_site(inbox) as client, client.post(PATH, data=body, headers=headers) as got:
        assert got.status == status
    questions = [plan.question for plan in inbox.plans.values()]
    assert questions == ([PlanQuestion(account_id=7, bought=True)] if status == 202 else [])


async def test_what_github_never_sends_is_400_and_a_ping_is_200():
    async with a_hook_site(FakeInbox()) as client:
        for event, status in (("marketplace_purchase", 400), ("ping", 200)):
            body = encoded({"action": "purchased"})
            headers = headers_for(body, event)
            headers["X-Hub-Signature-256"] = signature(body, MARKETPLACE_SECRET)
            async with client.post(PATH, data=body, headers=headers) as got:
                assert got.status == status
