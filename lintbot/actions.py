"""Shell: what a button in a check run does, once GitHub says that the sender may."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import assert_never

from lintbot.errors import PermanentError
from lintbot.model.actions import Action, RequestedAction
from lintbot.model.repository import Account
from lintbot.ports import Attempts, Baselines, Forge, LintRuns
from lintbot.report.publish import Publisher

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actions:
    """Carries out what people ask for; each may be carried out twice and does no harm."""

    forge: Forge
    runs: LintRuns
    attempts: Attempts
    baselines: Baselines
    publisher: Publisher

    async def carry_out(self, asked: RequestedAction) -> None:
        """Ask GitHub whether the sender may, and do it.

        Raises:
            TransientError: GitHub or the database could not be asked; try again.
        """
        fields = {"run_id": asked.run_id, "action": asked.action, "sender": asked.sender_id}
        try:
            allowed = await self._is_allowed(asked)
        except PermanentError as error:
            _log.warning("nobody to ask about a button: %s", error, extra=fields)
            return
        if not allowed:
            _log.warning("a button was pressed by somebody who may not", extra=fields)
            return
        await self._do(asked)
        _log.info("a button was pressed", extra=fields)

    async def _is_allowed(self, asked: RequestedAction) -> bool:
        """Tell whether the lint run is of that repository, and the sender may write there."""
        run = await asyncio.to_thread(self.runs.load, asked.run_id)
        found = await asyncio.to_thread(self.runs.load_target, asked.run_id)
        if run is None or found is None or run.job.repository_id != asked.repository_id:
            return False
        sender = Account(id=asked.sender_id, login=asked.sender_login)
        return await self.forge.may_write(found[0], sender)

    async def _do(self, asked: RequestedAction) -> None:
        match asked.action:
            case Action.RELINT:
                await asyncio.to_thread(self.attempts.start, asked.run_id)
            case Action.ACCEPT_BASELINE:
                await asyncio.to_thread(self.baselines.accept, asked.run_id, asked.sender_id)
            case Action.SHOW_PATCH:
                await self.publisher.show_patch(asked.run_id, whole=True)
            case _:
                assert_never(asked.action)
