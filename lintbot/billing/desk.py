"""Shell: the one place that is asked whether a repository may be linted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from lintbot.billing.entitle import entitle
from lintbot.billing.states import follow, is_settled
from lintbot.billing.words import explain, plan_url
from lintbot.errors import TransientError
from lintbot.model.ids import AccountId
from lintbot.model.lint_run import Conclusion, Verdict
from lintbot.model.plans import Entitlement, PlanState, Reason, Subscription
from lintbot.model.repository import Repository
from lintbot.ports import Biller, Clock, Plans, WithheldRun

_log = logging.getLogger(__name__)

Resume = Callable[[WithheldRun], Awaitable[None]]
"""Has a commit linted that was withheld; the same one twice is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Answers by what the biller told last, and asks the biller where that is too old.

    Attributes:
        biller: None where nothing is billed: then everything is allowed.
        resume: called for each withheld commit that may be linted now.
        public_url: where the account's page with its plan is.
    """

    biller: Biller | None
    plans: Plans
    clock: Clock
    resume: Resume
    public_url: str

    async def entitle(self, repository: Repository) -> Entitlement:
        """Return whether a repository may be fetched and linted.

        Raises:
            TransientError: the biller must be asked, and does not answer.
        """
        if self.biller is None:
            return Entitlement(reason=Reason.NOT_BILLED)
        if not repository.private:
            return Entitlement(reason=Reason.PUBLIC)
        state = await asyncio.to_thread(self.plans.load, repository.account.id)
        answer = await self._judge(repository, state)
        if state is not None and is_settled(answer, state, self.clock.now()):
            return answer
        told = await self.biller.read(repository.account.id)
        return await self._judge(repository, await self._save(repository.account.id, told))

    async def withhold(self, repository: Repository) -> Verdict | None:
        """Return the verdict on a repository that may not be fetched; None: it may.

        Raises:
            TransientError: the biller must be asked, and does not answer.
        """
        answer = await self.entitle(repository)
        if answer.allowed:
            return None
        reason = explain(answer, plan_url(self.public_url, repository.account.login))
        return Verdict(conclusion=Conclusion.NEUTRAL, reason=reason, withheld=True)

    async def refresh(self, account_id: AccountId, *, bought: bool = False) -> None:
        """Ask the biller about one account; have linted what was withheld and may be now.

        Args:
            account_id: whose plan.
            bought: the account has just bought something: "nothing" is no answer yet.

        Raises:
            TransientError: the biller does not answer, or does not know of it yet.
        """
        if self.biller is None:
            return
        told = await self.biller.read(account_id)
        if told is None and bought:
            raise TransientError("the biller does not know yet of what was bought")
        await self._save(account_id, told)
        await self._resume(account_id)

    async def reconcile(self) -> None:
        """Ask the biller about all accounts: deliveries are lost, and never sent again.

        Raises:
            TransientError: the biller does not answer.
        """
        if self.biller is None:
            return
        known = await asyncio.to_thread(self.plans.find_accounts)
        told = {it.account_id: it for it in await self.biller.read_all()}
        for account_id in sorted({*told, *known}):
            await self._save(account_id, told.get(account_id))
            await self._resume(account_id)

    async def _judge(self, repository: Repository, state: PlanState | None) -> Entitlement:
        rank = await asyncio.to_thread(self.plans.rank, repository)
        return entitle(private=repository.private, rank=rank, state=state, now=self.clock.now())

    async def _save(self, account_id: AccountId, told: Subscription | None) -> PlanState:
        known = await asyncio.to_thread(self.plans.load, account_id)
        state = follow(known, account_id, told, self.clock.now())
        await asyncio.to_thread(self.plans.save, state)
        return state

    async def _resume(self, account_id: AccountId) -> None:
        state = await asyncio.to_thread(self.plans.load, account_id)
        for run in await asyncio.to_thread(self.plans.find_withheld, account_id):
            if (await self._judge(run.repository, state)).allowed:
                _log.info("a withheld commit may be linted now", extra={"run_id": run.run_id})
                await self.resume(run)
