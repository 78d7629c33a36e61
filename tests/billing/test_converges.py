"""Any history of money, deliveries and repositories ends where GitHub's API says it ends.

The listing is the stand-in's, the store is a real SQLite, the answers are read as GitHub's are.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from lintbot.billing.desk import Desk
from lintbot.errors import TransientError
from lintbot.github.marketplace import MarketplaceWebhook, read_customer
from lintbot.intake.decide import decide
from lintbot.model.events import InstallationChanged, Push, RepositoryChanged
from lintbot.model.ids import AccountId, InstallationId, RepositoryId
from lintbot.model.jobs import LintJob
from lintbot.model.lint_run import Conclusion, Verdict
from lintbot.model.plans import Subscription
from lintbot.model.repository import Account, Installation, InstallationState, Repository
from lintbot.ports import Target
from lintbot.standin import marketplace
from lintbot.standin.marketplace import FREE, PER_REPOSITORY, TEAM, Listing, Payload
from lintbot.standin.state import Account as Customer
from lintbot.store.attempts import StoredAttempts
from lintbot.store.database import Database
from lintbot.store.inbox import StoredInbox
from lintbot.store.lint_runs import StoredLintRuns
from lintbot.store.migrate import migrate
from lintbot.store.plans import StoredPlans
from tests.store.conftest import Enqueued
from tests.support.deliveries import StoppedClock, a_delivery, a_sha
from tests.support.payloads import SECRET, encoded, headers_for

ACCOUNTS = tuple(Customer(id=number, login=f"account{number}") for number in (1, 2))
REPOSITORIES = (101, 102, 201)
"""The first digit is the account's."""
HAPPENINGS = (
    *("buy", "buy", "cancel", "lose_the_payment", "deliver", "wait", "reconcile"),
    *("push", "push", "push", "change_visibility", "change_visibility", "install_or_uninstall"),
)
WEBHOOK = MarketplaceWebhook(secrets=(SECRET,))
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Each step is a transaction or two, and a disk would take its time."""
T = TypeVar("T")


@cache
def empty_store() -> Path:
    """Migrate once: it takes longer than a whole history."""
    file = Path(tempfile.mkdtemp()) / "lintbot.sqlite"
    migrate(f"sqlite:///{file}")
    return file


class Api:
    """What GitHub answers (``ports.Biller``, and of ``ports.Forge`` what the desk asks)."""

    def __init__(self, listing: Listing) -> None:
        self._listing = listing
        self.private = dict.fromkeys(REPOSITORIES, True)

    async def read(self, account_id: AccountId) -> Subscription | None:
        bought = self._listing.purchases.get(account_id)
        return read_customer(self._listing.customer(bought, "http://api")) if bought else None

    async def read_all(self) -> tuple[Subscription, ...]:
        found = [await self.read(AccountId(number)) for number in self._listing.purchases]
        return tuple(it for it in found if it is not None)

    async def is_private(self, target: Target) -> bool:
        return self.private[target.repository_id]


class Money(RuleBasedStateMachine):
    """Accounts buy and cancel, repositories appear and hide, deliveries get lost, time passes."""

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY)
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
        self.api = Api(self.listing)
        self.desk = Desk(
            biller=self.api,
            forge=self.api,  # type: ignore[arg-type]  the part of it that is asked
            plans=self.plans,
            attempts=StoredAttempts(self.database, self.clock, self.queue),
            clock=self.clock,
        )
        self.promised = dict.fromkeys((account.id for account in ACCOUNTS), self.clock.now())
        self.installed = {account.id: True for account in ACCOUNTS}
        self.installation = {account.id: account.id for account in ACCOUNTS}
        self.under_way: list[Payload] = []
        self.commits = 0

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.end_well()
            self.loop.run_until_complete(self.loop.shutdown_default_executor())
            self.loop.close()
            self.database.close()
            self.folder.cleanup()

    @rule(data=st.data(), what=st.sampled_from(HAPPENINGS))
    def happen(self, data: st.DataObject, what: str) -> None:
        """One rule and not many, because Hypothesis would leave some out of most histories."""
        getattr(self, what)(data)

    # --- money -----------------------------------------------------------------------------

    def buy(self, data: st.DataObject) -> None:
        """Buy a plan, or more than there was."""
        account = data.draw(st.sampled_from(ACCOUNTS))
        plan = data.draw(st.sampled_from([FREE, TEAM, PER_REPOSITORY]))
        units = data.draw(st.integers(1, 2))
        before = self.listing.purchases.get(account.id)
        if before is None or self.worth(plan, units) > self.worth(before.plan, before.unit_count):
            trial = plan is not FREE and data.draw(st.booleans())
            self.send(self.listing.buy(account, plan, units=units, trial=trial))
            self.promise(account)

    def cancel(self, data: st.DataObject) -> None:
        """Cancel, go down, or take that back."""
        account = data.draw(st.sampled_from(ACCOUNTS))
        plan = data.draw(st.sampled_from([None, FREE, PER_REPOSITORY]))
        bought = self.listing.purchases.get(account.id)
        if bought and bought.pending:
            self.send(self.listing.withdraw_change(account))
        elif bought and self.worth(plan, 1) <= self.worth(bought.plan, bought.unit_count):
            self.send(self.listing.plan_change(account, plan))
            self.promise(account)

    def lose_the_payment(self, data: st.DataObject) -> None:
        account = data.draw(st.sampled_from(ACCOUNTS))
        if account.id in self.listing.purchases:
            self.send(self.listing.end(account))

    def wait(self, data: st.DataObject) -> None:
        hours = data.draw(st.sampled_from([0.5, 20, 24 * 7, 24 * 14, 24 * 30, 24 * 61]))
        self.clock.forward(hours=hours)
        for payload in self.listing.let_time_pass():
            self.send(payload)

    # --- deliveries: late, in any order, twice or never ------------------------------------

    def deliver(self, data: st.DataObject) -> None:
        if not self.under_way:
            return
        payload = data.draw(st.sampled_from(self.under_way))
        fate = data.draw(st.sampled_from(["arrives", "arrives, and will again", "is lost"]))
        if fate != "arrives, and will again":
            self.under_way.remove(payload)
        if fate == "is lost":
            return
        body = encoded(payload)
        notice = WEBHOOK.open(headers_for(body, "marketplace_purchase"), body)
        self.inbox.accept(notice, lambda known: decide(notice.event, known, self.clock.now()))
        self.ask_all()
        self.lint_all()

    # --- repositories ----------------------------------------------------------------------

    def push(self, data: st.DataObject) -> None:
        self.push_to(data.draw(st.sampled_from(REPOSITORIES)))

    def push_to(self, number: int) -> None:
        self.clock.forward(minutes=2)
        if self.installed[number // 100]:
            self.commits += 1
            self.accept(Push, number, branch="main", before=None, after=a_sha(self.commits),
                        forced=False, changed_files=1)  # fmt: skip
            self.lint_all()

    def change_visibility(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(REPOSITORIES))
        private = self.api.private[number] = not self.api.private[number]
        if data.draw(st.booleans()) and self.installed[number // 100]:
            action = "privatized" if private else "publicized"
            self.accept(RepositoryChanged, number, action=action)
            self.ask_all()
            self.lint_all()

    def install_or_uninstall(self, data: st.DataObject) -> None:
        account = data.draw(st.sampled_from(ACCOUNTS))
        installed = self.installed[account.id] = not self.installed[account.id]
        self.installation[account.id] += 1000 if installed else 0  # GitHub gives another id
        state = InstallationState.ACTIVE if installed else InstallationState.DELETED
        value = Installation(
            id=InstallationId(self.installation[account.id]),
            account=Account(id=AccountId(account.id), login=account.login),
            state=state,
        )
        event = InstallationChanged(installation=value, action=state.value)
        self.inbox.accept(a_delivery(event), lambda known: decide(event, known, self.clock.now()))
        self.lint_all()

    # --- what must hold --------------------------------------------------------------------

    def reconcile(self, _data: object = None) -> None:
        """After one reconciliation all is as GitHub tells, and nobody entitled waits."""
        self.clock.forward(minutes=2)
        self.run(self.desk.reconcile())
        self.lint_all()
        for account in ACCOUNTS:
            state = self.plans.load(AccountId(account.id))
            told = self.run(self.api.read(AccountId(account.id)))
            known = state.subscription if state and state.is_current else None
            assert known == told
            for run in self.plans.find_withheld(AccountId(account.id)):
                assert not self.is_paid_for(run.repository), "an entitled repository waits"

    def end_well(self) -> None:
        """However a history ended, one round puts it right, and then all are served."""
        self.reconcile()
        for number in REPOSITORIES:
            self.push_to(number)

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
            private=self.api.private[number],
            default_branch="main",
        )

    def accept(self, kind: type[Any], number: int, **facts: Any) -> None:
        event = kind(
            installation_id=InstallationId(self.installation[number // 100]),
            repository=self.repository(number),
            **facts,
        )
        self.inbox.accept(a_delivery(event), lambda known: decide(event, known, self.clock.now()))

    def ask_all(self) -> None:
        """What the queue does with the questions that it holds."""
        while self.queue.questions:
            question = self.queue.questions.pop(0)
            with suppress(TransientError):  # bought and gone again: the hourly round is left
                self.run(self.desk.refresh(question.account_id, bought=question.bought))

    def lint_all(self) -> None:
        while self.queue.announced:
            self.lint(self.queue.announced.pop(0))

    def lint(self, job: LintJob) -> None:
        """What the worker does before it fetches anything."""
        found = self.runs.load_target(job.run_id)
        if found is None:
            self.runs.decide(job.run_id, Verdict(conclusion=Conclusion.NEUTRAL))
            return
        target, repository = found
        withheld = self.run(self.desk.withhold(target))
        if withheld is None:
            assert self.is_paid_for(repository) or self.is_promised(repository), "it is fetched"
            self.runs.decide(job.run_id, Verdict(conclusion=Conclusion.SUCCESS))
        else:
            assert not self.is_paid_for(repository), "an entitled repository is refused"
            self.runs.decide(job.run_id, withheld)

    def promise(self, account: Customer) -> None:
        """GitHub named a date: until then nobody loses what was paid for."""
        bought = self.listing.purchases[account.id]
        dates = [bought.trial_ends_at, bought.pending.effective_at if bought.pending else None]
        self.promised[account.id] = max(filter(None, [self.promised[account.id], *dates]))

    def is_promised(self, repository: Repository) -> bool:
        return self.clock.now() < self.promised[repository.account.id]

    def is_paid_for(self, repository: Repository) -> bool:
        """What GitHub's records say, read without any of the code under test."""
        if not self.api.private[repository.id]:
            return True
        bought = self.listing.purchases.get(repository.account.id)
        if bought is None or bought.plan is FREE:
            return False
        return bought.plan is TEAM or self.plans.rank(repository) < bought.unit_count


TestMoney = Money.TestCase
TestMoney.settings = settings(max_examples=20, stateful_step_count=30, deadline=None)
