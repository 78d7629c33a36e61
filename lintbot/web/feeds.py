"""Shell: feeds of repositories and accounts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from lintbot.errors import TransientError
from lintbot.model.repository import Repository
from lintbot.ports import PackageCatalog, Reports, TrustReports
from lintbot.report.feed import (
    MAX_ENTRIES,
    FeedView,
    account_feed,
    feed_json,
    render_atom,
    repository_feed,
)
from lintbot.report.html import Site
from lintbot.report.packages import dependency_entries, hand_off_entries
from lintbot.web.answers import NOT_FOUND, OK, UNAVAILABLE, make_answer
from lintbot.web.visibility import Visibility, is_name, viewer_of

FEED_RUNS = 60
"""Of a repository: so far back its feed looks."""
EVENTS = 10 * MAX_ENTRIES
"""Of required packages: more than a feed shows, for some do not concern the repository."""
ACCOUNT_REPOSITORIES = 30
"""Those that were judged last; the others have no news."""
ACCOUNT_RUNS = 20

_ATOM, _JSON = "application/atom+xml", "application/feed+json"
_NOSNIFF = {"X-Content-Type-Options": "nosniff"}
_MakeFeed = Callable[[web.Request], Awaitable[FeedView | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeds:
    """Answers for feeds; ``{form}`` of the route is ``atom`` or ``json``."""

    reports: Reports
    packages: PackageCatalog
    trust: TrustReports
    visibility: Visibility
    site: Site

    async def repository(self, request: web.Request) -> web.Response:
        """Answer ``GET /gh/{owner}/{repo}/feed.{form}``."""
        return await answer_feed(request, self._repository)

    async def account(self, request: web.Request) -> web.Response:
        """Answer ``GET /gh/{owner}/feed.{form}``."""
        return await answer_feed(request, self._account)

    async def _repository(self, request: web.Request) -> FeedView | None:
        path = request.match_info
        found = await self.visibility.find(viewer_of(request), path["owner"], path["repo"])
        return await asyncio.to_thread(self._of_repository, found) if found else None

    def _of_repository(self, repository: Repository) -> FeedView:
        runs = self.reports.overviews(repository.id, repository.default_branch, FEED_RUNS)
        events = self.packages.events_of(repository.id, EVENTS)
        report = self.trust.load(repository.id)
        entries = dependency_entries(self.site.public_url, repository, events, report)
        entries += hand_off_entries(self.site.public_url, repository, report)
        return repository_feed(self.site.public_url, repository, runs, entries)

    async def _account(self, request: web.Request) -> FeedView | None:
        owner = request.match_info["owner"]
        if not is_name(owner):
            return None
        every = await asyncio.to_thread(self.reports.list_repositories, owner)
        visible = await self.visibility.keep_visible(viewer_of(request), owner, every)
        return await asyncio.to_thread(self._of_account, visible) if visible else None

    def _of_account(self, visible: tuple[Repository, ...]) -> FeedView:
        latest = self.reports.latest_summaries(visible)
        judged = [repository for repository in visible if repository.id in latest]
        judged.sort(key=lambda it: latest[it.id].received_at, reverse=True)
        shown = judged[:ACCOUNT_REPOSITORIES] or visible[:1]
        runs = [
            (it, self.reports.overviews(it.id, it.default_branch, ACCOUNT_RUNS)) for it in shown
        ]
        return account_feed(self.site.public_url, runs)


def feed_routes(feeds: Feeds) -> list[web.RouteDef]:
    """Return the routes of the feeds; they go before those of the pages."""
    return [
        web.get("/gh/{owner}/feed.{form:atom|json}", feeds.account),
        web.get("/gh/{owner}/{repo}/feed.{form:atom|json}", feeds.repository),
    ]


async def answer_feed(request: web.Request, make_feed: _MakeFeed) -> web.Response:
    """Answer with a feed, in the form that the route names."""
    try:
        feed = await make_feed(request)
    except TransientError:
        away = b"The database is out of reach, please try again.\n"
        return make_answer(request, UNAVAILABLE, away, "text/plain", _NOSNIFF)
    if feed is None:
        return make_answer(request, NOT_FOUND, b"There is nothing here.\n", "text/plain", _NOSNIFF)
    if request.match_info["form"] == "json":
        return make_answer(request, OK, json.dumps(feed_json(feed)).encode(), _JSON, _NOSNIFF)
    return make_answer(request, OK, render_atom(feed), _ATOM, _NOSNIFF)
