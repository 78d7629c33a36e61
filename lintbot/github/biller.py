"""Shell: GitHub Marketplace as the biller (``ports.Biller``).

https://docs.github.com/en/rest/apps/marketplace
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from lintbot.errors import TransientError
from lintbot.github.as_app import AppCredentials, AppRequests
from lintbot.github.client import Client, open_session
from lintbot.github.errors import NotFoundError
from lintbot.github.marketplace import read_customer
from lintbot.model.ids import AccountId
from lintbot.model.plans import Subscription

_log = logging.getLogger(__name__)


class Marketplace:
    """Asks the App's listing who has bought what.

    Args:
        app: the App whose listing it is.
    """

    def __init__(self, app: AppRequests) -> None:
        self._app = app

    async def read(self, account_id: AccountId) -> Subscription | None:
        """Return what one account has bought; GitHub answers 404 for one that has no plan."""
        try:
            answer = await self._app.get(
                "/marketplace_listing/accounts/{account}", account=str(account_id)
            )
        except NotFoundError:
            return None
        return read_customer(answer)

    async def read_all(self) -> tuple[Subscription, ...]:
        """Return what every account has bought."""
        plans = await self._app.pages("/marketplace_listing/plans?per_page=100")
        customers = [
            customer
            for plan in plans
            for customer in await self._app.pages(
                "/marketplace_listing/plans/{plan}/accounts?per_page=100", plan=str(plan["id"])
            )
        ]
        return tuple(filter(None, map(_read_or_skip, customers)))


def _read_or_skip(customer: Any) -> Subscription | None:
    """Return None for one that cannot be understood: the others must not wait for it."""
    try:
        return read_customer(customer)
    except TransientError as error:
        _log.error("a customer is skipped: %s", error)
        return None


@asynccontextmanager
async def open_marketplace(
    credentials: AppCredentials, *, api_url: str
) -> AsyncIterator[Marketplace]:
    """Open a connection to GitHub on the running event loop, and close it in the end."""
    async with open_session() as session:
        yield Marketplace(AppRequests(Client(session, api_url), credentials))
