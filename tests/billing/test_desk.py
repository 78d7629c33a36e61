"""The desk while the biller is away, contradicts itself, or tells of plans one by one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from lintbot.billing.desk import Desk
from lintbot.billing.states import TRUSTED
from lintbot.errors import TransientError
from lintbot.model.ids import AccountId, RepositoryId
from lintbot.model.plans import (
    ListedPlan,
    PendingChange,
    PlanState,
    PriceModel,
    Reason,
    Share,
    Subscription,
)
from lintbot.model.repository import Repository
from lintbot.ports import Target
from tests.support.deliveries import START, StoppedClock, a_repository

PRIVATE = replace(a_repository(), private=True)
ANN, BOB = PRIVATE.account.id, AccountId(99)
FREE = ListedPlan(id=1, name="Free", price_model=PriceModel.FREE)
TEAM = ListedPlan(id=2, name="Team", price_model=PriceModel.FLAT_RATE)


def bought(account_id: AccountId, days: int = 30) -> Subscription:
    renews_at = START + timedelta(days=days)
    return Subscription(
        account_id=account_id, plan=TEAM, unit_count=1, cycle="monthly", renews_at=renews_at
    )


@dataclass
class World:
    """A biller and what is stored of its answers."""

    sold: dict[AccountId, Subscription] = field(default_factory=dict)
    listed: set[AccountId] = field(default_factory=set)
    away: set[AccountId] = field(default_factory=set)
    states: dict[AccountId, PlanState] = field(default_factory=dict)
    clock: StoppedClock = field(default_factory=StoppedClock)
    lapsed_at: datetime | None = None
    parted: list[AccountId] = field(default_factory=list)

    async def read(self, account_id: AccountId) -> Subscription | None:
        if account_id in self.away:
            raise TransientError("away")
        return self.sold.get(account_id)

    async def read_all(self) -> tuple[Subscription, ...]:
        return tuple(self.sold[account_id] for account_id in self.listed)

    def load(self, account_id: AccountId) -> PlanState | None:
        return self.states.get(account_id)

    def save(self, state: PlanState) -> None:
        self.states[state.account_id] = state

    async def part(self, account_id: AccountId) -> None:
        self.parted.append(account_id)

    def find_accounts(self) -> tuple[AccountId, ...]:
        return tuple(self.states)

    def load_repository(self, _repository_id: RepositoryId) -> Repository:
        return PRIVATE

    def rank(self, _repository: Repository) -> int:
        return 0

    def find_withheld(self, _account_id: AccountId) -> tuple[()]:
        return ()

    def find_private(self, account_id: AccountId) -> tuple[Repository, ...]:
        return (PRIVATE,) if account_id == ANN else ()

    def save_lapse(self, _id: RepositoryId, since: datetime | None) -> datetime | None:
        self.lapsed_at = self.lapsed_at or since if since else None
        return self.lapsed_at

    def save_visibility(self, _repository_id: RepositoryId, *, private: bool) -> None:
        raise AssertionError(private)

    def desk(self, **parts: Any) -> Desk:
        return Desk(**{"biller": self, "plans": self, "clock": self.clock, "forge": None,
                       "attempts": None} | parts)  # fmt: skip


@pytest.mark.parametrize(
    ("days_paid", "asked_before", "believed"),
    [
        (30, timedelta(days=20), True),
        (1, TRUSTED - timedelta(minutes=1), True),
        (1, timedelta(days=20), False),
    ],
)
async def test_while_the_biller_is_away_what_was_paid_for_holds(
    days_paid: int, asked_before: timedelta, believed: bool
):
    world = World(sold={ANN: bought(ANN, days_paid)})
    assert (await world.desk().entitle(PRIVATE)).reason is Reason.PLAN
    world.away.add(ANN)
    world.clock.moment += asked_before
    if believed:
        assert (await world.desk().entitle(PRIVATE)).allowed
    else:
        with pytest.raises(TransientError):
            await world.desk().entitle(PRIVATE)


async def test_while_the_biller_is_away_nobody_is_refused():
    world = World(away={ANN})
    with pytest.raises(TransientError):
        await world.desk().entitle(PRIVATE)
    world.states[ANN] = PlanState(
        account_id=ANN,
        subscription=None,
        plan_since=START,
        ended_at=None,
        read_at=START - TRUSTED,
    )
    with pytest.raises(TransientError):
        await world.desk().entitle(PRIVATE)


async def test_a_plan_gives_more_slots_and_the_biller_is_not_asked():
    world = World(sold={ANN: bought(ANN)})
    assert await world.desk().share(ANN) is Share.SINGLE
    await world.desk().refresh(ANN)
    world.away.add(ANN)
    assert await world.desk().share(ANN) is Share.DOUBLE
    assert await world.desk(biller=None).share(ANN) is Share.SINGLE
    world.clock.forward(days=40)
    del world.sold[ANN]
    world.away.clear()
    await world.desk().refresh(ANN)
    assert await world.desk().share(ANN) is Share.SINGLE


async def test_who_has_cancelled_is_parted_with_once_and_when_it_takes_effect():
    world = World(sold={ANN: bought(ANN), BOB: replace(bought(BOB), plan=FREE)})
    desk = world.desk(parting=world)
    pending = PendingChange(plan=FREE, unit_count=1, effective_at=START + timedelta(days=3))
    for day, sold in enumerate(
        [
            {},
            {ANN: bought(ANN)},
            {ANN: replace(bought(ANN), pending=pending)},
            {ANN: replace(bought(ANN), pending=pending)},
            {},
            {},
        ]
    ):
        world.sold = sold
        await desk.refresh(ANN)
        await desk.refresh(BOB)
        assert world.parted == ([ANN] if day >= 3 else [])
        world.clock.forward(days=1)
    world.sold = {ANN: bought(ANN)}
    await desk.refresh(ANN)
    world.sold = {}
    await world.desk().refresh(ANN)  # nobody can sign in
    assert world.parted == [ANN]


async def test_who_is_missed_in_the_list_is_asked_about():
    world = World(sold={ANN: bought(ANN)})
    await world.desk().refresh(ANN)
    await world.desk().reconcile()
    assert world.states[ANN].is_current
    del world.sold[ANN]
    await world.desk().reconcile()
    assert world.states[ANN].ended_at == START


async def test_trouble_with_one_account_does_not_stop_the_round():
    world = World(sold={ANN: bought(ANN), BOB: bought(BOB)}, listed={BOB})
    await world.desk().refresh(ANN)
    world.away.add(ANN)
    await world.desk().reconcile()
    assert world.states[ANN].is_current
    assert world.states[BOB].is_current


async def test_what_was_just_bought_is_waited_for():
    world = World()
    with pytest.raises(TransientError, match="bought"):
        await world.desk().refresh(ANN, bought=True)
    await world.desk().refresh(ANN)
    assert not world.states[ANN].is_current


async def test_where_nothing_is_billed_nobody_is_asked():
    desk = World(away={ANN}).desk(biller=None)
    assert (await desk.entitle(PRIVATE)).reason is Reason.NOT_BILLED
    assert await desk.may_fetch(None)
    await desk.refresh(ANN)
    await desk.reconcile()


TARGET = Target(installation_id=7, repository_id=PRIVATE.id, owner="Ann", name="app")


async def test_everything_is_told_before_it_happens():
    world = World()
    change = PendingChange(plan=FREE, unit_count=1, effective_at=START + timedelta(days=10))
    world.sold[ANN] = replace(bought(ANN), pending=change)
    assert "until 2026-11-30" in (await world.desk().foretell(TARGET))[0]
    del world.sold[ANN]
    world.clock.forward(days=12)
    verdict = await world.desk().withhold(TARGET, look=False)
    assert "plan has ended" in verdict.reason
    assert "deleted on 2026-12-30" in verdict.reason
    await world.desk().reconcile()
    assert world.lapsed_at == START + timedelta(days=10)
    world.sold[ANN] = bought(ANN)
    await world.desk().refresh(ANN)
    assert world.lapsed_at is None


async def test_who_never_had_a_plan_lapses_from_the_first_look_on():
    world = World(sold={BOB: bought(BOB)}, listed={BOB})
    await world.desk().refresh(ANN)
    world.clock.forward(days=3)
    await world.desk().reconcile()
    assert world.lapsed_at == START
