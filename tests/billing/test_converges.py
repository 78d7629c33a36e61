"""Any history of money, deliveries and repositories ends where GitHub's API says it ends.

The listing is the stand-in's, the store is a real SQLite, the answers are read as GitHub's are.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lintbot.billing.desk import Desk
from lintbot.github.marketplace import read_customer
from lintbot.intake.decide import decide
from lintbot.model.events import CheckRequested, InstallationChanged, Push, RepositoryChanged
from lintbot.model.ids import AccountId, InstallationId, RepositoryId
from lintbot.model.jobs import LintJob
from lintbot.model.lint_run import Conclusion, Verdict
from lintbot.model.plans import Subscription
from lintbot.model.repository import Account, Installation, InstallationState, Repository
from lintbot.ports import WithheldRun
from lintbot.standin import marketplace
from lintbot.standin.marketplace import FREE, PER_REPOSITORY, TEAM, Listing, Payload
from lintbot.standin.state import Account as Customer
from lintbot.store.database import Database
from lintbot.store.inbox import StoredInbox
from lintbot.store.lint_runs import StoredLintRuns
from lintbot.store.migrate import migrate
from lintbot.store.plans import StoredPlans
from tests.store.conftest import Enqueued
from tests.support.deliveries import StoppedClock, a_delivery, a_sha

ACCOUNTS = tuple(Customer(id=number, login=f"account{number}") for number in (1, 2))
REPOSITORIES = (101, 102, 103, 201)
"""The first digit is the account's."""
T = TypeVar("T")


@cache
def empty_store() -> Path:
    """Migrate once: it takes longer than a whole history."""
    file = Path(tempfile.mkdtemp()) / "lintbot.sqlite"
    migrate(f"sqlite:///{file}")
    return file


class Api:
    """GitHub's answers about the listing, read as they come (``ports.Biller``)."""

    def __init__(self, listing: Listing) -> None:
        self._listing = listing

    async def read(self, account_id: AccountId) -> Subscription | None:
        bought = self._listing.purchases.get(account_id)
        return read_customer(self._listing.customer(bought, "http://api")) if bought else None

    async def read_all(self) -> tuple[Subscription, ...]:
        found = [await self.read(AccountId(number)) for number in self._listing.purchases]
        return tuple(it for it in found if it is not None)


