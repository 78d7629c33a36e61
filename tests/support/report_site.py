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
from lintbot.web.trust import trust_routes
from lintbot.web.visibility import Visibility
from tests.support.trust_values import FakeReports

Client = TestClient[web.Request, web.Application]


@asynccontextmanager
async def a_site(catalog: Catalog, reports: FakeReports | None = None) -> AsyncIterator[Client]:
    app, visibility = web.Application(), Visibility(catalog)
    reports = reports or FakeReports()
    app.add_routes(badge_routes(Badges(catalog, load_trust=reports.load)))
    app.add_routes(trust_routes(visibility, reports))
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
