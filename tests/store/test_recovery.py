from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from lintbot.intake.decide import decide
from lintbot.model.events import PullRequestChanged, RepositoriesChanged
from lintbot.model.ids import InstallationId, RepositoryId
from lintbot.model.lint_run import Conclusion, Verdict
from lintbot.model.recovery import MAX_REDELIVERIES, LoggedDelivery
from lintbot.model.repository import Installation, InstallationState
from lintbot.store.recovery import START_OF_TIME, StoredRecovery
from tests.store.conftest import Store
from tests.support.deliveries import START, a_delivery, a_push, a_repository, a_sha

MINUTE = timedelta(minutes=1)


def book_of(store: Store) -> StoredRecovery:
    return StoredRecovery(store.database, store.clock)


def test_a_chore_is_claimed_by_one_and_again_when_it_is_due(store: Store):
    first, second = book_of(store), book_of(store)
    assert first.claim("look", MINUTE) == START_OF_TIME
    assert second.claim("look", MINUTE) is None
    assert second.claim("other", MINUTE) == START_OF_TIME
    store.clock.forward(minutes=1)
    assert second.claim("look", MINUTE) == START_OF_TIME, "the first never finished"
    second.finish("look", START)
    store.clock.forward(minutes=1)
    assert first.claim("look", MINUTE) == START


def missed(*numbers: int) -> list[LoggedDelivery]:
    return [
        LoggedDelivery(
            id=number, guid=f"guid-{number % 10}", event="push", delivered_at=START, succeeded=False
        )
        for number in numbers
    ]


def asked_for(book: StoredRecovery, log: Iterable[int], received: Iterable[str] = ()) -> set[int]:
    book.note_deliveries(missed(*log), frozenset(received))
    return set(book.take_due())


def test_a_missed_delivery_is_asked_for_until_it_comes(store: Store):
    book = book_of(store)
    assert asked_for(book, [1, 2]) == {1, 2}
    assert asked_for(book, [1, 2]) == set(), "not at once again"
    store.clock.forward(minutes=1)
    assert asked_for(book, [11], ["guid-2", "never missed"]) == {11}, "by its newest attempt"
    store.clock.forward(minutes=1)
    assert asked_for(book, []) == set(), "the second wait is longer"
    store.clock.forward(minutes=1)
    assert asked_for(book, []) == {11}
    for _ in range(MAX_REDELIVERIES):
        store.clock.forward(hours=2)
        book.take_due()
    store.clock.forward(hours=2)
    assert asked_for(book, []) == set()


def test_a_flood_is_asked_for_in_parts(store: Store):
    book = book_of(store)
    flood = [
        LoggedDelivery(id=n, guid=f"g{n}", event="push", delivered_at=START, succeeded=False)
        for n in range(70)
    ]
    book.note_deliveries(flood, frozenset())
    assert [len(book.take_due()), len(book.take_due()), len(book.take_due())] == [50, 20, 0]


def test_what_is_known_of_heads_and_commits(store: Store):
    book, repository = book_of(store), a_repository()
    assert book.load_heads(repository.id).heads == {}
    store.push(1)
    pull = PullRequestChanged(
        installation_id=InstallationId(7),
        repository=repository,
        number=4,
        head_sha=a_sha(2),
        head_branch="main",
        from_fork=True,
        base_sha=a_sha(1),
        base_branch="main",
        changed_files=1,
    )
    store.inbox.accept(a_delivery(pull), lambda known: decide(pull, known, START))
    known = book.load_heads(repository.id)
    assert known.heads == {"main": a_sha(1), "refs/pull/4/head": a_sha(2)}
    assert (known.compared_at, known.pushed_at) == (None, None)
    shas = [a_sha(n) for n in (1, 2, 3)]
    assert book.find_linted(repository.id, shas) == {a_sha(1): False, a_sha(2): True}
    book.set_compared(repository.id, START, {"main": a_sha(9), "old": a_sha(5)})
    known = book.load_heads(repository.id)
    assert known.heads["main"] == a_sha(1), "what was told counts more"
    assert known.heads["old"] == a_sha(5)
    assert (known.compared_at, known.pushed_at) == (store.clock.now(), START)


def test_installations_and_their_repositories(store: Store):
    book = book_of(store)
    store.push(1)
    store.push(2, repository=a_repository(2, name="other"))
    installation = Installation(
        id=InstallationId(7), account=a_repository().account, state=InstallationState.ACTIVE
    )
    assert book.load_installation(InstallationId(7)) is not None
    assert book.load_installation(InstallationId(8)) is None
    assert [it.id for it in book.list_installations()] == [7]
    assert book.list_repositories(InstallationId(7)) == {1, 2}
    event = RepositoriesChanged(
        installation=installation, added=(RepositoryId(3),), removed=(RepositoryId(2),)
    )
    store.inbox.accept(a_delivery(event), lambda known: decide(event, known, START))
    assert book.list_repositories(InstallationId(7)) == {1}
    assert store.queue.compared == [7]


def test_a_redelivery_of_a_failed_job_is_redone_and_of_a_done_one_is_not(store: Store):
    delivery = a_push(1)

    def accept() -> object:
        return store.inbox.accept(
            delivery, lambda known: decide(delivery.event, known, store.clock.now())
        )

    assert accept() is not None
    assert accept() is None, "under way"
    failed = Verdict(conclusion=Conclusion.NEUTRAL, reason="lintbot failed", reference="ab12")
    store.runs.decide(store.queue.announced[0].run_id, failed)
    assert accept() is not None
    assert accept() is None, "under way again"
    store.runs.decide(store.queue.announced[1].run_id, Verdict(conclusion=Conclusion.SUCCESS))
    assert accept() is None, "done"
    assert [job.attempt for job in store.queue.announced] == [1, 2]
