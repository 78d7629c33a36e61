from __future__ import annotations

import pytest

from lintbot.github.forge import GitHubForge
from lintbot.model.ids import AccountId
from lintbot.model.repository import Account
from tests.support.github import Place


@pytest.mark.parametrize(
    ("role", "allowed"),
    [("admin", True), ("maintain", True), ("write", True), ("triage", False), ("read", False)],
)
async def test_only_who_may_write_may(
    place: Place, forge: GitHubForge, role: str, *, allowed: bool
) -> None:
    person = place.github.world.account("person")
    place.repository.roles[person.id] = role
    account = Account(id=AccountId(person.id), login=person.login)
    assert await forge.may_write(place.target, account) is allowed


async def test_a_name_that_is_somebody_elses_now_is_not_trusted(
    place: Place, forge: GitHubForge
) -> None:
    owner = place.repository.owner
    assert await forge.may_write(place.target, Account(id=AccountId(owner.id), login=owner.login))
    assert not await forge.may_write(place.target, Account(id=AccountId(1), login=owner.login))
    assert not await forge.may_write(place.target, Account(id=AccountId(1), login="nobody-here"))
