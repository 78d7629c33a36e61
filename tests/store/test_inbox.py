from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from lintbot.errors import TransientError
from lintbot.model.events import BranchDeleted, Ping
from lintbot.model.ids import InstallationId, LintRunId
from lintbot.model.intake import BranchMove, Known, KnownRun, Plan
from lintbot.model.jobs import LintJob
from lintbot.model.lint_run import Conclusion, Verdict
from lintbot.store.carry_out import SUPERSEDED
from lintbot.store.inbox import StoredInbox
from lintbot.store.tables import lint_run
from tests.store.conftest import Store, make_store
from tests.support.deliveries import a_delivery, a_push, a_repository, a_sha, decide_push


def test_a_delivery_counts_once(store: Store):
    delivery = a_push(1)
    assert store.inbox.accept(delivery, decide_push(delivery)) is not None
    assert store.inbox.accept(delivery, decide_push(delivery)) is None
    assert len(store.queue.announced) == 1


def test_nothing_is_stored_when_deciding_fails(store: Store):
    delivery = a_push(1)

    def fail(_known: Known) -> Plan:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.inbox.accept(delivery, fail)
    assert store.inbox.accept(delivery, decide_push(delivery)) is not None


def test_nothing_is_stored_when_the_queue_refuses(store: Store):
    class Broken:
        def announce(self, connection: sa.Connection, _job: LintJob) -> None:
            connection.exec_driver_sql("SELECT * FROM no_such_table")

        def close(self, *_: object) -> None:
            raise AssertionError

    delivery = a_push(1)
    broken = StoredInbox(store.database, store.clock, Broken())
    with pytest.raises(sa.exc.DBAPIError):
        broken.accept(delivery, decide_push(delivery))
    assert store.catalog.find_repository("Ann", "app") is None
    assert store.inbox.accept(delivery, decide_push(delivery)) is not None


def test_what_is_known_of_commit_and_branch(store: Store):
    first = store.push(1)
    store.runs.decide(first.run_id, Verdict(conclusion=Conclusion.CANCELLED))
    second = store.push(2, before=1)
    seen: list[Known] = []

    def look(known: Known) -> Plan:
        seen.append(known)
        return Plan(outcome="nothing")

    for delivery in (a_push(1), a_push(2), a_push(3), a_push(1, branch="new"), a_ping()):
        store.inbox.accept(delivery, look)
    run = KnownRun(
        run_id=first.run_id, attempt=1, decided=True, compared_with_pull=False, cancelled=True
    )
    open_run = KnownRun(run_id=second.run_id, attempt=1, decided=False, compared_with_pull=False)
    head = {"head_sha": a_sha(2), "head_before": None}
    assert seen == [
        Known(runs=(run,), **head, head_run=second.run_id),
        Known(runs=(open_run,), **head),
        Known(**head, head_run=second.run_id),
        Known(runs=(run,)),
        Known(),
    ]


def a_ping():
    return a_delivery(Ping(hook_id=1), "ping")


def test_a_run_is_not_superseded_while_another_branch_is_at_its_commit(store: Store):
    store.push(1)
    twin = a_push(1, branch="twin")
    store.inbox.accept(twin, decide_push(twin))
    store.push(2)
    assert store.queue.closed == []


def test_a_newer_push_supersedes_the_open_run(store: Store):
    first = store.push(1)
    store.push(2, before=1)
    assert store.queue.closed == [(first.run_id, Conclusion.CANCELLED, SUPERSEDED)]


def test_a_deleted_branch_is_forgotten(store: Store):
    job = store.push(1)
    event = BranchDeleted(
        installation_id=InstallationId(7), repository=a_repository(), branch="main"
    )
    move = BranchMove(repository_id=a_repository().id, branch="main", sha=None)
    plan = Plan(outcome="deleted", branch=move)
    store.inbox.accept(a_delivery(event), lambda _known: plan)
    store.push(2)
    assert store.queue.closed == []
    store.inbox.accept(a_delivery(event), lambda _known: plan)
    assert not store.runs.is_superseded(job)


def test_a_waiting_run_adopts_a_pull_request_and_a_decided_one_does_not(store: Store):
    waiting, decided = store.push(1), store.push(2, branch="other")
    store.runs.decide(decided.run_id, Verdict(conclusion=Conclusion.SUCCESS))
    for number, job in enumerate((waiting, decided), start=5):
        adopt = Plan(outcome="adopted", adopt_pull=(job.run_id, number))
        store.inbox.accept(a_push(1), lambda _known, plan=adopt: plan)
    assert pull_of(store, waiting.run_id) == 5
    assert pull_of(store, decided.run_id) is None


def pull_of(store: Store, run_id: LintRunId) -> int | None:
    run = store.runs.load(run_id)
    assert run is not None
    return run.job.pull_number


def test_the_database_out_of_reach_is_transient():
    lost = make_store("postgresql://nobody@127.0.0.1:1/none")
    delivery = a_push(1)
    with pytest.raises(TransientError):
        lost.inbox.accept(delivery, decide_push(delivery))
    with pytest.raises(TransientError):
        lost.database.ping()


def accept_same_commit(url: str) -> bool:
    store = make_store(url)
    delivery = a_push(1)
    unique = a_delivery(delivery.event)
    named = type(unique)(
        id=f"{multiprocessing.current_process().pid}-{unique.id}", name="push", event=unique.event
    )
    plan = store.inbox.accept(named, decide_push(delivery))
    store.database.close()
    return plan is not None and plan.job is not None


def test_deliveries_of_one_commit_in_several_processes_give_one_lint_run(store: Store):
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(4, mp_context=context) as pool:
        made = list(pool.map(accept_same_commit, [store.url] * 24))
    assert made.count(True) == 1
    with store.database.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(lint_run)).scalar() == 1


def test_pushes_of_many_repositories_at_once_all_get_in(store: Store):
    pushes = [a_push(n, repository=a_repository(n % 7 + 1)) for n in range(100)]
    with ThreadPoolExecutor(16) as pool:
        plans = list(pool.map(lambda p: store.inbox.accept(p, decide_push(p)), pushes))
    assert all(plan is not None and plan.job is not None for plan in plans)
    assert len(store.queue.announced) == 100
