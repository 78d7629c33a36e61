"""Shell: what an App may ask about its listing.

https://docs.github.com/en/rest/apps/marketplace
"""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from lintbot.standin.auth import require_app
from lintbot.standin.marketplace import Listing, Plan, Purchase
from lintbot.standin.problems import not_found
from lintbot.standin.service import CALLER, Service, paginate


@dataclass(frozen=True, slots=True)
class MarketplaceApi:
    """The listing, as the App sees it."""

    service: Service

    def routes(self) -> list[web.RouteDef]:
        """Return the endpoints."""
        return [
            web.get("/marketplace_listing/plans", self._plans),
            web.get("/marketplace_listing/plans/{plan}/accounts", self._customers),
            web.get("/marketplace_listing/accounts/{account}", self._customer),
        ]

    @property
    def _listing(self) -> Listing:
        return self.service.world.listing

    async def _plans(self, request: web.Request) -> web.Response:
        require_app(request[CALLER])
        return paginate(request, self._listing.plans, self._shape_plan)

    async def _customers(self, request: web.Request) -> web.Response:
        require_app(request[CALLER])
        plan = request.match_info["plan"]
        if plan not in {str(it.id) for it in self._listing.plans}:
            raise not_found()
        bought = [it for it in self._listing.purchases.values() if str(it.plan.id) == plan]
        return paginate(request, bought, self._shape_customer)

    async def _customer(self, request: web.Request) -> web.Response:
        require_app(request[CALLER])
        wanted = request.match_info["account"]
        for bought in self._listing.purchases.values():
            if str(bought.account.id) == wanted:
                return web.json_response(self._shape_customer(bought))
        raise not_found()

    def _shape_plan(self, plan: Plan) -> dict[str, object]:
        return self._listing.plan(plan, self.service.shapes.at.api)

    def _shape_customer(self, bought: Purchase) -> dict[str, object]:
        return self._listing.customer(bought, self.service.shapes.at.api)
