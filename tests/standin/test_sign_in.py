"""GitHub's sign-in and what an App may ask in somebody's name, by plain HTTP."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import aiohttp
import pytest
from yarl import URL

from lintbot.github.sign_in import make_challenge
from lintbot.standin.sign_in import USER_COOKIE
from tests.support.github import Asker, Place

CALLBACK = "https://lint.example/auth/callback"


@pytest.fixture(autouse=True)
def registered(place: Place) -> None:
    place.github.app.callback_urls.append(CALLBACK)


async def authorize(place: Place, login: str = "me", **query: str) -> URL:
    asked = {"client_id": place.github.app.client_id, "state": "s", **query}
    url = URL(f"{place.github.url}/login/oauth/authorize") % asked
    cookies = {USER_COOKIE: login} if login else {}
    async with (
        aiohttp.ClientSession(
            cookies=cookies, cookie_jar=aiohttp.CookieJar(unsafe=True)
        ) as browser,
        browser.get(url, allow_redirects=False) as response,
    ):
        return URL(response.headers["Location"])


async def exchange(place: Place, accept: str = "application/json", **form: str) -> Any:
    app = place.github.app
    sent = {"client_id": app.client_id, "client_secret": app.client_secret, **form}
    url = f"{place.github.url}/login/oauth/access_token"
    headers = {"Accept": accept}
    async with aiohttp.ClientSession() as app_, app_.post(url, data=sent, headers=headers) as it:
        assert it.status == 200, "GitHub says 200 also when it refuses"
        return await (it.json() if "json" in accept else it.text())


async def sign_in(place: Place, asker: Asker, login: str) -> dict[str, Any]:
    code = (await authorize(place, login)).query["code"]
    granted: dict[str, Any] = await exchange(place, code=code)
    asker.token = granted["access_token"]
    return granted


async def test_a_code_becomes_a_token_once(place: Place, asker: Asker) -> None:
    back = await authorize(
        place,
        redirect_uri=CALLBACK,
        code_challenge=make_challenge("v"),
        code_challenge_method="S256",
    )
    assert (str(back.with_query(None)), back.query["state"]) == (CALLBACK, "s")
    right = {"code": back.query["code"], "redirect_uri": CALLBACK, "code_verifier": "v"}
    granted = await exchange(place, **right)
    assert granted["access_token"].startswith("ghu_")
    assert granted["refresh_token"].startswith("ghr_")
    assert (granted["token_type"], granted["scope"]) == ("bearer", "")
    assert 28_790 <= granted["expires_in"] <= 28_800
    assert (await exchange(place, **right))["error"] == "bad_verification_code"
    asker.token = granted["access_token"]
    status, user, _ = await asker.ask("GET", "/user")
    assert (status, user["login"], user["type"]) == (200, "me", "User")


async def test_what_github_refuses(place: Place) -> None:
    assert (await authorize(place, "")).path == "/login"
    other = await authorize(place, redirect_uri="https://evil.example/")
    assert (other.host, other.query["error"]) == ("lint.example", "redirect_uri_mismatch")
    challenged = {"code_challenge": make_challenge("v"), "code_challenge_method": "S256"}
    code = (await authorize(place, **challenged)).query["code"]
    assert (await exchange(place, code=code))["error"] == "bad_verification_code"
    refused = await exchange(place, code="x", client_secret="wrong")
    assert refused["error"] == "incorrect_client_credentials"
    form = parse_qs(await exchange(place, accept="*/*", code="x"))
    assert form["error"] == ["bad_verification_code"]


async def test_a_refresh_token_is_good_once_and_kills_the_access_token(
    place: Place, asker: Asker
) -> None:
    old = await sign_in(place, asker, "me")
    form = {"grant_type": "refresh_token", "refresh_token": old["refresh_token"]}
    new = await exchange(place, **form)
    assert (await exchange(place, **form))["error"] == "bad_refresh_token"
    assert (await asker.ask("GET", "/user"))[0] == 401
    asker.token = new["access_token"]
    assert (await asker.ask("GET", "/user"))[0] == 200


async def test_a_person_reaches_what_both_they_and_the_app_reach(
    place: Place, asker: Asker
) -> None:
    repository = place.repository
    aside = await place.github.add_repository("you", "aside", private=True)
    aside.roles[place.github.world.account("reader").id] = "admin"
    repository.roles[place.github.world.account("reader").id] = "read"
    await sign_in(place, asker, "reader")
    status, got, _ = await asker.ask("GET", "/repos/me/code")
    assert (status, got["permissions"]["pull"], got["permissions"]["admin"]) == (200, True, False)
    assert (await asker.ask("GET", "/repos/you/aside"))[0] == 404, "the App is not there"
    _, listed, _ = await asker.ask("GET", "/user/installations")
    assert [it["id"] for it in listed["installations"]] == [place.installation.id]
    path = f"/user/installations/{place.installation.id}/repositories"
    _, listed, _ = await asker.ask("GET", path)
    assert [it["full_name"] for it in listed["repositories"]] == ["me/code"]
    await sign_in(place, asker, "stranger")
    assert (await asker.ask("GET", "/repos/me/code"))[0] == 404
    assert (await asker.ask("GET", "/user/installations"))[1]["total_count"] == 0
    assert (await asker.ask("GET", path))[0] == 404


async def test_each_token_opens_its_own_doors_of_people(place: Place, asker: Asker) -> None:
    assert (await asker.ask("GET", "/user"))[0] == 403, "an installation is nobody"
    await sign_in(place, asker, "me")
    assert (await asker.ask("GET", "/installation/repositories"))[0] == 403
    assert (await asker.ask("POST", "/repos/me/code/check-runs", {}))[0] in {403, 404}
    asker.token = ""
    assert (await asker.ask("GET", "/user"))[0] == 401
