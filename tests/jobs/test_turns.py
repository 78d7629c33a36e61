"""Lint jobs that GitHub wants nothing of for a while."""

from __future__ import annotations

from lintbot.errors import TransientError
from lintbot.model.jobs import LintJob
from tests.jobs.conftest import House
from tests.jobs.test_flow import conclusions
from tests.support.deliveries import a_repository


async def test_a_job_that_github_wants_nothing_of_gives_its_slot_back(each_house: House):
    lint = each_house.workshop.lint

    async def be_limited(job: LintJob) -> bool:
        if job.repository_id != 1:
            return await lint(job)
        each_house.workshop.linted.append(job.run_id)
        raise TransientError("GitHub wants no request now", retry_after_seconds=3600)

    each_house.workshop.lint = be_limited
    async with each_house.worker():
        limited = [each_house.push(n, branch=str(n)) for n in range(1, 5)]
        await each_house.until(lambda: set(each_house.workshop.linted) == set(limited))
        other = each_house.push(9, repository=a_repository(2))
        await each_house.until_posted(other)
        assert all(each_house.queue.waits(run_id) for run_id in limited)
        assert each_house.run(limited[0]).verdict is None
        newer = each_house.push(10, before=1, branch="1", repository=a_repository(1))
        await each_house.until_posted(limited[0])
        await each_house.until(lambda: not each_house.queue.waits(limited[0]))
    assert conclusions(each_house)[limited[0]] == "cancelled"
    assert newer in each_house.workshop.linted


async def test_a_job_has_its_next_turn_when_the_wait_is_over(house: House):
    lint, tries = house.workshop.lint, []

    async def be_limited_once(job: LintJob) -> bool:
        tries.append(job.run_id)
        if len(tries) == 1:
            raise TransientError("GitHub wants no request now", retry_after_seconds=3.1)
        return await lint(job)

    house.workshop.lint = be_limited_once
    run_id = house.push(1)
    async with house.worker():
        await house.until_posted(run_id)
    assert tries == [run_id, run_id]
    assert conclusions(house) == {run_id: "success"}
