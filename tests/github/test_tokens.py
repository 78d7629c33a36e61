from __future__ import annotations

import asyncio
import logging
import time
from datetime import timedelta

import jwt
import pytest

from lintbot.errors import GoneError, PermanentError, TransientError
from lintbot.github.access import YOUNG_DELAYS_SECONDS
from lintbot.github.as_app import sign
from lintbot.github.errors import UnauthorizedError
from lintbot.github.forge import GitHubForge
from lintbot.model.ids import LintRunId
from lintbot.standin.faults import Fault, latency
from lintbot.standin.server import make_key
from lintbot.standin.state import Token
from tests.support.github import Place

RUN = LintRunId("lint:1:abc:1")


def minted(place: Place) -> list[Token]:
    return list(place.github.world.tokens.values())


def test_the_apps_own_token_leaves_room_for_clocks() -> None:
    private, public = make_key()
    claims = jwt.decode(sign("Iv23abc", private), public, algorithms=["RS256"])
    assert claims["iss"] == "Iv23abc"
    assert claims["exp"] - claims["iat"] == 600
    assert 55 <= time.time() - claims["iat"] <= 65


def test_a_bad_key_is_refused_without_showing_it() -> None:
    broken = make_key()[0].replace("MII", "XXX")
    with pytest.raises(PermanentError) as raised:
        sign("1", broken)
    assert raised.value.__cause__ is None
    assert "XXX" not in str(raised.value)


async def test_a_token_is_minted_once_for_each_job(place: Place, forge: GitHubForge) -> None:
    await asyncio.gather(*(forge.git_source(place.target) for _ in range(8)))
    await forge.find_check_run(place.target, RUN, place.head)
    await forge.find_check_run(place.target, RUN, place.head)
    assert [token.permissions for token in minted(place)] == [
        {"metadata": "read", "contents": "read"},
        {"metadata": "read", "checks": "write"},
    ]
    assert all(token.repository_ids == {place.repository.id} for token in minted(place))


async def test_one_slow_mint_does_not_hold_up_other_repositories(
    place: Place, forge: GitHubForge
) -> None:
    other = await place.github.add_repository("me", "other")
    place.github.faults.add("POST", "access_tokens", latency(0.5))
    slow = asyncio.create_task(forge.git_source(place.target))
    await asyncio.sleep(0.1)
    await forge.git_source(place.target_of(other))
    assert not slow.done()
    await slow


async def test_a_token_is_renewed_before_it_ends(place: Place, forge: GitHubForge) -> None:
    first = await forge.git_source(place.target)
    place.clock.ahead = timedelta(minutes=45)
    assert await forge.git_source(place.target) == first
    place.clock.ahead = timedelta(minutes=51)
    assert await forge.git_source(place.target) != first


async def test_the_token_is_long_and_in_no_text(place: Place, forge: GitHubForge) -> None:
    source = await forge.git_source(place.target)
    assert len(source.token) > 500
    assert source.token not in repr(source)
    assert source.url == f"{place.github.url}/me/code.git"


@pytest.mark.parametrize("status", [401, 403])
async def test_a_young_token_gets_some_patience(
    place: Place, forge: GitHubForge, status: int
) -> None:
    place.github.world.young_refusals = (3, status)
    await forge.create_check_run(place.target, RUN, place.head, "https://x.example/")
    assert place.sleep.seconds == [0.5, 1.0, 2.0]
    assert len(minted(place)) == 1


async def test_the_patience_ends(place: Place, forge: GitHubForge) -> None:
    place.github.world.young_refusals = (99, 401)
    with pytest.raises(TransientError, match="401"):
        await forge.find_check_run(place.target, RUN, place.head)
    assert place.sleep.seconds == list(YOUNG_DELAYS_SECONDS)


async def test_an_old_token_that_is_refused_makes_way(place: Place, forge: GitHubForge) -> None:
    await forge.find_check_run(place.target, RUN, place.head)
    place.clock.ahead = timedelta(minutes=5)
    place.github.world.tokens.clear()
    await forge.find_check_run(place.target, RUN, place.head)
    assert len(minted(place)) == 1


async def test_an_old_token_without_the_permission_is_not_tried_again(
    place: Place, forge: GitHubForge
) -> None:
    await forge.find_check_run(place.target, RUN, place.head)
    place.clock.ahead = timedelta(minutes=5)
    for token in minted(place):
        token.permissions.clear()
    with pytest.raises(GoneError, match="not accessible"):
        await forge.find_check_run(place.target, RUN, place.head)
    assert place.sleep.seconds == []


async def test_every_key_is_tried_while_one_is_rotated(place: Place) -> None:
    old, _ = make_key()
    async with place.forge(place.credentials(old, place.github.app.private_key)) as forge:
        await forge.git_source(place.target)


async def test_when_no_key_is_accepted_an_operator_may_still_mend_it(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    wrong, _ = make_key()
    async with place.forge(place.credentials(wrong)) as forge:
        with caplog.at_level(logging.WARNING), pytest.raises(UnauthorizedError):
            await forge.git_source(place.target)
    assert "refuses the App's private key 1" in caplog.text


async def test_without_a_key_nothing_is_sent(place: Place) -> None:
    async with place.forge(place.credentials("")) as forge:
        with pytest.raises(PermanentError, match="not an RSA key"):
            await forge.git_source(place.target)


@pytest.mark.parametrize("body", [b"[]", b'{"token": "t"}', b'{"expires_at": "soon"}'])
async def test_an_answer_without_a_token_is_to_be_tried_again(
    place: Place, forge: GitHubForge, body: bytes
) -> None:
    place.github.faults.add("POST", "access_tokens", Fault(status=201, body=body))
    with pytest.raises(TransientError, match="holds no token"):
        await forge.git_source(place.target)
    assert await forge.git_source(place.target)


async def test_a_suspended_installation_is_gone(place: Place, forge: GitHubForge) -> None:
    await forge.find_check_run(place.target, RUN, place.head)
    await place.github.suspend(place.installation)
    with pytest.raises(GoneError, match="suspended"):
        await forge.find_check_run(place.target, RUN, place.head)
    with pytest.raises(GoneError, match="suspended"):
        await forge.git_source(place.target)


async def test_a_removed_installation_is_gone(place: Place, forge: GitHubForge) -> None:
    await forge.find_check_run(place.target, RUN, place.head)
    await place.github.uninstall(place.installation)
    with pytest.raises(GoneError):
        await forge.find_check_run(place.target, RUN, place.head)


async def test_a_repository_that_left_the_installation_is_gone(
    place: Place, forge: GitHubForge
) -> None:
    await place.github.change_repositories(place.installation, removed=[place.repository])
    with pytest.raises(GoneError, match="left the installation"):
        await forge.git_source(place.target)


async def test_no_log_line_and_no_error_holds_a_token(
    place: Place, forge: GitHubForge, caplog: pytest.LogCaptureFixture
) -> None:
    place.github.world.young_refusals = (99, 403)
    with caplog.at_level(logging.DEBUG), pytest.raises(GoneError) as raised:
        await forge.find_check_run(place.target, RUN, place.head)
    shown = caplog.text + repr(raised.value) + repr(raised.value.__cause__)
    assert "perhaps for its youth" in shown
    assert minted(place)
    for token in minted(place):
        assert token.value[:20] not in shown
