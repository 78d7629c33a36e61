"""The bell: what one process enqueues is taken up at once, though it looks at its queues rarely."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from lintbot.jobs import client
from lintbot.jobs.bell import THREAD_PREFIX, Bell
from lintbot.jobs.names import POST_QUEUE
from tests.jobs.conftest import House

RARELY_SECONDS = 60.0


async def test_a_push_need_not_wait_until_somebody_looks(
    each_house: House, monkeypatch: pytest.MonkeyPatch
):
    """The engine waits in the one place where the bell can be heard: else this takes minutes."""
    bell = Bell()
    async with each_house.worker(bell=bell):
        monkeypatch.setattr(client, "POLL_SECONDS", RARELY_SECONDS)
        each_house.queue.register_queues(slots=2, account_slots=2, billed=True)
        await asyncio.sleep(2.0)  # each thread looks once more, and reads how long to wait
        run_id = each_house.push(1)
        bell.ring(POST_QUEUE)
        await each_house.until_posted(run_id)


class Waiting:
    """A thread that waits for an event, as the engine's do."""

    def __init__(self, stopping: threading.Event, queue: str) -> None:
        self.ends: list[bool] = []
        self._stopping = stopping
        self._thread = threading.Thread(target=self._wait, name=THREAD_PREFIX + queue, daemon=True)
        self._thread.start()

    def _wait(self) -> None:
        self.ends.append(self._stopping.wait(timeout=RARELY_SECONDS))

    def join(self, seconds: float) -> bool:
        self._thread.join(seconds)
        return not self._thread.is_alive()


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
def stopping(bell: Bell) -> threading.Event:
    event = threading.Event()
    bell.hang(event)
    return event


def test_only_the_queue_that_is_called_is_looked_at(bell: Bell, stopping: threading.Event):
    called, other = Waiting(stopping, "post"), Waiting(stopping, "lint")
    time.sleep(0.1)
    bell.ring("post")
    assert called.join(10)
    assert called.ends == [False]
    assert not other.join(0.2)
    stopping.set()
    assert other.join(10)
    assert other.ends == [True]


def test_what_is_rung_while_nobody_waits_is_heard(bell: Bell, stopping: threading.Event):
    bell.ring("post")
    bell.ring("post")
    waiting = Waiting(stopping, "post")
    assert waiting.join(10)
    again = Waiting(stopping, "post")
    assert not again.join(0.2), "both rings were heard"
    stopping.set()
    assert again.join(10)


def test_a_thread_that_is_to_stop_does_not_wait(stopping: threading.Event):
    stopping.set()
    waiting = Waiting(stopping, "post")
    assert waiting.join(10)
    assert waiting.ends == [True]


def test_without_a_call_it_waits_as_long_as_it_was_told(stopping: threading.Event):
    assert stopping.wait(timeout=0.05) is False
    assert stopping.wait(timeout=0.001) is False
