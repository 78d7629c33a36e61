"""Shell: the desk that knows the plans, with GitHub Marketplace as its biller."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime

from lintbot.billing.desk import Desk
from lintbot.billing.history import history_begins
from lintbot.billing.statement import make_statement
from lintbot.github.biller import open_marketplace
from lintbot.jobs.client import QueueClient
from lintbot.model.ids import AccountId
from lintbot.model.plans import Statement
from lintbot.model.repository import Account
from lintbot.ports import Clock, Forge
from lintbot.settings import Settings
from lintbot.store.attempts import StoredAttempts
from lintbot.store.backlog import FindHistories, no_limits
from lintbot.store.database import Database
from lintbot.store.plans import StoredPlans
from lintbot.wiring.parts import make_credentials
from lintbot.wiring.people import open_parting


@asynccontextmanager
async def open_desk(
    settings: Settings, database: Database, *, forge: Forge, clock: Clock
) -> AsyncIterator[Desk]:
    """Open what the biller is asked with; where nothing is billed there is no biller."""
    async with AsyncExitStack() as stack:
        queue = QueueClient(settings.database_url)
        stack.callback(queue.destroy)
        biller, parting = None, None
        if settings.billing == "marketplace":
            biller = await stack.enter_async_context(
                open_marketplace(make_credentials(settings), api_url=settings.github_api_url)
            )
            parting = await stack.enter_async_context(open_parting(settings, database, clock))
        yield Desk(
            biller=biller,
            forge=forge,
            plans=StoredPlans(database),
            attempts=StoredAttempts(database, clock, queue),
            clock=clock,
            parting=parting,
        )


def make_read_statement(
    settings: Settings, database: Database, clock: Clock
) -> Callable[[Account], Statement] | None:
    """Return what reads the statement of an account; None where nothing is billed."""
    if settings.billing == "off":
        return None
    plans = StoredPlans(database)

    def read(account: Account) -> Statement:
        state, private = plans.load(account.id), len(plans.find_private(account.id))
        slots = settings.account_slots
        return replace(
            make_statement(state, private, clock.now(), account_slots=slots),
            listing_url=settings.marketplace_url,
            billing_url=f"{settings.github_url}/settings/billing",
        )

    return read


def make_find_histories(settings: Settings, database: Database) -> FindHistories:
    """Return what tells retention which accounts' plans keep their history for some time only."""
    if settings.billing == "off":
        return no_limits
    plans = StoredPlans(database)

    def find(now: datetime) -> Mapping[AccountId, datetime]:
        begins = {it: history_begins(plans.load(it), now) for it in plans.find_accounts()}
        return {account_id: at for account_id, at in begins.items() if at is not None}

    return find
