"""The badges, pages, feeds and API over real HTTP, with a catalog in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from lintbot.ports import Catalog, PackageCatalog, Reports, TrustReports
from lintbot.web.api import api_routes
from lintbot.web.badges import Badges, badge_routes
from lintbot.web.site import make_site, site_routes
from lintbot.web.trust import trust_routes
from lintbot.web.visibility import Visibility
from tests.support.trust_values import FakePackages, FakeReports

Client = TestClient[web.Request, web.Application]


@asynccontextmanager
async def a_site(
    catalog: Catalog,
    trust: TrustReports | None = None,
    *,
    reports: Reports | None = None,
    packages: PackageCatalog | None = None,
) -> AsyncIterator[Client]:
    """``FakeCatalog`` is reports too."""
    app, visibility = web.Application(), Visibility(catalog)
    trust = trust or FakeReports()
    site, stylesheet = make_site(
        public_url="https://lint.example",
        github_url="https://github.example",
        install_url="https://github.example/apps/lintbot",
        example="octo/project",
    )
    app.add_routes(badge_routes(Badges(catalog, load_trust=trust.load)))
    app.add_routes(trust_routes(visibility, trust))
    app.add_routes(api_routes(catalog, reports or catalog, visibility))
    app.add_routes(
        [
            stylesheet,
            *site_routes(
                site,
                catalog,
                reports or catalog,
                visibility,
                trust=trust,
                packages=packages or FakePackages(),
                read_statement=None,
            ),
        ]
    )
    async with TestClient(TestServer(app)) as client:
        yield client
