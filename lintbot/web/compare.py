"""Shell: repositories side by side."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass

from aiohttp import web

from lintbot.errors import TransientError
from lintbot.model.repository import Repository
from lintbot.ports import Catalog, Reports, TrustReports
from lintbot.report.compare import (
    MAX_REPOSITORIES,
    Column,
    compare_csv,
    compare_json,
    render_compare,
)
from lintbot.report.trend import make_trend
from lintbot.web.answers import BAD_REQUEST, OK, UNAVAILABLE, make_answer
from lintbot.web.html import Html
from lintbot.web.visibility import Visibility, is_name, viewer_of

TREND_RUNS = 50
_NOSNIFF = {"X-Content-Type-Options": "nosniff"}
_AWAY = b"The database is out of reach, please try again.\n"


class BadQueryError(Exception):
    """What was asked cannot be compared; the text says why, to people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """Answers under ``/compare``."""

    catalog: Catalog
    reports: Reports
    trust: TrustReports
    visibility: Visibility
    html: Html

    async def page(self, request: web.Request) -> web.Response:
        """Answer ``GET /compare?repos=a/b,c/d``; without a query: the form."""
        asked = request.query.get("repos", "")
        if not asked.strip():
            return self.html.answer(request, render_compare(self.html.site, (), ""))
        try:
            names = parse_names(asked)
        except BadQueryError as error:
            text = render_compare(self.html.site, (), asked, str(error))
            return self.html.answer(request, text, status=BAD_REQUEST)

        async def make(request: web.Request) -> str:
            columns = await self._columns(request, names)
            return await asyncio.to_thread(render_compare, self.html.site, columns, asked)

        return await self.html.make(request, make)

    async def json(self, request: web.Request) -> web.Response:
        """Answer ``GET /compare.json?repos=…``."""
        try:
            columns = await self._columns(request, parse_names(request.query.get("repos", "")))
        except BadQueryError as error:
            return _json(request, BAD_REQUEST, {"error": str(error)})
        except TransientError:
            return _json(request, UNAVAILABLE, {"error": _AWAY.decode().strip()})
        return _json(request, OK, compare_json(columns))

    async def csv(self, request: web.Request) -> web.Response:
        """Answer ``GET /compare.csv?repos=…``."""
        try:
            columns = await self._columns(request, parse_names(request.query.get("repos", "")))
        except BadQueryError as error:
            return make_answer(request, BAD_REQUEST, f"{error}\n".encode(), "text/plain", _NOSNIFF)
        except TransientError:
            return make_answer(request, UNAVAILABLE, _AWAY, "text/plain", _NOSNIFF)
        headers = _NOSNIFF | {"Content-Disposition": 'attachment; filename="lintbot-compare.csv"'}
        return make_answer(request, OK, compare_csv(columns).encode(), "text/csv", headers)

    async def _columns(self, request: web.Request, names: list[tuple[str, str]]) -> list[Column]:
        viewer = viewer_of(request)
        return [
            await self._column(f"{owner}/{name}", await self.visibility.find(viewer, owner, name))
            for owner, name in names
        ]

    async def _column(self, asked: str, repository: Repository | None) -> Column:
        if repository is None:
            return Column(asked=asked)
        return await asyncio.to_thread(self._read, asked, repository)

    def _read(self, asked: str, repository: Repository) -> Column:
        branch = repository.default_branch
        return Column(
            asked=asked,
            repository=repository,
            latest=self.reports.latest_overview(repository.id, branch),
            trend=make_trend(self.catalog.history(repository.id, branch, TREND_RUNS)),
            trust=self.trust.load(repository.id),
        )


def parse_names(asked: str) -> list[tuple[str, str]]:
    """Return owners and names of a list such as ``a/b, c/d``; what is named twice counts once.

    Raises:
        BadQueryError: there is none, there are too many, or one is no ``owner/name``.
    """
    parts = dict.fromkeys(part.strip() for part in asked.split(",") if part.strip())
    if not parts:
        raise BadQueryError("Name at least one repository, such as owner/name.")
    if len(parts) > MAX_REPOSITORIES:
        raise BadQueryError(
            f"These are {len(parts)} repositories; {MAX_REPOSITORIES} fit side by side."
        )
    names = []
    for part in parts:
        owner, _, name = part.partition("/")
        if not (is_name(owner) and is_name(name)):
            raise BadQueryError(f"“{part[:80]}” is no repository: write owner/name.")
        names.append((owner, name))
    return names


def compare_routes(compare: Compare) -> list[web.RouteDef]:
    """Return the routes of the comparison."""
    return [
        web.get("/compare", compare.page),
        web.get("/compare.json", compare.json),
        web.get("/compare.csv", compare.csv),
    ]


def _json(request: web.Request, status: int, value: object) -> web.Response:
    return make_answer(request, status, json.dumps(value).encode(), "application/json", _NOSNIFF)
