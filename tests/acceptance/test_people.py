"""People sign in to the real thing, and see what they can read on GitHub."""

from __future__ import annotations

import aiohttp

from tests.acceptance.test_buttons import second_run
from tests.support.app import Deployment, write_commit
from tests.support.people import Browser


async def test_a_private_report_is_for_those_who_can_read_it(lintbot: Deployment):
    lintbot.github.app.callback_urls = [f"http://localhost:{lintbot.port}/auth/callback"]
    repository, _ = await lintbot.add_repository("discreet", {"a.py": '"""A module."""\n'})
    await lintbot.github.set_private(repository, private=True)
    head = write_commit(repository, {"a.py": "import os\n"}, lintbot.head(repository))
    assert (await lintbot.check(repository, head)).conclusion == "failure"
    page = f"/gh/{repository.full_name}/runs/{head}"
    async with aiohttp.ClientSession(lintbot.url, cookie_jar=aiohttp.DummyCookieJar()) as session:
        owner, other = Browser(session, "discreet"), Browser(session, "somebody")
        for browser in (owner, other):
            assert (await browser.get(page)).status == 404
            assert (await browser.sign_in(page)).location == page
        assert "unused-import" in (await owner.get(page)).text
        assert (await other.get(page)).status == 404
        settings = f"/gh/{repository.full_name}/settings"
        form = {"csrf": await owner.csrf(settings), "do": "accept-baseline"}
        assert "linted again" in (await owner.post(settings, form)).text
        again = await second_run(lintbot, repository, head)
        assert (again.conclusion, "accepted" in again.title) == ("success", True)
        await lintbot.github.revoke_authorization("discreet")
        assert (await owner.get(page)).status == 404
        assert (await owner.get("/setup")).status == 410
