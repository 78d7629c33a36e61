"""Who is signed in, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from lintbot.model.people import Person, PersonId, UserTokens
from lintbot.store.people import StoredPeople
from lintbot.store.seal import FernetSeal
from tests.store.conftest import Store

ANN = Person(id=PersonId(7), login="ann")
LEASE = timedelta(seconds=40)


def people_of(store: Store, secret: str = "secret") -> StoredPeople:
    return StoredPeople(store.database, FernetSeal(secret), store.clock)


def tokens(store: Store) -> UserTokens:
    return UserTokens(
        access="ghu_a", expires_at=store.clock.now() + timedelta(hours=8), refresh="ghr_a"
    )


def signed_in(store: Store) -> StoredPeople:
    people = people_of(store)
    people.sign_in(ANN, tokens(store), "one", store.clock.now() + timedelta(days=14))
    return people


def test_with_the_last_session_the_tokens_go(store: Store):
    people = signed_in(store)
    renamed = replace(ANN, login="anna")
    people.sign_in(renamed, tokens(store), "two", store.clock.now() + timedelta(days=14))
    assert people.find("one") == people.find("two") == renamed
    assert people.find("three") is None
    people.sign_out("one")
    people.sign_out("one")
    assert people.find("one") is None
    assert people.load_tokens(ANN.id) == tokens(store)
    people.sign_out("two")
    assert people.load_tokens(ANN.id) is None


def test_after_another_client_secret_tokens_cannot_be_read(store: Store):
    signed_in(store)
    assert people_of(store, "another").load_tokens(ANN.id) is None


def test_one_at_a_time_may_refresh(store: Store):
    people = signed_in(store)
    soon = store.clock.now() + timedelta(minutes=5)
    assert people.claim_refresh(ANN.id, soon, LEASE) is None, "they do not expire yet"
    store.clock.forward(hours=8)
    soon = store.clock.now() + timedelta(minutes=5)
    with ThreadPoolExecutor(6) as pool:
        claims = list(pool.map(lambda _: people.claim_refresh(ANN.id, soon, LEASE), range(6)))
    assert sum(claim is not None for claim in claims) == 1
    people.save_tokens(ANN.id, tokens(store))
    assert people.claim_refresh(ANN.id, soon, LEASE) is None, "they were refreshed"


def test_who_was_killed_while_refreshing_makes_way(store: Store):
    people = signed_in(store)
    store.clock.forward(hours=8)
    soon = store.clock.now() + timedelta(minutes=5)
    assert people.claim_refresh(ANN.id, soon, LEASE) is not None
    store.clock.forward(hours=1)
    assert people.claim_refresh(ANN.id, soon, LEASE) is not None


def test_a_session_that_is_over_is_deleted_with_its_person(store: Store):
    people = signed_in(store)
    store.clock.forward(days=15)
    assert people.find("one") is None
    store.backlog.delete_old(store.clock.now())
    assert people.load_tokens(ANN.id) is None
