"""Shell: pages, feeds and data of packages of the index."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass

from aiohttp import web

from lintbot.ports import PackageCatalog
from lintbot.report.feed import FeedView
from lintbot.report.packages import (
    LOUD,
    PackageView,
    package_feed,
    package_json,
    removals_feed,
    render_package,
    render_packages,
)
from lintbot.requirements.names import normalise
from lintbot.web.api import Found, json_handler
from lintbot.web.feeds import answer_feed
from lintbot.web.html import Html

MAX_EVENTS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagePages:
    """Answers under ``/pypi``; every name is answered, whether the index has it or not."""

    packages: PackageCatalog
    html: Html

    async def every(self, request: web.Request) -> web.Response:
        """Answer ``GET /pypi``; ``?name=`` leads to a package."""
        name = normalise(request.query.get("name", "").strip())
        if name:
            raise web.HTTPSeeOther(f"/pypi/{name}")
        return await self.html.make(request, self._every)

    async def package(self, request: web.Request) -> web.Response:
        """Answer ``GET /pypi/{name}``; a name in another spelling leads to the normalised one."""
        asked = request.match_info["name"]
        name = normalise(asked)
        if name and name != asked:
            raise web.HTTPMovedPermanently(f"/pypi/{name}")
        return await self.html.make(request, self._package)

    async def json(self, request: web.Request) -> Found | None:
        """Read ``/api/v1/pypi/{name}``."""
        view = await self._read(request)
        return Found(json.dumps(package_json(view)).encode()) if view else None

    async def feed(self, request: web.Request) -> web.Response:
        """Answer ``GET /pypi/{name}/feed.{form}``."""
        return await answer_feed(request, self._feed)

    async def removals(self, request: web.Request) -> web.Response:
        """Answer ``GET /pypi/feed.{form}``."""
        return await answer_feed(request, self._removals)

    async def _every(self, _: web.Request) -> str:
        events = await asyncio.to_thread(self.packages.events, None, LOUD, MAX_EVENTS)
        return await asyncio.to_thread(render_packages, self.html.site, events)

    async def _package(self, request: web.Request) -> str | None:
        view = await self._read(request)
        return await asyncio.to_thread(render_package, self.html.site, view) if view else None

    async def _read(self, request: web.Request) -> PackageView | None:
        name = normalise(request.match_info["name"])
        return await asyncio.to_thread(self._view, name) if name else None

    def _view(self, name: str) -> PackageView:
        report, trouble, waiting = self.packages.wish(name)
        return PackageView(
            name=name,
            seen=self.packages.show(name),
            report=report,
            trouble=trouble,
            waiting=waiting,
            events=self.packages.events(name, None, MAX_EVENTS),
        )

    async def _feed(self, request: web.Request) -> FeedView | None:
        name = normalise(request.match_info["name"])
        if not name:
            return None
        events = await asyncio.to_thread(self.packages.events, name, None, MAX_EVENTS)
        return package_feed(self.html.site.public_url, name, events)

    async def _removals(self, _: web.Request) -> FeedView:
        events = await asyncio.to_thread(self.packages.events, None, LOUD, MAX_EVENTS)
        return removals_feed(self.html.site.public_url, events)


def package_routes(pages: PackagePages) -> list[web.RouteDef]:
    """Return the routes of packages. No normalised name has a dot, so the feed is none."""
    return [
        web.get("/pypi", pages.every),
        web.get("/pypi/feed.{form:atom|json}", pages.removals),
        web.get("/pypi/{name}", pages.package),
        web.get("/pypi/{name}/feed.{form:atom|json}", pages.feed),
        web.get("/api/v1/pypi/{name}", json_handler(pages.json)),
    ]
