from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from lintbot.intake.decide import decide
from lintbot.model.events import InstallationChanged, RepositoriesChanged
from lintbot.model.ids import InstallationId, RepositoryId
from lintbot.model.intake import Plan
from lintbot.model.jobs import LintJob
from lintbot.model.lint_run import Conclusion, Verdict
from lintbot.model.repository import Account, Installation, InstallationState
from tests.store.conftest import Store
from tests.store.values import a_judgement, a_profile
from tests.support.deliveries import START, a_delivery, a_push, a_repository, a_sha

ONE = RepositoryId(1)


def judge(store: Store, job: LintJob, hundredths: int = 942) -> None:
    verdict = Verdict(conclusion=Conclusion.SUCCESS)
    store.runs.decide(job.run_id, verdict, a_judgement(hundredths))


def test_a_repository_is_found_by_every_name_it_had_blind_to_case(store: Store):
    store.push(1)
    store.push(2, before=1, repository=a_repository(name="Renamed"))
    for name in ("app", "APP", "renamed"):
        found = store.catalog.find_repository("aNN", name)
        assert found == a_repository(name="Renamed")
    assert store.catalog.find_repository("ann", "other") is None


def test_an_old_name_goes_to_the_repository_that_takes_it(store: Store):
    store.push(1)
    store.push(2, repository=a_repository(name="renamed"))
    store.push(3, repository=a_repository(2))
    assert store.catalog.find_repository("Ann", "app") == a_repository(2)
    assert store.catalog.find_repository("Ann", "renamed") == a_repository(name="renamed")


def test_an_older_description_changes_nothing_but_private_is_always_believed(store: Store):
    before, after = store.clock.now(), store.clock.now() + timedelta(minutes=1)
    new = replace(a_repository(name="new"), described_at=after)
    store.push(1, repository=new)
    store.push(2, repository=a_repository(2))
    for number, late in enumerate(
        (
            replace(a_repository(2), id=ONE, described_at=before),
            replace(a_repository(), described_at=before),
        )
    ):
        store.push(10 + number, repository=late)
        assert store.catalog.find_repository("Ann", "new") == new
        assert store.catalog.find_repository("Ann", "app") == a_repository(2)
    store.push(12, repository=replace(new, described_at=before, private=True))
    assert store.catalog.find_repository("Ann", "new") == replace(new, private=True)
    store.push(13, repository=replace(new, described_at=before))
    assert store.catalog.find_repository("Ann", "new") == replace(new, private=True)


def test_a_renamed_account_takes_its_repositories_along(store: Store):
    store.push(1)
    renamed = Installation(
        id=InstallationId(7),
        account=Account(id=a_repository().account.id, login="Anna"),
        state=InstallationState.ACTIVE,
    )
    plan = Plan(outcome="renamed", installation=renamed)
    event = InstallationChanged(installation=renamed, action="renamed")
    store.inbox.accept(a_delivery(event), lambda _known: plan)
    for owner in ("ann", "anna"):
        found = store.catalog.find_repository(owner, "app")
        assert found is not None
        assert found.full_name == "Anna/app"


def test_nothing_comes_through_an_installation_that_is_gone(store: Store):
    store.push(1)
    installation = Installation(
        id=InstallationId(7), account=a_repository().account, state=InstallationState.DELETED
    )
    for event in (
        InstallationChanged(installation=installation, action="deleted"),
        InstallationChanged(
            installation=replace(installation, state=InstallationState.ACTIVE), action="created"
        ),
        a_push(2).event,
    ):
        store.inbox.accept(a_delivery(event), lambda known, it=event: decide(it, known, START))
    assert store.catalog.find_repository("Ann", "app") is None
    assert len(store.queue.announced) == 1


