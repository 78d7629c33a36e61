"""Shell: asking the biller, as durable workflows; each of them may run twice."""

from __future__ import annotations

import logging

from dbos import DBOS

from lintbot.errors import LintbotError
from lintbot.jobs.names import FOLLOW_PLAN, RECONCILE_PLANS
from lintbot.model.ids import AccountId
from lintbot.ports import Handlers

_log = logging.getLogger(__name__)

WAITS_SECONDS = (0.0, 30.0, 120.0, 600.0)
"""Before the biller is asked, and asked again; after that the hourly round does it."""


def register_plans(handlers: Handlers) -> None:
    """Tell the engine what these workflows do. Call it before the engine starts."""

    @DBOS.workflow(name=FOLLOW_PLAN)
    async def follow_plan(account_id: int, bought: bool) -> None:  # noqa: FBT001  stored by place
        for seconds in WAITS_SECONDS:
            await DBOS.sleep_async(seconds)
            try:
                await handlers.follow_plan(AccountId(account_id), bought=bought)
            except LintbotError as error:
                _log.warning("the plan of account %d is not known yet: %s", account_id, error)
            else:
                return

    @DBOS.workflow(name=RECONCILE_PLANS)
    async def reconcile_plans() -> None:
        try:
            await handlers.reconcile_plans()
        except LintbotError as error:
            _log.error("plans are not reconciled, the next hour tries again: %s", error)
