"""The small parts: names, patience, executor slots, log lines, the sweeper's arithmetic."""

from __future__ import annotations

import json
import logging
import multiprocessing
import threading
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from dbos import error as engine_errors

from lintbot.errors import PermanentError, TransientError, UserError
from lintbot.jobs.executor import ExecutorSlot
from lintbot.jobs.names import (
    announce_options,
    close_options,
    decode_job,
    encode_job,
    lint_options,
    report_options,
    retry_number,
)
from lintbot.jobs.patience import delay_seconds, persist
from lintbot.jobs.periodic import Periodic
from lintbot.jobs.quiet import quieten
from lintbot.jobs.sweep import Sweeper
from lintbot.model.ids import LintRunId
from lintbot.model.jobs import LintJob
from lintbot.model.lint_run import Conclusion
from lintbot.ports import Unposted
from tests.support.deliveries import START, StoppedClock, a_job, a_push

JOB = a_job(a_push(1, before=2))


def test_a_job_is_plain_json_of_ids_and_shas():
    text = json.dumps(encode_job(JOB))
    assert decode_job(json.loads(text)) == JOB


def test_lint_jobs_share_slots_by_account_and_know_their_priority():
    options = lint_options(JOB)
    assert (options["workflow_id"], options["queue_partition_key"]) == (JOB.run_id, "10")
    assert options["priority"] == 1


def test_whatever_changes_one_check_run_waits_in_one_line():
    every = (
        announce_options(JOB),
        close_options(JOB.run_id, Conclusion.CANCELLED),
        report_options(JOB.run_id),
    )
    assert {o["queue_name"] for o in every} == {"post"}
    assert len({o["queue_partition_key"] for o in every}) == 1
    assert len({o["workflow_id"] for o in every}) == 3


@pytest.mark.parametrize(
    ("seconds", "number"), [(0, 0), (34, 0), (35, 1), (69, 1), (70, 2), (140, 3), (86_400, 12)]
)
def test_retries_come_at_doubling_intervals(seconds: float, number: int):
    assert retry_number(timedelta(seconds=seconds)) == number


def test_a_delay_is_what_the_other_side_asked_for_or_doubles():
    assert delay_seconds(TransientError("", retry_after_seconds=77), 5) == 77
    assert [delay_seconds(TransientError(""), n) for n in (0, 1, 2, 9)] == [1, 2, 4, 30]


async def test_patience_ends_before_a_wait_that_exceeds_it():
    calls = []

    async def fail() -> None:
        calls.append(1)
        raise TransientError("later", retry_after_seconds=0.01)

    assert not await persist(fail, "test", "run", 0.025)
    assert len(calls) == 3


async def test_a_permanent_error_is_not_tried_again():
    async def fail() -> None:
        raise PermanentError("no")

    with pytest.raises(PermanentError):
        await persist(fail, "test", "run", 60)


def slot_id(folder: Path) -> str:
    return ExecutorSlot(folder).id


def test_a_slot_is_free_again_when_its_process_is_gone(tmp_path: Path):
    mine = ExecutorSlot(tmp_path)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, max_tasks_per_child=1) as pool:
        first, second = (pool.submit(slot_id, tmp_path).result() for _ in range(2))
    assert first == second != mine.id
    mine.release()
    again = ExecutorSlot(tmp_path)
    assert again.id == mine.id
    again.release()


def test_a_machine_full_of_workers_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("lintbot.jobs.executor.MAX_SLOTS", 1)
    held = ExecutorSlot(tmp_path)
    with pytest.raises(UserError, match="no room"):
        ExecutorSlot(tmp_path)
    held.release()


def test_a_periodic_call_survives_its_own_failures(caplog: pytest.LogCaptureFixture):
    third = threading.Event()
    calls = []

    def fail() -> None:
        calls.append(1)
        if len(calls) == 3:
            third.set()
        raise OSError("the database is away")

    periodic = Periodic("fails", fail, 0.01)
    periodic.start()
    assert third.wait(10)
    periodic.stop()
    assert "fails failed, will try again" in caplog.text


def test_only_tracebacks_of_cancelled_jobs_are_dropped(caplog: pytest.LogCaptureFixture):
    quieten()
    logger = logging.getLogger("dbos")
    cancelled = engine_errors.DBOSAwaitedWorkflowCancelledError("x")
    logger.error("cancelled", exc_info=cancelled)
    logger.error("broken", exc_info=ValueError("x"))
    assert [record.message for record in caplog.records] == ["broken"]


