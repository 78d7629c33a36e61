"""What accounts have bought, and which commits wait for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lintbot.intake.decide import decide
from lintbot.model.events import InstallationChanged
from lintbot.model.ids import AccountId, InstallationId
from lintbot.model.lint_run import Conclusion, Verdict
from lintbot.model.plans import ListedPlan, PlanState, PriceModel, Subscription
from lintbot.model.repository import Account, Installation, InstallationState
from lintbot.store.plans import StoredPlans
from tests.store.conftest import Store
from tests.support.deliveries import START, a_delivery, a_repository

ANN = a_repository().account.id
TEAM = ListedPlan(id=2, name="Team", price_model=PriceModel.FLAT_RATE)
WITHHELD = Verdict(conclusion=Conclusion.NEUTRAL, reason="no plan", withheld=True)


@pytest.fixture
def plans(store: Store) -> StoredPlans:
    return StoredPlans(store.database)


def bought(account_id: AccountId, days: int = 0) -> PlanState:
    told = Subscription(
        account_id=account_id, plan=TEAM, unit_count=1, cycle="monthly", renews_at=START
    )
    read_at = START + timedelta(days=days)
    return PlanState(
        account_id=account_id,
        subscription=told,
        plan_since=START,
        ended_at=None,
        read_at=read_at,
    )


def test_what_the_biller_told_is_kept_and_an_older_answer_changes_nothing(plans: StoredPlans):
    assert plans.load(ANN) is None
    plans.save(bought(ANN, days=1))
    plans.save(replace(bought(ANN), ended_at=START))
    assert plans.load(ANN) == bought(ANN, days=1)
    assert plans.find_accounts() == (ANN,)
    plans.save(replace(bought(ANN, days=2), ended_at=START))
    assert plans.find_accounts() == ()


def test_a_withheld_head_waits_until_it_is_tried_again(store: Store, plans: StoredPlans):
    private = replace(a_repository(), private=True)
    old = store.push(1, repository=private)
    store.runs.decide(old.run_id, WITHHELD)
    head = store.push(2, before=1, repository=private)
    assert plans.find_withheld(ANN) == ()  # its branch has left the first one
    store.runs.decide(head.run_id, WITHHELD)
    (run,) = plans.find_withheld(ANN)
    assert (run.run_id, run.repository, run.target.name) == (head.run_id, private, "app")
    assert plans.find_accounts() == (ANN,)
    assert store.runs.load(head.run_id).verdict == WITHHELD
    plans.save_visibility(private.id, private=False)
    assert not plans.find_withheld(ANN)[0].repository.private


def test_nobody_waits_where_the_app_is_not_installed(store: Store, plans: StoredPlans):
    job = store.push(1, repository=replace(a_repository(), private=True))
    store.runs.decide(job.run_id, WITHHELD)
    owner = Account(id=ANN, login="Ann")
    value = Installation(id=InstallationId(7), account=owner, state=InstallationState.SUSPENDED)
    event = InstallationChanged(installation=value, action="suspend")
    store.inbox.accept(a_delivery(event), lambda known: decide(event, known, START))
    assert plans.find_withheld(ANN) == ()
    assert plans.find_accounts() == (ANN,), "what it has of private repositories is kept for a time"


def test_a_repository_that_was_public_for_a_time_has_no_old_lapse(store: Store, plans: StoredPlans):
    private = replace(a_repository(), private=True)
    store.push(1, repository=private)
    later = START + timedelta(days=40)
    assert plans.save_lapse(private.id, START) == START
    plans.save_visibility(private.id, private=True)
    assert plans.save_lapse(private.id, later) == START
    plans.save_visibility(private.id, private=False)
    plans.save_visibility(private.id, private=True)
    assert plans.save_lapse(private.id, later) == later


def test_repositories_are_ranked_by_their_ids(store: Store, plans: StoredPlans):
    numbers = [3, 1, 2]
    for number in numbers:
        owned = replace(a_repository(number, name=f"r{number}"), private=number != 2)
        store.push(number, repository=replace(owned, account=a_repository().account))
    ranks = {
        number: plans.rank(replace(a_repository(number), account=a_repository().account))
        for number in numbers
    }
    assert ranks == {1: 0, 2: 1, 3: 1}
