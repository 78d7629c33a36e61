"""Shell: the one place that is asked whether a repository may be linted."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import datetime

from lintbot.billing.entitle import allow, entitle, pays
from lintbot.billing.parting import Parting
from lintbot.billing.states import follow, is_fresh, is_trusted
from lintbot.billing.words import explain, foretell
from lintbot.errors import GoneError, LintbotError, PermanentError, TransientError
from lintbot.model.ids import AccountId
from lintbot.model.lint_run import Conclusion, Verdict
from lintbot.model.plans import Entitlement, PlanState, Reason, Share, Subscription
from lintbot.model.repository import Repository
from lintbot.ports import Attempts, Biller, Clock, Forge, Plans, Target, WithheldRun

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Answers by what the biller told last, and asks the biller where that is too old.

    Attributes:
        biller: None where nothing is billed: then everything is allowed.
        forge: tells whether a repository is private today.
        attempts: has linted what was withheld.
        parting: signs out whose plan has ended; None where nobody can sign in.
    """

    biller: Biller | None
    forge: Forge
    plans: Plans
    attempts: Attempts
    clock: Clock
    parting: Parting | None = None

    async def entitle(self, repository: Repository) -> Entitlement:
        """Return whether a repository may be fetched and linted.

        Raises:
            TransientError: the biller must be asked, and does not answer.
        """
        if self.biller is None:
            return Entitlement(reason=Reason.NOT_BILLED)
        if not repository.private:
            return Entitlement(reason=Reason.PUBLIC)
        account_id = repository.account.id
        state = await asyncio.to_thread(self.plans.load, account_id)
        known = await self._judge(repository, state)
        if is_fresh(state, self.clock.now()):
            return known
        try:
            told = await self.biller.read(account_id)
        except TransientError as error:
            if state is not None and known.allowed and is_trusted(state, self.clock.now()):
                _log.warning("a plan is believed in unasked: %s", error)
                return known
            raise
        return await self._judge(repository, await self._save(account_id, told))

    async def withhold(self, target: Target, *, look: bool = True) -> Verdict | None:
        """Return the verdict on a repository that may not be fetched; None: it may.

        Args:
            target: the repository.
            look: ask GitHub whether it is private today, for a webhook may be late or lost.

        Raises:
            TransientError: GitHub or the biller must be asked, and does not answer.
            PermanentError: the repository is out of reach.
        """
        if self.biller is None:
            return None
        repository = await asyncio.to_thread(self.plans.load_repository, target.repository_id)
        if repository is None:
            raise GoneError("lintbot does not know this repository any more")
        repository = await self._look(target, repository) if look else repository
        answer = await self.entitle(repository)
        lapsed_at = await self._note_lapse(repository, answer)
        if answer.allowed:
            return None
        reason = explain(answer, lapsed_at)
        return Verdict(conclusion=Conclusion.NEUTRAL, reason=reason, withheld=True)

    async def foretell(self, target: Target) -> tuple[str, ...]:
        """Return what people must know of before it happens, as sentences for a check run."""
        if self.biller is None:
            return ()
        repository = await asyncio.to_thread(self.plans.load_repository, target.repository_id)
        if repository is None:
            return ()
        return foretell(await self.entitle(repository), self.clock.now())

    async def may_fetch(self, target: Target) -> bool:
        """Tell whether a repository may be fetched today; raises as :meth:`withhold`."""
        return await self.withhold(target) is None

    async def share(self, account_id: AccountId) -> Share:
        """Return how many slots an account may have, by what the biller told last."""
        if self.biller is None:
            return Share.SINGLE
        state = await asyncio.to_thread(self.plans.load, account_id)
        return allow(state, self.clock.now()).share

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
        await self._settle(account_id, await self._save(account_id, told))

    async def reconcile(self) -> None:
        """Ask the biller about all accounts: deliveries are lost, and never sent again.

        What goes wrong with one account does not stop the others.

        Raises:
            TransientError: the biller does not answer.
        """
        if self.biller is None:
            return
        known = await asyncio.to_thread(self.plans.find_accounts)
        told = {it.account_id: it for it in await self.biller.read_all()}
        for account_id in sorted({*told, *known}):
            try:
                await self._reconcile(self.biller, account_id, told.get(account_id))
            except LintbotError as error:
                _log.error("the plan of account %d is not reconciled: %s", account_id, error)

    async def _reconcile(
        self, biller: Biller, account_id: AccountId, listed: Subscription | None
    ) -> None:
        state = await asyncio.to_thread(self.plans.load, account_id)
        if listed is None and state is not None and state.is_current:
            listed = await biller.read(account_id)  # it may only have been missed in the list
        await self._settle(account_id, await self._save(account_id, listed))

    async def _judge(self, repository: Repository, state: PlanState | None) -> Entitlement:
        rank = await asyncio.to_thread(self.plans.rank, repository)
        return entitle(private=repository.private, rank=rank, state=state, now=self.clock.now())

    async def _save(self, account_id: AccountId, told: Subscription | None) -> PlanState:
        known = await asyncio.to_thread(self.plans.load, account_id)
        state = follow(known, account_id, told, self.clock.now())
        if self.parting is not None and pays(known) and not pays(state):
            await self.parting.part(account_id)
        await asyncio.to_thread(self.plans.save, state)
        return state

    async def _note_lapse(self, repository: Repository, answer: Entitlement) -> datetime | None:
        """Remember since when no plan covers a private repository, or that one does."""
        if not repository.private:
            return None
        since = None if answer.allowed else answer.since or self.clock.now()
        return await asyncio.to_thread(self.plans.save_lapse, repository.id, since)

    async def _settle(self, account_id: AccountId, state: PlanState) -> None:
        for repository in await asyncio.to_thread(self.plans.find_private, account_id):
            await self._note_lapse(repository, await self._judge(repository, state))
        await self._resume(account_id, state)

    async def _resume(self, account_id: AccountId, state: PlanState) -> None:
        for run in await asyncio.to_thread(self.plans.find_withheld, account_id):
            if await self._may_resume(run, state):
                _log.info("a withheld commit may be linted now", extra={"run_id": run.run_id})
                await asyncio.to_thread(self.attempts.resume, run.run_id)

    async def _may_resume(self, run: WithheldRun, state: PlanState) -> bool:
        if (await self._judge(run.repository, state)).allowed:
            return True
        try:
            return not (await self._look(run.target, run.repository)).private
        except PermanentError:
            return False  # out of reach, so it is nobody's business

    async def _look(self, target: Target, repository: Repository) -> Repository:
        private = await self.forge.is_private(target)
        if private == repository.private:
            return repository
        await asyncio.to_thread(self.plans.save_visibility, repository.id, private=private)
        return replace(repository, private=private)
