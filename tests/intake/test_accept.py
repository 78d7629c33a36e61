from __future__ import annotations

import asyncio
import threading

import pytest

from lintbot.errors import TransientError
from lintbot.intake.accept import Acceptor
from lintbot.model.events import Ignored, Ping
from tests.support.deliveries import RealClock, a_delivery, a_push
from tests.support.hook_site import FakeInbox


async def test_a_delivery_is_accepted_once():
    acceptor, delivery = Acceptor(FakeInbox(), RealClock()), a_push(1)
    plan = await acceptor.accept(delivery)
    assert plan is not None
    assert plan.job is not None
    assert await acceptor.accept(delivery) is None
    acceptor.close()


async def test_what_needs_nothing_does_not_trouble_the_database():
    acceptor = Acceptor(FakeInbox(failure=AssertionError()), RealClock())
    for event in (Ping(hook_id=1), Ignored(reason="a tag")):
        plan = await acceptor.accept(a_delivery(event))
        assert plan is not None
        assert not plan.needs_work
    acceptor.close()


async def test_a_database_that_does_not_answer_is_given_up():
    inbox = FakeInbox(gate=threading.Event())
    acceptor, delivery = Acceptor(inbox, RealClock(), timeout_seconds=0.05), a_push(1)
    with pytest.raises(TransientError, match="in time") as raised:
        await acceptor.accept(delivery)
    assert raised.value.retry_after_seconds
    assert inbox.gate is not None
    inbox.gate.set()
    acceptor.close()  # waits for what has begun: that delivery is stored after all
    assert list(inbox.plans) == [delivery.id]


async def test_the_loop_stays_free_and_few_transactions_run_at_once():
    inbox = FakeInbox(gate=threading.Event())
    acceptor = Acceptor(inbox, RealClock(), threads=2)
    before = threading.active_count()
    work = [asyncio.create_task(acceptor.accept(a_push(number))) for number in range(20)]
    await asyncio.sleep(0.05)
    assert threading.active_count() - before <= 2
    assert inbox.gate is not None
    inbox.gate.set()
    assert all(await asyncio.gather(*work))
    acceptor.close()
