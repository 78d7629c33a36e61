from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from lintbot.intake.decide import decide
from lintbot.model.events import InstallationChanged, RepositoriesChanged
from lintbot.model.ids import AccountId, InstallationId, RepositoryId
from lintbot.model.intake import Plan
from lintbot.model.lint_run import Conclusion, Verdict
from lintbot.model.repository import Account, Installation, InstallationState
from lintbot.store.attempts import StoredAttempts
from lintbot.store.backlog import StoredBacklog
from lintbot.store.plans import StoredPlans
from lintbot.store.tables import alias, lint_run, repository
from tests.store.conftest import Store
from tests.store.values import a_judgement, a_result
from tests.support.deliveries import a_delivery, a_push, a_repository, a_sha, decide_push

SUCCESS = Verdict(conclusion=Conclusion.SUCCESS)


def test_open_runs_are_found_oldest_first(store: Store):
    first = store.push(1, branch="a")
    store.clock.forward(seconds=10)
    second = store.push(2, branch="b")
    decided = store.push(3, branch="c")
    store.runs.decide(decided.run_id, SUCCESS)
    assert store.backlog.find_open(store.clock.now()) == (first,)
    assert store.backlog.find_open(store.clock.now() + timedelta(seconds=1)) == (first, second)


def test_verdicts_that_github_does_not_show_are_found(store: Store):
    jobs = [store.push(number, branch=str(number)) for number in range(3)]
    for job in jobs[:2]:
        store.runs.decide(job.run_id, SUCCESS)
    store.runs.set_posted(jobs[0].run_id)
    now = store.clock.now()
    second = timedelta(seconds=1)
    (found,) = store.backlog.find_unposted(now - second, now + second)
    assert (found.run_id, found.completed_at) == (jobs[1].run_id, now)
    assert store.backlog.find_unposted(now, now + second) == ()
    assert store.backlog.find_unposted(now - second, now) == ()


def test_verdicts_that_nobody_could_be_told_are_left_alone(store: Store):
    job = store.push(1)
    store.runs.decide(job.run_id, SUCCESS)
    remove(store, job.repository_id)
    now, hour = store.clock.now(), timedelta(hours=1)
    assert store.backlog.find_unposted(now - hour, now + hour) == ()


def remove(store: Store, repository_id: RepositoryId) -> None:
    installation = Installation(
        id=InstallationId(7), account=a_repository().account, state=InstallationState.ACTIVE
    )
    event = RepositoriesChanged(installation=installation, added=(), removed=(repository_id,))
    plan = Plan(outcome="removed", installation=installation, removed=(repository_id,))
    store.inbox.accept(a_delivery(event), lambda _known: plan)


def test_old_deliveries_and_results_are_forgotten(store: Store):
    delivery = a_push(1)
    store.inbox.accept(delivery, decide_push(delivery))
    store.runs.save_result(RepositoryId(1), a_sha(1), "tools", a_result())
    store.backlog.delete_old(store.clock.now() + timedelta(days=13))
    assert store.inbox.accept(delivery, decide_push(delivery)) is None
    store.backlog.delete_old(store.clock.now() + timedelta(days=31))
    assert store.inbox.accept(delivery, decide_push(delivery)) is not None
    assert store.runs.load_result(RepositoryId(1), a_sha(1), "tools") is None


def test_old_findings_are_forgotten_but_not_those_of_a_branchs_head(store: Store):
    old, head = store.push(1), store.push(2, before=1)
    for job in (old, head):
        store.runs.decide(job.run_id, SUCCESS, a_judgement())
    store.backlog.delete_old(store.clock.now() + timedelta(days=91))
    found = [store.runs.load(job.run_id) for job in (old, head)]
    assert [run is not None and run.judgement is not None for run in found] == [False, True]
    assert len(store.catalog.history(RepositoryId(1), None, 10)) == 2


def test_a_removed_repositorys_data_goes_after_a_month(store: Store):
    job = store.push(1)
    kept = store.push(1, repository=a_repository(2, name="kept"))
    remove(store, job.repository_id)
    store.backlog.delete_old(store.clock.now() + timedelta(days=29))
    assert store.runs.load(job.run_id) is not None
    store.backlog.delete_old(store.clock.now() + timedelta(days=31))
    assert store.runs.load(job.run_id) is None
    assert store.runs.load(kept.run_id) is not None