class Asked:
    """A queue and a backlog that note what the sweeper does."""

    def __init__(
        self,
        waiting: tuple[LintJob, ...] = (),
        unposted: tuple[Unposted, ...] = (),
        statuses: dict[str, str] | None = None,
    ) -> None:
        self.waiting, self.unposted, self.statuses = waiting, unposted, statuses or {}
        self.done: list[tuple[object, ...]] = []
        self.hours: list[int] = []

    def find_open(self, received_before: datetime) -> tuple[LintJob, ...]:
        return tuple(job for job in self.waiting if job.received_at < received_before)

    def find_unposted(self, after: datetime, before: datetime) -> tuple[Unposted, ...]:
        return tuple(run for run in self.unposted if after < run.completed_at < before)

    def find_statuses(self, ids: Sequence[str]) -> dict[str, str]:
        return {name: self.statuses[name] for name in ids if name in self.statuses}

    def waits(self, run_id: LintRunId) -> bool:
        return self.statuses.get(f"{run_id}/1") == "DELAYED"

    def enqueue_lint(self, job: LintJob) -> None:
        self.done.append(("lint", job.run_id))

    def enqueue_close(
        self,
        run_id: LintRunId,
        conclusion: Conclusion,
        _reason: str,
        *,
        reference: str = "",
        attempt: int = 0,
    ) -> None:
        self.done.append(("close", run_id, conclusion, bool(reference), attempt))

    def enqueue_report(self, run_id: LintRunId, attempt: int) -> None:
        self.done.append(("report", run_id, attempt))

    def enqueue_plans(self, hour: int) -> None:
        self.hours.append(hour)

    def delete_old(self, moment: datetime) -> None:
        self.done.append(("delete", moment))


def sweep(asked: Asked, age_seconds: float) -> list[tuple[object, ...]]:
    clock = StoppedClock(START + timedelta(seconds=age_seconds))
    sweeper = Sweeper(backlog=asked, queue=asked, clock=clock, timeout_seconds=300)
    sweeper()
    sweeper()
    return [deed for deed in dict.fromkeys(asked.done) if deed[0] != "delete"]


ANNOUNCE = f"announce:{JOB.run_id}"


@pytest.mark.parametrize(
    ("statuses", "deed"),
    [
        ({ANNOUNCE: "ENQUEUED"}, []),
        ({ANNOUNCE: "SUCCESS", JOB.run_id: "ENQUEUED"}, []),
        ({JOB.run_id: "PENDING"}, []),
        ({ANNOUNCE: "ERROR"}, [("lint", JOB.run_id)]),
        ({}, [("lint", JOB.run_id)]),
        (
            {JOB.run_id: "MAX_RECOVERY_ATTEMPTS_EXCEEDED"},
            [("close", JOB.run_id, Conclusion.NEUTRAL, True, 0)],
        ),
        ({JOB.run_id: "SUCCESS", f"{JOB.run_id}/1": "DELAYED"}, []),
        ({JOB.run_id: "SUCCESS"}, [("close", JOB.run_id, Conclusion.NEUTRAL, True, 0)]),
    ],
)
def test_the_sweeper_mends_what_no_job_stands_for(statuses: dict[str, str], deed: list[object]):
    assert sweep(Asked((JOB,), statuses=statuses), 60) == deed


@pytest.mark.parametrize(("age_seconds", "attempt"), [(300, 0), (334, 0), (336, 1), (500, 3)])
def test_the_sweeper_closes_what_is_overdue_again_and_again(age_seconds: float, attempt: int):
    deeds = sweep(Asked((JOB,), statuses={JOB.run_id: "PENDING"}), age_seconds)
    assert deeds == [("close", JOB.run_id, Conclusion.TIMED_OUT, False, attempt)]


def test_the_sweeper_leaves_young_runs_alone():
    assert sweep(Asked((JOB,)), 29) == []


@pytest.mark.parametrize(("age_seconds", "attempts"), [(34, []), (36, [1]), (86_000, [12])])
def test_the_sweeper_offers_verdicts_again(age_seconds: float, attempts: list[int]):
    unposted = Unposted(run_id=JOB.run_id, completed_at=START)
    deeds = sweep(Asked(unposted=(unposted,)), age_seconds)
    assert deeds == [("report", JOB.run_id, attempt) for attempt in attempts]
    assert sweep(Asked(unposted=(unposted,)), 86_401) == []


def test_the_sweeper_deletes_old_things_once_an_hour():
    asked, clock = Asked(), StoppedClock()
    sweeper = Sweeper(backlog=asked, queue=asked, clock=clock, timeout_seconds=300)
    for _ in range(4):
        sweeper()
        clock.forward(minutes=31)
    assert len(asked.done) == 4
    assert asked.done[:2] == [("delete", START), ("delete", START - timedelta(days=14))]
    assert asked.hours == [asked.hours[0], asked.hours[0] + 1]