class Money(RuleBasedStateMachine):
    """Accounts buy and cancel, repositories appear and hide, deliveries get lost, time passes."""

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        file = Path(self.folder.name) / "lintbot.sqlite"
        shutil.copy(empty_store(), file)
        self.database = Database(f"sqlite:///{file}")
        self.loop = asyncio.new_event_loop()
        self.clock = StoppedClock()
        self.listing = Listing(now=self.clock.now)
        self.queue = Enqueued()
        self.inbox = StoredInbox(self.database, self.clock, self.queue)
        self.runs = StoredLintRuns(self.database, self.clock)
        self.plans = StoredPlans(self.database)
        self.desk = Desk(
            biller=Api(self.listing), plans=self.plans, clock=self.clock, resume=self.resume
        )
        self.private = dict.fromkeys(REPOSITORIES, True)
        self.installed = {account.id: True for account in ACCOUNTS}
        self.under_way: list[Payload] = []
        self.commits = 0

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.loop.run_until_complete(self.loop.shutdown_default_executor())
            self.loop.close()
            self.database.close()
            self.folder.cleanup()

    # --- money -----------------------------------------------------------------------------

    @rule(
        account=st.sampled_from(ACCOUNTS),
        plan=st.sampled_from([FREE, TEAM, PER_REPOSITORY]),
        units=st.integers(1, 2),
        trial=st.booleans(),
    )
    def buy(self, account: Customer, plan: marketplace.Plan, units: int, trial: bool) -> None:
        before = self.listing.purchases.get(account.id)
        if before is None or self.worth(plan, units) > self.worth(before.plan, before.unit_count):
            trial = trial and plan is not FREE
            self.send(self.listing.buy(account, plan, units=units, trial=trial))

    @rule(account=st.sampled_from(ACCOUNTS), plan=st.sampled_from([None, FREE, PER_REPOSITORY]))
    def plan_change(self, account: Customer, plan: marketplace.Plan | None) -> None:
        bought = self.listing.purchases.get(account.id)
        if bought and self.worth(plan, 1) <= self.worth(bought.plan, bought.unit_count):
            self.send(self.listing.plan_change(account, plan))

    @rule(account=st.sampled_from(ACCOUNTS))
    def withdraw_change(self, account: Customer) -> None:
        bought = self.listing.purchases.get(account.id)
        if bought and bought.pending:
            self.send(self.listing.withdraw_change(account))

    @rule(hours=st.sampled_from([0.5, 20, 24 * 7, 24 * 14, 24 * 30, 24 * 61]))
    def wait(self, hours: float) -> None:
        self.clock.forward(hours=hours)
        for payload in self.listing.let_time_pass():
            self.send(payload)

    # --- deliveries: late, in any order, twice or never ------------------------------------

    @precondition(lambda self: self.under_way)
    @rule(data=st.data(), again=st.booleans())
    def deliver(self, data: st.DataObject, again: bool) -> None:
        payload = data.draw(st.sampled_from(self.under_way))
        if not again:
            self.under_way.remove(payload)
        account_id = AccountId(payload["marketplace_purchase"]["account"]["id"])
        self.run(self.desk.refresh(account_id))
        self.lint_all()

    @precondition(lambda self: self.under_way)
    @rule()
    def lose(self) -> None:
        self.under_way.clear()

    # --- repositories ----------------------------------------------------------------------

    @rule(number=st.sampled_from(REPOSITORIES))
    def push(self, number: int) -> None:
        self.clock.forward(minutes=2)
        if self.installed[number // 100]:
            self.commits += 1
            self.accept(Push, number, branch="main", before=None, after=a_sha(self.commits),
                        forced=False, changed_files=1)  # fmt: skip
            self.lint_all()

    @rule(number=st.sampled_from(REPOSITORIES), told=st.booleans())
    def change_visibility(self, number: int, told: bool) -> None:
        self.private[number] = not self.private[number]
        if told and self.installed[number // 100]:
            action = "privatized" if self.private[number] else "publicized"
            self.accept(RepositoryChanged, number, action=action)

    @rule(account=st.sampled_from(ACCOUNTS))
    def install_or_uninstall(self, account: Customer) -> None:
        installed = self.installed[account.id] = not self.installed[account.id]
        state = InstallationState.ACTIVE if installed else InstallationState.DELETED
        value = Installation(
            id=InstallationId(account.id),
            account=Account(id=AccountId(account.id), login=account.login),
            state=state,
        )
        event = InstallationChanged(installation=value, action=state.value)
        self.inbox.accept(a_delivery(event), lambda known: decide(event, known, self.clock.now()))

    # --- what must hold --------------------------------------------------------------------

    @rule()
    def reconcile(self) -> None:
        """After one reconciliation all is as GitHub tells, and nobody entitled waits."""
        self.clock.forward(minutes=2)
        self.run(self.desk.reconcile())
        self.lint_all()
        for account in ACCOUNTS:
            state = self.plans.load(AccountId(account.id))
            told = self.run(Api(self.listing).read(AccountId(account.id)))
            known = state.subscription if state and state.ended_at is None else None
            assert known == told
            for run in self.plans.find_withheld(AccountId(account.id)):
                assert not self.is_paid_for(run.repository)

    @invariant()
    def no_job_is_left(self) -> None:
        assert not getattr(self, "queue", Enqueued()).announced

    # --- helpers ---------------------------------------------------------------------------

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def send(self, payload: Payload) -> None:
        self.under_way.append(payload)

    def worth(self, plan: marketplace.Plan | None, units: int) -> int:
        return {None: 0, FREE: 0, PER_REPOSITORY: units, TEAM: 100}[plan]

    def repository(self, number: int) -> Repository:
        owner = ACCOUNTS[number // 100 - 1]
        return Repository(
            id=RepositoryId(number),
            account=Account(id=AccountId(owner.id), login=owner.login),
            name=f"app{number}",
            private=self.private[number],
            default_branch="main",
        )

    def accept(self, kind: type[Any], number: int, **facts: Any) -> None:
        event = kind(
            installation_id=InstallationId(number // 100),
            repository=self.repository(number),
            **facts,
        )
        self.inbox.accept(a_delivery(event), lambda known: decide(event, known, self.clock.now()))

    async def resume(self, run: WithheldRun) -> None:
        self.accept(CheckRequested, run.repository.id, head_sha=run.sha, branch=run.branch,
                    before=None, again=True, app_id=1)  # fmt: skip

    def lint_all(self) -> None:
        while self.queue.announced:
            self.lint(self.queue.announced.pop(0))

    def lint(self, job: LintJob) -> None:
        """What the worker does before it fetches anything."""
        found = self.runs.load_target(job.run_id)
        if found is None:
            return
        answer = self.run(self.desk.entitle(found[1]))
        if answer.allowed:
            assert self.is_paid_for(found[1]), "an unentitled private repository is fetched"
            self.runs.decide(job.run_id, Verdict(conclusion=Conclusion.SUCCESS))
        else:
            assert not self.is_paid_for(found[1]), "an entitled repository waits"
            withheld = Verdict(conclusion=Conclusion.NEUTRAL, withheld=True)
            self.runs.decide(job.run_id, withheld)

    def is_paid_for(self, repository: Repository) -> bool:
        """What GitHub's records say, read without any of the code under test."""
        if not repository.private:
            return True
        bought = self.listing.purchases.get(repository.account.id)
        if bought is None or bought.plan is FREE:
            return False
        return bought.plan is TEAM or self.plans.rank(repository) < bought.unit_count


TestMoney = Money.TestCase
TestMoney.settings = settings(max_examples=20, stateful_step_count=30, deadline=None)
