"""A worker that is asked to stop."""

from __future__ import annotations

import asyncio

from lintbot.jobs.reaper import Heartbeat, connect
from lintbot.model.jobs import LintJob
from tests.jobs.conftest import House


async def test_what_is_under_way_may_end_within_the_grace(house: House):
    house.workshop.pace_seconds = 0.4
    run_id = house.push(1)
    async with house.worker(grace_seconds=10):
        await house.until(lambda: house.workshop.linted == [run_id])
    assert house.run(run_id).verdict is not None
    assert await asyncio.to_thread(lambda: "the loop still has threads")


async def test_what_does_not_end_is_cancelled_and_taken_up_again(each_house: House):
    lint, tries, stopped = each_house.workshop.lint, [], []

    async def hang_once(job: LintJob) -> None:
        tries.append(job.run_id)
        if len(tries) > 1:
            return await lint(job)
        try:
            await asyncio.sleep(60)
        finally:
            stopped.append(job.run_id)

    each_house.workshop.lint = hang_once
    run_id = each_house.push(1)
    async with each_house.worker(grace_seconds=0.1):
        await each_house.until(lambda: tries == [run_id])
    assert stopped == [run_id]
    assert each_house.run(run_id).verdict is None
    async with each_house.worker():
        await each_house.until_posted(run_id)
    assert tries == [run_id, run_id]


async def test_a_worker_that_has_left_is_dead_to_the_others_at_once(house: House):
    async with house.worker() as engine:
        executor_id = engine.executor_id
        assert not is_dead(house, executor_id)
    assert is_dead(house, executor_id)


def is_dead(house: House, executor_id: str) -> bool:
    heartbeat = Heartbeat(connect(house.url), "somebody-else")
    try:
        return heartbeat.find_dead([executor_id], 15) == [executor_id]
    finally:
        heartbeat.close()
