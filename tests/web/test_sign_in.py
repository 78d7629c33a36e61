"""Sign-in through the stand-in for GitHub: real HTTP, real cookies, a real database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from lintbot.billing.parting import Parting
from lintbot.errors import TransientError
from lintbot.model.ids import AccountId
from lintbot.standin.faults import BAD_GATEWAY, DROP_AFTER
from lintbot.standin.state import Repository
from lintbot.store.seal import FernetSeal
from lintbot.store.tables import person, session
from lintbot.web.sessions import COOKIE, SESSION_LIFE
from lintbot.web.sign_in import COOKIE as BEGUN
from tests.support.people import Town, open_town


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(tmp_path) as town:
        yield town


@pytest.fixture
async def secret(town: Town) -> Repository:
    """A private repository of *owner*, which *reader* may read."""
    await town.github.install("owner")
    repository = await town.github.add_repository("owner", "secret", private=True)
    repository.roles[town.github.world.account("reader").id] = "read"
    await town.push(repository)
    return repository


def count(town: Town, table: sa.Table) -> int:
    with town.database.read() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


async def test_somebody_signs_in_and_out(town: Town) -> None:
    browser = town.browser("octocat")
    assert "You are not signed in." in (await browser.get("/me")).text
    answer = await browser.sign_in("/gh/a/b?branch=x")
    assert (answer.status, answer.location) == (303, "/gh/a/b?branch=x")
    cookies = answer.headers.getall("Set-Cookie")
    given = next(it for it in cookies if it.startswith(f"{COOKIE}=") and "Max-Age=0" not in it)
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(given.split("; "))
    assert "Domain" not in given
    assert any(it.startswith(f"{BEGUN}=") and "Max-Age=0" in it for it in cookies)
    page = await browser.get("/me")
    assert "signed in as octocat" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "script" not in page.headers["Content-Security-Policy"]

    assert (await browser.post("/logout", {"csrf": "0" * 64})).status == 403
    assert (await browser.post("/logout", {})).status == 403
    kept = dict(browser.cookies)
    assert (await browser.post("/logout", {"csrf": await browser.csrf()})).location == "/"
    assert COOKIE not in browser.cookies
    browser.cookies = kept  # the cookie alone is worth nothing any more
    assert "You are not signed in." in (await browser.get("/me")).text
    assert (count(town, session), count(town, person)) == (0, 0)


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "evil",
        "/a\\b",
        "/%0d%0aX:y",
        "",
    ],
)
async def test_a_sign_in_leads_to_no_other_site(town: Town, path: str) -> None:
    location = (await town.browser("octocat").sign_in(path)).location
    assert location in {"/me", "/%0d%0aX:y", "/%0D%0AX:y"}


async def test_the_page_before_is_led_back_to(town: Town) -> None:
    for referer, path in (
        ("http://lint.example/gh/a/b", "/gh/a/b"),
        ("http://lint.example.evil.example/gh/a/b", "/me"),
        ("https://github.com/a/b", "/me"),
    ):
        browser = town.browser("octocat")
        begun = await browser.get("/login", Referer=referer)
        back = await browser.authorize(begun.location)
        assert (await browser.get(back)).location == path


async def test_a_sign_in_begun_elsewhere_is_refused(town: Town) -> None:
    attacker, victim = town.browser("attacker"), town.browser("victim")
    back = await attacker.authorize((await attacker.get("/login")).location)
    await victim.get("/login")
    for answer in (await victim.get(back), await town.browser().get(back)):
        assert answer.status == 400
        assert "another browser" in answer.text
    assert COOKIE not in victim.cookies
    assert (await attacker.get(back)).status == 303
    attacker.cookies[BEGUN] = "forged"
    assert (await attacker.get(back)).status == 400


async def test_a_code_is_good_once_and_only_with_its_verifier(town: Town) -> None:
    first, second = town.browser("octocat"), town.browser("octocat")
    back = await first.authorize((await first.get("/login")).location)
    begun = dict(first.cookies)
    assert (await first.get(back)).status == 303
    first.cookies = dict(begun)
    assert "used before" in (await first.get(back)).text
    # The same state, but another verifier: what a thief of the code would have.
    state, _, path = json.loads(town.entrance.seal.open(begun[BEGUN].encode()) or b"")
    stolen = await second.authorize(town.sign_in.authorize_url(state, "the right one"))
    forged = town.entrance.seal.close(json.dumps([state, "a wrong one", path]).encode())
    second.cookies[BEGUN] = forged.decode()
    assert (await second.get(stolen)).status == 400


async def test_who_refuses_on_github_is_not_signed_in(town: Town) -> None:
    town.github.world.refusing.add(town.github.world.account("shy").id)
    answer = await town.browser("shy").sign_in()
    assert answer.status == 400
    assert "You did not let GitHub tell" in answer.text


async def test_a_wrong_client_secret_is_the_operators_to_mend(town: Town) -> None:
    town.github.app.client_secret = "another one"
    answer = await town.browser("octocat").sign_in()
    assert (answer.status, "operator" in answer.text) == (503, True)


async def test_github_away_is_told(town: Town) -> None:
    town.github.faults.add("POST", "/login/oauth/access_token", BAD_GATEWAY)
    answer = await town.browser("octocat").sign_in()
    assert (answer.status, "cannot be reached" in answer.text) == (503, True)


async def test_a_session_ends(town: Town) -> None:
    browser = await town.visitor("octocat")
    town.clock.ahead = SESSION_LIFE + timedelta(seconds=1)
    assert "You are not signed in." in (await browser.get("/me")).text


async def test_tokens_are_encrypted_at_rest_and_cookies_are_not_kept(town: Town) -> None:
    browser = await town.visitor("octocat")
    issued = next(iter(town.github.world.user_tokens.values()))
    with town.database.read() as connection:
        kept = repr(connection.execute(person.select()).all())
        kept += repr(connection.execute(session.select()).all())
    for value in (issued.value, issued.refresh_value, browser.cookies[COOKIE]):
        assert value not in kept
    assert issued.value not in repr(town.entrance.people.load_tokens(issued.user.id))


async def test_private_is_seen_by_who_can_read_it_on_github(town: Town, secret: Repository) -> None:
    path = "/gh/owner/secret"
    owner, reader = await town.visitor("owner"), await town.visitor("reader")
    outsider, stranger = await town.visitor("outsider"), town.browser()
    for browser in (owner, reader):
        page = await browser.get(path)
        assert page.status == 200
        assert page.headers["Cache-Control"].startswith("private")
        assert (await browser.get("/gh/owner")).status == 200
    unknown = await stranger.get("/gh/owner/unknown")
    for browser in (outsider, stranger):
        assert (await browser.get(path)).told() == unknown.told()
        assert (await browser.get("/gh/owner")).told() == unknown.told()
    etag = (await owner.get(path)).headers["ETag"]
    assert (await stranger.get(path, **{"If-None-Match": etag})).told() == unknown.told()
    secret.roles.clear()
    assert (await reader.get(path)).told() == unknown.told()
    assert (await reader.get("/gh/owner")).told() == unknown.told()


async def test_while_github_is_away_nothing_is_told_either(town: Town, secret: Repository) -> None:
    outsider = await town.visitor("outsider")
    told = []
    for name in (secret.name, "unknown"):
        town.github.faults.add("GET", "/repos/owner/", BAD_GATEWAY)
        told.append((await outsider.get(f"/gh/owner/{name}")).told())
    assert told[0] == told[1]
    assert told[0][0] == 503


async def test_what_github_says_is_believed_for_a_while(tmp_path: Path) -> None:
    async with open_town(tmp_path, recheck_seconds=600.0) as town:
        await town.github.install("owner")
        await town.push(await town.github.add_repository("owner", "secret", private=True))
        owner = await town.visitor("owner")
        asked = len(town.github.rate_limit.used)
        for _ in range(3):
            assert (await owner.get("/gh/owner/secret")).status == 200
        assert asked == len(town.github.rate_limit.used)
        assert town.github.rate_limit.used[f"user {town.github.world.account('owner').id}"] == 2


async def test_expired_tokens_are_refreshed_once(town: Town, secret: Repository) -> None:
    owner, other = await town.visitor("owner"), await town.visitor("owner")
    town.github.expire_tokens()
    town.clock.ahead = timedelta(hours=8)
    before = set(town.github.world.user_tokens)
    answers = await asyncio.gather(
        *(browser.get("/gh/owner/secret") for browser in (owner, other) * 4)
    )
    assert [answer.status for answer in answers] == [200] * 8
    assert len(set(town.github.world.user_tokens) - before) == 1
    del secret


async def test_who_is_signed_out_on_github_is_signed_out_here(
    town: Town, secret: Repository
) -> None:
    owner = await town.visitor("owner")
    town.github.world.user_tokens.clear()  # and the event is late
    assert (await owner.get("/gh/owner/secret")).status == 404
    assert "You are not signed in." in (await owner.get("/me")).text
    again = await town.visitor("owner")
    assert (await again.get("/gh/owner/secret")).status == 200
    await town.github.revoke_authorization("owner")
    assert (await again.get("/gh/owner/secret")).status == 404
    assert (count(town, session), count(town, person)) == (0, 0)
    del secret


async def test_a_refresh_whose_answer_is_lost_ends_in_signing_in_again(
    town: Town, secret: Repository
) -> None:
    owner = await town.visitor("owner")
    town.github.expire_tokens()
    town.clock.ahead = timedelta(hours=8)
    town.github.faults.add("POST", "/login/oauth/access_token", DROP_AFTER)
    assert (await owner.get("/gh/owner/secret")).status == 503
    town.clock.ahead += timedelta(minutes=1)  # GitHub took the refresh token, and takes no other
    assert (await owner.get("/gh/owner/secret")).status == 404
    assert "You are not signed in." in (await owner.get("/me")).text
    await owner.sign_in()
    assert (await owner.get("/gh/owner/secret")).status == 200
    del secret


async def test_after_another_client_secret_people_sign_in_again(
    town: Town, secret: Repository
) -> None:
    owner = await town.visitor("owner")
    with town.database.write() as connection:
        connection.execute(person.update().values(tokens=FernetSeal("another").close(b"{}")))
    assert (await owner.get("/gh/owner/secret")).status == 404
    assert "You are not signed in." in (await owner.get("/me")).text
    del secret


async def test_after_an_installation_the_persons_own_token_says_whose_it_is(
    town: Town, secret: Repository
) -> None:
    (installation,) = town.github.world.installations_of(secret)
    address = f"/installed?installation_id={installation.id}"
    owner, stranger = town.browser("owner"), town.browser("stranger")
    asked = await owner.get(address)
    assert asked.status == 303
    assert asked.location == f"/login?next=/installed?installation_id%3D{installation.id}"
    assert (await owner.sign_in(address)).location == address
    assert (await owner.get(address)).location == "/gh/owner"
    assert secret.name in (await owner.get("/gh/owner")).text
    await stranger.sign_in()
    for number in (installation.id, 1, "x", "9" * 30, "%D9%A1"):
        led = await stranger.get(f"/installed?installation_id={number}")
        assert (led.status, led.headers.get("Location")) == (303, "/me"), number
    assert (await owner.get("/installed?setup_action=request")).location == "/me"


async def test_a_customer_who_leaves_is_signed_out_everywhere(town: Town) -> None:
    parting = Parting(people=town.entrance.people, sign_in=town.sign_in)
    leaving, staying = await town.visitor("leaving"), await town.visitor("staying")
    elsewhere = await town.visitor("leaving")
    account_id = AccountId(town.github.world.account("leaving").id)
    for _ in range(2):
        await parting.part(account_id)
        assert "You are not signed in." in (await leaving.get("/me")).text
        assert "You are not signed in." in (await elsewhere.get("/me")).text
    assert "signed in as staying" in (await staying.get("/me")).text
    assert (count(town, person), count(town, session)) == (1, 1)
    # Of the first of two sign-ins nothing was stored any more: the second's tokens took its place.
    left = [it.user.login for it in town.github.world.user_tokens.values()]
    assert sorted(left) == ["leaving", "staying"]


async def test_while_github_does_not_answer_a_customers_tokens_are_forgotten(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    parting = Parting(people=town.entrance.people, sign_in=town.sign_in)
    await town.visitor("leaving")
    town.github.faults.add("DELETE", "/applications/", BAD_GATEWAY)
    await parting.part(AccountId(town.github.world.account("leaving").id))
    assert count(town, person) == 0
    assert "only forgotten, not revoked" in caplog.text


async def test_a_token_that_is_worth_nothing_can_be_revoked(town: Town) -> None:
    await town.sign_in.revoke("ghu_unknown")
    town.github.app.client_secret = "another"
    with pytest.raises(TransientError, match="401"):
        await town.sign_in.revoke("ghu_unknown")
