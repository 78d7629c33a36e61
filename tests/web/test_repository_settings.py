"""The settings of a repository: who may change them, and what then happens."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lintbot.standin.state import Repository
from lintbot.web import badges
from tests.support.people import Browser, Town, open_town

HERE = "/gh/owner/secret/settings"
BADGE = "/badge/owner/secret.svg"


@pytest.fixture
async def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    monkeypatch.setattr(badges, "FRESH_SECONDS", -1.0)
    async with open_town(tmp_path) as town:
        yield town


@pytest.fixture
async def secret(town: Town) -> Repository:
    await town.github.install("owner")
    repository = await town.github.add_repository("owner", "secret", private=True)
    repository.roles[town.github.world.account("writer").id] = "write"
    await town.push(repository)
    return repository


async def do(browser: Browser, action: str, **fields: str) -> str:
    form = {"csrf": await browser.csrf(HERE), "do": action, **fields}
    answer = await browser.post(HERE, form)
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    return answer.text


async def test_a_badge_token_is_made_rotated_and_revoked(town: Town, secret: Repository) -> None:
    owner, stranger = await town.visitor("owner"), town.browser()
    unknown = (await stranger.get("/badge/owner/unknown.svg")).told()
    assert (await stranger.get(BADGE)).told() == unknown

    def token_in(page: str) -> str:
        found = re.search(r"/badge/owner/secret\.svg\?token=([\w-]{32})<", page)
        assert found is not None
        return found.group(1)

    first = token_in(await do(owner, "make-token"))
    assert first not in (await owner.get(HERE)).text, "shown once"
    assert "lint: " in (await stranger.get(f"{BADGE}?token={first}")).text
    assert "unknown" not in (await stranger.get(f"{BADGE}?token={first}")).text
    assert (await stranger.get(f"/gh/owner/secret?token={first}")).status == 404, "only the badge"
    second = token_in(await do(owner, "make-token"))
    for token in (first, "x", f"{second}x", "%00", "%F0%9F%98%80"):
        assert (await stranger.get(f"{BADGE}?token={token}")).told() == unknown
    assert "unknown" not in (await stranger.get(f"{BADGE}?token={second}")).text
    await do(owner, "revoke-token")
    assert (await stranger.get(f"{BADGE}?token={second}")).told() == unknown
    del secret


async def test_after_removal_and_return_an_old_token_is_worth_nothing(
    town: Town, secret: Repository
) -> None:
    owner = await town.visitor("owner")
    page = await do(owner, "make-token")
    token = page.partition("?token=")[2][:32]
    installation = next(iter(town.github.world.installations.values()))
    unknown = (await owner.get("/badge/owner/unknown.svg")).told()
    await town.github.uninstall(installation)
    assert (await owner.get(f"{BADGE}?token={token}")).told() == unknown
    await town.github.install("owner")
    await town.push(secret)
    assert (await owner.get(HERE)).status == 200
    assert (await owner.get(f"{BADGE}?token={token}")).told() == unknown


async def test_only_admins_and_only_from_their_own_page(town: Town, secret: Repository) -> None:
    owner, writer = await town.visitor("owner"), await town.visitor("writer")
    outsider, stranger = await town.visitor("outsider"), town.browser()
    missing = (await outsider.get("/gh/owner/unknown/settings")).told()
    assert (await writer.get("/gh/owner/secret")).status == 200
    for browser in (writer, outsider):
        assert (await browser.get(HERE)).told() == missing
        form = {"do": "make-token", "csrf": await browser.csrf()}
        assert (await browser.post(HERE, form)).told() == missing
    for path in (HERE, "/gh/owner/unknown/settings"):
        answer = await stranger.get(path)
        assert (answer.status, answer.body) == (303, b"")
        assert answer.location == f"/login?next={path.replace('/', '%2F')}"
    for form in ({"do": "delete", "name": "owner/secret"}, {"do": "make-token", "csrf": "0" * 64}):
        answer = await owner.post(HERE, form)
        assert (answer.status, "Nothing was done" in answer.text) == (403, True)
    assert "There is a token" not in (await owner.get(HERE)).text
    secret.owner = town.github.world.account("buyer")  # sold, and nobody told lintbot yet
    assert (await owner.get(HERE)).told() == missing


async def test_a_public_repository_has_settings_for_admins_only(town: Town) -> None:
    await town.github.install("owner")
    await town.push(await town.github.add_repository("owner", "open"))
    owner, outsider = await town.visitor("owner"), await town.visitor("outsider")
    assert "needs no token" in (await owner.get("/gh/owner/open/settings")).text
    missing = (await outsider.get("/gh/owner/unknown/settings")).told()
    assert (await outsider.get("/gh/owner/open/settings")).told() == missing


async def test_findings_are_accepted_and_no_longer(town: Town, secret: Repository) -> None:
    owner = await town.visitor("owner")
    assert "No findings are accepted." in (await owner.get(HERE)).text
    page = await do(owner, "accept-baseline")
    assert "the commit is linted again" in page
    assert "1 finding" in page
    assert "No findings are accepted." in await do(owner, "revoke-baseline")
    assert "that is no setting" in await do(owner, "format-disk")
    del secret


async def test_data_is_deleted_when_its_name_is_typed(town: Town, secret: Repository) -> None:
    owner = await town.visitor("owner")
    await do(owner, "make-token")
    await do(owner, "accept-baseline")
    assert "Nothing was deleted" in await do(owner, "delete", name="owner/other")
    assert "9.42" in (await owner.get("/gh/owner/secret")).text
    page = await do(owner, "delete", name=" Owner/Secret ")
    assert "is deleted" in page
    assert "There is a token" not in page
    assert "No findings are accepted." in page
    assert "9.42" not in (await owner.get("/gh/owner/secret")).text
    await town.push(secret)
    assert "9.42" in (await owner.get("/gh/owner/secret")).text