def test_a_removed_repository_is_not_found_until_it_is_back(store: Store):
    job = store.push(1)
    installation = Installation(
        id=InstallationId(7), account=a_repository().account, state=InstallationState.ACTIVE
    )
    event = RepositoriesChanged(installation=installation, added=(), removed=(ONE,))
    plan = Plan(outcome="removed", installation=installation, removed=(ONE,))
    store.inbox.accept(a_delivery(event), lambda _known: plan)
    assert store.catalog.find_repository("Ann", "app") is None
    assert store.runs.load_target(job.run_id) is None
    assert [(run_id, end) for run_id, end, _ in store.queue.closed] == [
        (job.run_id, Conclusion.CANCELLED)
    ]
    store.push(2)
    assert store.catalog.find_repository("Ann", "app") == a_repository()


def test_an_installation_that_is_gone_takes_its_repositories_with_it(store: Store):
    job = store.push(1)
    gone = Installation(
        id=InstallationId(7), account=a_repository().account, state=InstallationState.DELETED
    )
    event = InstallationChanged(installation=gone, action="deleted")
    store.inbox.accept(
        a_delivery(event), lambda _known: Plan(outcome="recorded", installation=gone)
    )
    assert store.catalog.find_repository("Ann", "app") is None
    assert store.runs.load_target(job.run_id) is None
    assert [run_id for run_id, _, _ in store.queue.closed] == [job.run_id]


def test_the_latest_run_of_a_branch_has_a_score(store: Store):
    assert store.catalog.latest_run(ONE, "main") is None
    first = store.push(1)
    judge(store, first)
    store.clock.forward(seconds=1)
    store.push(2, before=1)
    judge(store, store.push(3, branch="other"))
    latest = store.catalog.latest_run(ONE, "main")
    assert latest is not None
    assert (latest.job, latest.judgement) == (first, a_judgement())


def test_the_latest_run_is_the_heads_even_when_an_older_commit_ran_again(store: Store):
    old, head = store.push(1), store.push(2, before=1)
    judge(store, head)
    with store.database.write() as connection:
        connection.exec_driver_sql(
            f"UPDATE lint_run SET received_at = '2027-01-01 00:00:00' WHERE run_id = '{old.run_id}'"
        )
    judge(store, old)
    latest = store.catalog.latest_run(ONE, "main")
    assert latest is not None
    assert latest.job == head


def test_a_commit_is_found_by_a_prefix_of_seven_digits(store: Store):
    job = store.push(0xABCDEF << 136)
    for sha in (job.head_sha, job.head_sha[:7], job.head_sha[:7].upper()):
        run = store.catalog.run_at(ONE, sha)
        assert run is not None
        assert run.job == job
    assert store.catalog.run_at(ONE, job.head_sha[:6]) is None
    assert store.catalog.run_at(ONE, "%" * 7) is None
    assert store.catalog.run_at(RepositoryId(2), job.head_sha) is None


def test_the_history_is_newest_first_without_findings(store: Store):
    for number in range(1, 5):
        job = store.push(number, branch="main" if number < 4 else "other")
        store.clock.forward(seconds=1)
        if number == 1:
            judge(store, job, 500)
    shas = [summary.sha for summary in store.catalog.history(ONE, "main", 10)]
    assert shas == [a_sha(3), a_sha(2), a_sha(1)]
    assert [s.sha for s in store.catalog.history(ONE, None, 2)] == [a_sha(4), a_sha(3)]
    oldest = store.catalog.history(ONE, None, 10)[-1]
    assert (oldest.new, oldest.fixed, oldest.conclusion) == (1, 2, Conclusion.SUCCESS)
    assert oldest.score is not None
    assert oldest.score.hundredths == 500
    assert oldest.neutral == a_profile()


def test_nothing_is_new_or_fixed_where_nothing_was_compared(store: Store):
    job = store.push(1)
    verdict = Verdict(conclusion=Conclusion.SUCCESS)
    store.runs.decide(job.run_id, verdict, a_judgement(compared=False))
    (summary,) = store.catalog.history(ONE, None, 10)
    assert (summary.new, summary.fixed) == (None, None)
