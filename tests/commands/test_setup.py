"""``lintbot setup`` through the stand-in for GitHub, in a browser that is played by hand."""

from __future__ import annotations

import asyncio
import html
import io
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from rich.console import Console
from yarl import URL

from lintbot.errors import UserError
from lintbot.github.as_app import AppCredentials
from lintbot.github.manifest import EVENTS, PERMISSIONS, make_manifest
from lintbot.github.registration import convert_manifest, read_registration
from lintbot.settings import load_settings, read_environment
from lintbot.setup import SetupOptions, SetupTools, check_beginning, run_setup
from lintbot.standin.faults import SERVER_ERROR
from lintbot.standin.server import StandIn
from lintbot.standin.sign_in import USER_COOKIE


@dataclass
class Begun:
    github: StandIn
    task: asyncio.Task[int]
    url: URL
    env_file: Path
    browser: aiohttp.ClientSession
    console: io.StringIO

    async def get(self, url: URL | str) -> tuple[int, str]:
        async with self.browser.get(url, allow_redirects=False) as response:
            return response.status, await response.text()

    async def press(self, page: str) -> URL:
        """Send the form of the first page to GitHub; return where it leads back to."""
        action = html.unescape(re.search(r'<form action="([^"]+)" method="post">', page)[1])
        manifest = html.unescape(re.search(r'name="manifest" value="([^"]+)"', page)[1])
        cookies = {USER_COOKIE: "operator"}
        async with (
            aiohttp.ClientSession(cookies=cookies, cookie_jar=aiohttp.CookieJar(unsafe=True)) as on,
            on.post(action, data={"manifest": manifest}, allow_redirects=False) as response,
        ):
            assert response.status == 302, await response.text()
            return URL(response.headers["Location"])


@asynccontextmanager
async def begin(tmp_path: Path) -> AsyncIterator[Begun]:
    shown: asyncio.Queue[str] = asyncio.Queue()
    loop, output, env_file = asyncio.get_running_loop(), io.StringIO(), tmp_path / ".env"
    async with StandIn(tmp_path) as github:
        environ = {
            "PORT": "0",
            "LINTBOT_DATA_DIR": str(tmp_path),
            "LINTBOT_GITHUB_URL": github.url,
            "LINTBOT_GITHUB_API_URL": github.api_url,
            "LINTBOT_PUBLIC_URL": "https://lint.example",
        }
        tools = SetupTools(
            make_manifest=make_manifest,
            convert=convert_manifest,
            browse=lambda url: loop.call_soon_threadsafe(shown.put_nowait, url),
            linger_seconds=0.0,
        )
        options = SetupOptions(name="lintbot of ours", env_file=env_file)
        settings = load_settings(environ, app_required=False)
        console = Console(file=output, width=300)
        task = asyncio.create_task(run_setup(settings, options, tools, console))
        try:
            async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
                url = URL(await shown.get()).with_host("127.0.0.1")
                yield Begun(github, task, url, env_file, browser, output)
        finally:
            task.cancel()


async def test_the_app_is_registered_and_its_credentials_written(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# mine\nLINTBOT_SLOTS=3\n")
    (tmp_path / ".env").chmod(0o644)
    async with begin(tmp_path) as begun:
        assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600, "before anything is written"
        status, page = await begun.get(begun.url)
        assert status == 200
        back = await begun.press(page)
        assert (back.path, back.origin()) == ("/setup/created", begun.url.origin())
        status, page = await begun.get(back)
        assert (status, "lintbot of ours is registered" in page) == (200, True)
        assert await begun.task == 0
        app = next(a for a in begun.github.world.apps.values() if a.name == "lintbot of ours")
        assert app.hook_url == "https://lint.example/webhooks/github"
        assert app.callback_urls == ["https://lint.example/auth/callback"]
        assert (app.permissions, tuple(app.events)) == (dict(PERMISSIONS), EVENTS)
        for secret in (app.client_secret, app.webhook_secret, app.private_key):
            assert secret not in page + begun.console.getvalue()
        assert begun.env_file.stat().st_mode & 0o777 == 0o600
        settings = load_settings(read_environment(tmp_path))
        assert (settings.app_id, settings.client_id, settings.slots) == (app.id, app.client_id, 3)
        assert settings.client_secret == app.client_secret
        assert settings.webhook_secrets == (app.webhook_secret,)
        credentials = AppCredentials(
            app_id=app.id, issuer=settings.client_id, private_keys=settings.private_keys
        )
        registered = await read_registration(credentials, begun.github.api_url)
        assert registered.permissions == dict(PERMISSIONS)


async def test_only_the_browser_that_began_it_may_end_it(tmp_path: Path) -> None:
    async with begin(tmp_path) as begun:
        assert (await begun.get(begun.url.with_query({})))[0] == 404
        assert (await begun.get(begun.url.with_query(key="guessed")))[0] == 404
        _, page = await begun.get(begun.url)
        back = await begun.press(page)
        async with aiohttp.ClientSession() as other, other.get(back) as response:
            assert response.status == 400
        assert (await begun.get(back.update_query(state="forged")))[0] == 400
        begun.github.faults.add("POST", "/app-manifests/", SERVER_ERROR)
        assert (await begun.get(back))[0] == 502
        assert (await begun.get(back))[0] == 200, "GitHub was away only once"


async def test_for_an_organisation(tmp_path: Path) -> None:
    async with begin(tmp_path) as begun:
        _, page = await begun.get(begun.url.update_query(organization="octo-org"))
        assert f'action="{begun.github.url}/organizations/octo-org/settings/apps/new?' in page
        assert (await begun.get(begun.url.update_query(organization="a/b")))[0] == 400


def test_what_cannot_end_well_does_not_begin() -> None:
    set_up = load_settings({"LINTBOT_APP_ID": "7"}, app_required=False)
    with pytest.raises(UserError, match="set up already, as App 7"):
        check_beginning(set_up, "https://lint.example/webhooks/github")
    fresh = load_settings({}, app_required=False)
    with pytest.raises(UserError, match="LINTBOT_PUBLIC_URL"):
        check_beginning(fresh, f"{fresh.public_url}/webhooks/github")
    check_beginning(fresh, "https://forwards.example/channel")


def test_the_manifest_keeps_githubs_limits() -> None:
    manifest = make_manifest(
        name="n" * 60, public_url="https://a.b", webhook_url="https://c.d", redirect_url="http://e"
    )
    assert len(str(manifest["name"])) == 34
    assert json.loads(json.dumps(manifest)) == manifest
