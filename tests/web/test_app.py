from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from lintbot.errors import TransientError
from tests.support.hook_site import FakeInbox, a_hook_site

EVERYWHERE = ["/", "/healthz", "/readyz", "/metrics", "/badge/a/b.svg", "/gh/a/b", "/nowhere"]


@pytest.mark.parametrize("path", EVERYWHERE)
async def test_every_answer_has_safe_headers_and_no_banner(path: str):
    async with a_hook_site(FakeInbox()) as client, client.get(path) as response:
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert len(response.headers.getall("Content-Security-Policy")) == 1
        assert "Server" not in response.headers


def fails_with(error: Exception) -> web.RouteDef:
    async def handler(_: web.Request) -> web.Response:
        raise error

    typed: Callable[[web.Request], Awaitable[web.Response]] = handler
    return web.get("/test", typed)


async def test_an_unexpected_error_shows_a_number_and_nothing_else(
    caplog: pytest.LogCaptureFixture,
):
    async with (
        a_hook_site(FakeInbox(), routes=(fails_with(KeyError("a secret")),)) as client,
        client.get("/test") as response,
    ):
        assert response.status == 500
        text = await response.text()
    assert "secret" not in text
    (record,) = [r for r in caplog.records if r.exc_info]
    assert record.__dict__["reference"] in text


async def test_a_database_that_is_away_asks_for_patience():
    routes = (fails_with(TransientError("db.internal is away")),)
    async with a_hook_site(FakeInbox(), routes=routes) as client, client.get("/test") as response:
        assert response.status == 503
        assert response.headers["Retry-After"]
        assert "db.internal" not in await response.text()


async def test_an_answer_on_purpose_goes_through():
    routes = (fails_with(web.HTTPGone()),)
    async with a_hook_site(FakeInbox(), routes=routes) as client, client.get("/test") as response:
        assert response.status == 410


async def test_a_request_to_a_page_is_small():
    async def read(request: web.Request) -> web.Response:
        await request.read()
        return web.Response()

    async with (
        a_hook_site(FakeInbox(), routes=(web.post("/test", read),)) as client,
        client.post("/test", data=b" " * 70_000) as response,
    ):
        assert response.status == 413
