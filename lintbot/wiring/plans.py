"""Shell: the desk that knows the plans, with GitHub Marketplace as its biller."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from lintbot.billing.desk import Desk
from lintbot.github.biller import open_marketplace
from lintbot.intake.accept import Acceptor
from lintbot.jobs.client import QueueClient
from lintbot.model.events import CheckRequested, Delivery
from lintbot.model.ids import DeliveryId
from lintbot.ports import Clock, WithheldRun
from lintbot.settings import Settings
from lintbot.store.database import Database
from lintbot.store.inbox import StoredInbox
from lintbot.store.plans import StoredPlans
from lintbot.wiring.parts import make_credentials


@asynccontextmanager
async def open_desk(settings: Settings, database: Database, clock: Clock) -> AsyncIterator[Desk]:
    """Open what the biller is asked with; where nothing is billed there is no biller."""
    async with AsyncExitStack() as stack:
        queue = QueueClient(settings.database_url)
        stack.callback(queue.destroy)
        acceptor = Acceptor(StoredInbox(database, clock, queue), clock)
        stack.callback(acceptor.close)

        async def resume(run: WithheldRun) -> None:
            """Enter by the door of deliveries: there a commit asked for twice is one."""
            event = CheckRequested(
                installation_id=run.installation_id,
                repository=run.repository,
                head_sha=run.sha,
                branch=run.branch,
                before=None,
                again=True,
                app_id=settings.app_id,
            )
            name = DeliveryId(f"resume:{run.run_id}")
            await acceptor.accept(Delivery(id=name, name="check_run", event=event))

        biller = None
        if settings.billing == "marketplace":
            biller = await stack.enter_async_context(
                open_marketplace(make_credentials(settings), api_url=settings.github_api_url)
            )
        yield Desk(
            biller=biller,
            plans=StoredPlans(database),
            clock=clock,
            resume=resume,
            public_url=settings.public_url,
        )
