"""kill -9, at any moment: nothing accepted is lost, nothing is told twice."""

from __future__ import annotations

import os
import signal
import time
from datetime import timedelta

from lintbot.jobs.client import QueueClient
from lintbot.jobs.workflows import FAILED
from lintbot.model.lint_run import Conclusion
from lintbot.store.inbox import StoredInbox
from tests.support.chaos import Chaos
from tests.support.deliveries import RealClock, a_job, a_push, decide_push
from tests.support.processes import POISON


def test_a_worker_that_never_returns_is_replaced(chaos: Chaos):
    with chaos.worker("--slot", "first", "--pace", "1") as worker:
        chaos.accept_for(0.3)
        time.sleep(1.5)
        os.killpg(worker.pid, signal.SIGKILL)
    assert chaos.count_pending() > 0
    with chaos.worker("--slot", "second", "--dead-after", "2", "--pace", "0"):
        chaos.wait_until_posted(30)
    chaos.check()


def test_the_public_way_to_take_over_works_too(chaos: Chaos):
    with chaos.worker("--slot", "first", "--pace", "1") as worker:
        chaos.accept_for(0.3)
        time.sleep(1.5)
        os.killpg(worker.pid, signal.SIGKILL)
    assert chaos.count_pending() > 0
    with chaos.process("heir", "--executor-id", chaos.executor_id) as heir:
        assert heir.wait(20) == 0
    assert chaos.count_pending() == 0
    with chaos.worker("--slot", "second", "--dead-after", "3600", "--pace", "0"):
        chaos.wait_until_posted(20)
    chaos.check()


def test_a_worker_that_was_killed_takes_its_own_jobs_up_at_once(chaos: Chaos):
    with chaos.worker("--pace", "1") as worker:
        chaos.accept_for(0.2)
        time.sleep(1.2)
        os.killpg(worker.pid, signal.SIGKILL)
    with chaos.worker("--dead-after", "3600", "--pace", "0"):
        chaos.wait_until_posted(20)
    chaos.check()


def test_a_commit_that_takes_every_worker_down_is_given_up(sqlite_chaos: Chaos):
    push = a_push(int(POISON, 16))
    queue = QueueClient(sqlite_chaos.url)
    long_ago = RealClock().now() - timedelta(seconds=60)
    StoredInbox(sqlite_chaos.database, RealClock(), queue).accept(push, decide_push(push, long_ago))
    queue.destroy()
    run_id = a_job(push).run_id
    deadline = time.monotonic() + 90
    while not sqlite_chaos.is_posted(run_id):
        assert time.monotonic() < deadline
        with sqlite_chaos.process("worker", "--pace", "0") as worker:
            while worker.poll() is None and not sqlite_chaos.is_posted(run_id):
                assert time.monotonic() < deadline
                time.sleep(0.05)
    verdict = sqlite_chaos.runs.load(run_id).verdict
    assert (verdict.conclusion, verdict.reason) == (Conclusion.NEUTRAL, FAILED)
