from __future__ import annotations

import pytest

from lintbot.errors import TransientError
from lintbot.github.biller import open_marketplace
from lintbot.model.ids import AccountId
from lintbot.standin.faults import BAD_GATEWAY
from lintbot.standin.marketplace import FREE, TEAM
from tests.support.github import Place


async def test_the_listing_is_read_page_by_page(place: Place):
    world = place.github.world
    accounts = [world.account(f"customer{number}") for number in range(130)]
    for account in accounts:
        world.listing.buy(account, TEAM)
    free = world.account("free")
    world.listing.buy(free, FREE)
    async with open_marketplace(place.credentials(), api_url=place.github.api_url) as biller:
        told = {it.account_id: it for it in await biller.read_all()}
        assert set(told) == {it.id for it in (*accounts, free)}
        assert await biller.read(AccountId(free.id)) == told[AccountId(free.id)]
        assert await biller.read(AccountId(1)) is None


async def test_while_github_is_down_nobody_loses_a_plan(place: Place):
    place.github.faults.add("GET", "/marketplace_listing", BAD_GATEWAY, times=2)
    async with open_marketplace(place.credentials(), api_url=place.github.api_url) as biller:
        with pytest.raises(TransientError):
            await biller.read(AccountId(1))
        with pytest.raises(TransientError):
            await biller.read_all()
