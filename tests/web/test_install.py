"""The way to install the App."""

from __future__ import annotations

from lintbot.errors import TransientError
from tests.support.hook_site import FakeInbox, a_hook_site


async def test_the_button_leads_to_github_whose_answer_is_asked_for_once() -> None:
    answers: list[str | Exception] = [TransientError("away"), "lint-bot"]

    async def find_slug() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async with a_hook_site(FakeInbox(), find_slug=find_slug) as client:
        async with client.get("/") as response:
            assert 'href="/install"' in await response.text()
        async with client.get("/install", allow_redirects=False) as response:
            assert response.status == 503
            assert "Back in a moment" in await response.text()
        for _ in range(2):
            async with client.get("/install", allow_redirects=False) as response:
                assert response.status == 303
                there = "https://github.example/apps/lint-bot/installations/new"
                assert response.headers["Location"] == there


async def test_without_an_app_there_is_no_button() -> None:
    async with a_hook_site(FakeInbox()) as client:
        async with client.get("/") as response:
            assert "/install" not in await response.text()
        async with client.get("/install") as response:
            assert response.status == 404
