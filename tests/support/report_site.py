"""The badges, pages and API over real HTTP, with a catalog in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from lintbot.ports import Catalog
from lintbot.web.api import api_routes
from lintbot.web.badges import Badges, badge_routes
from lintbot.web.pages import page_routes
from lintbot.web.visibility import Visibility

Client = TestClient[web.Request, web.Application]


@asynccontextmanager
async def a_site(catalog: Catalog) -> AsyncIterator[Client]:
    app, visibility = web.Application(), Visibility(catalog)
    app.add_routes(badge_routes(Badges(catalog)))
    app.add_routes(api_routes(catalog, visibility))
    app.add_routes(
        page_routes(
            catalog,
            visibility,
            public_url="https://lint.example",
            github_url="https://github.example",
            install_url="https://github.example/apps/lintbot",
        )
    )
    async with TestClient(TestServer(app)) as client:
        yield client