def test_what_is_out_of_reach_is_told_from_what_is_not(store: Store):
    store.push(1)
    reached, unknown = a_repository().id, RepositoryId(404)
    assert store.backlog.find_unreachable({reached, unknown}) == {unknown}
    account = Account(id=AccountId(10), login="Ann")
    gone = InstallationChanged(
        installation=Installation(
            id=InstallationId(7), account=account, state=InstallationState.DELETED
        ),
        action="deleted",
    )
    store.inbox.accept(a_delivery(gone), lambda known: decide(gone, known, store.clock.now()))
    assert store.backlog.find_unreachable({reached, unknown}) == {reached, unknown}
    store.clock.forward(days=31)
    store.backlog.delete_old(store.clock.now())
    with store.database.read() as connection:
        for table in (repository, lint_run, alias):
            assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar() == 0


def test_what_was_found_out_goes_a_month_after_the_last_plan(store: Store):
    private = replace(a_repository(), private=True)
    plans = StoredPlans(store.database)
    judged, withheld = store.push(1, repository=private), store.push(2, repository=private)
    public = store.push(1, repository=a_repository(2, name="open"))
    withheld_verdict = Verdict(conclusion=Conclusion.NEUTRAL, withheld=True)
    store.runs.decide(judged.run_id, SUCCESS, a_judgement())
    store.runs.decide(withheld.run_id, withheld_verdict)
    store.runs.decide(public.run_id, SUCCESS, a_judgement())
    running = store.push(3, repository=private)
    store.runs.save_excerpts(private.id, a_sha(1), {})
    for repository_id in (private.id, public.repository_id):
        plans.save_lapse(repository_id, store.clock.now())
        plans.save_lapse(repository_id, store.clock.now() + timedelta(days=9))  # the first stays
    assert store.backlog.find_unreachable({private.id, public.repository_id}) == {private.id}
    store.backlog.delete_old(store.clock.now() + timedelta(days=29))
    assert store.runs.load(judged.run_id) is not None
    store.backlog.delete_old(store.clock.now() + timedelta(days=31))
    assert store.runs.load(judged.run_id) is None
    assert store.runs.load(running.run_id) is not None, "its check run is open"
    assert store.runs.load(withheld.run_id).verdict == withheld_verdict
    assert store.runs.load(public.run_id) is not None
    plans.save_lapse(private.id, None)
    assert store.backlog.find_unreachable({private.id}) == set()


def test_a_plan_that_keeps_some_history_lets_older_private_runs_go(store: Store):
    private = replace(a_repository(), private=True)
    public = replace(a_repository(3, name="open"), account=private.account)
    others = replace(a_repository(2, name="other"), private=True)
    olds = {it.id: store.push(1, repository=it) for it in (private, public, others)}
    heads = [store.push(2, before=1, repository=it) for it in (private, public, others)]
    for job in (*olds.values(), *heads):
        store.runs.decide(job.run_id, SUCCESS, a_judgement())
    attempts = StoredAttempts(store.database, store.clock, store.queue)
    opened = attempts.start(olds[private.id].run_id)
    plans, year, now = StoredPlans(store.database), timedelta(days=365), store.clock.now()
    limited = StoredBacklog(store.database, lambda when: {private.account.id: when - year})

    def kept() -> set[RepositoryId]:
        return {number for number, job in olds.items() if store.runs.load(job.run_id) is not None}

    limited.delete_old(now + year)
    plans.save_lapse(private.id, now + 2 * year)
    limited.delete_old(now + 2 * year)
    assert kept() == set(olds), "not so old; and where no plan covers it, all goes a month later"
    plans.save_lapse(private.id, None)
    limited.delete_old(now + 2 * year)
    assert kept() == {public.id, others.id}
    kept_runs = (opened, *(job.run_id for job in heads))
    assert all(store.runs.load(run_id) is not None for run_id in kept_runs)


def test_what_becomes_public_is_kept(store: Store):
    private = replace(a_repository(), private=True)
    job = store.push(1, repository=private)
    StoredPlans(store.database).save_lapse(private.id, store.clock.now())
    store.push(2, repository=replace(private, private=False))
    store.push(3, repository=private)
    store.backlog.delete_old(store.clock.now() + timedelta(days=60))
    assert store.runs.load(job.run_id) is not None
