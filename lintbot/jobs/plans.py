"""Shell: asking the biller, as durable workflows; each of them may run twice."""

from __future__ import annotations

import logging

from dbos import DBOS

from lintbot.errors import LintbotError
from lintbot.jobs.names import (
    FOLLOW_PLAN,
    FOLLOW_PLAN_DELAYS_SECONDS,
    RECONCILE_PLANS,
    follow_plan_options,
)
from lintbot.model.ids import AccountId
from lintbot.ports import Handlers

_log = logging.getLogger(__name__)


def register_plans(handlers: Handlers) -> None:
    """Tell the engine what these workflows do. Call it before the engine starts."""

    @DBOS.workflow(name=FOLLOW_PLAN)
    async def follow_plan(account_id: int, bought: bool, occasion: str, attempt: int) -> None:
        try:
            await handlers.follow_plan(AccountId(account_id), bought=bought)
        except LintbotError as error:
            _log.warning("the plan of account %d is not known yet: %s", account_id, error)
            if attempt + 1 < len(FOLLOW_PLAN_DELAYS_SECONDS):
                options = follow_plan_options(AccountId(account_id), occasion, attempt + 1)
                values = (account_id, bought, occasion, attempt + 1)
                await DBOS.enqueue_workflow_with_options_async(options, *values)

    @DBOS.workflow(name=RECONCILE_PLANS)
    async def reconcile_plans() -> None:
        try:
            await handlers.reconcile_plans()
        except LintbotError as error:
            _log.error("plans are not reconciled, the next hour tries again: %s", error)
