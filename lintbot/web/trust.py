"""Shell: trust reports, as JSON, with the visibility of the pages."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass

from aiohttp import web

from lintbot.errors import TransientError
from lintbot.model.trust import TrustReport
from lintbot.ports import Catalog
from lintbot.report.trust_json import trust_json
from lintbot.trust.ports import Reports
from lintbot.web.answers import NOT_FOUND, OK, UNAVAILABLE, make_answer
from lintbot.web.visibility import find_public

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TrustApi:
    """Answers about trust, as JSON."""

    catalog: Catalog
    reports: Reports

    async def repository(self, request: web.Request) -> web.Response:
        """Answer ``GET /api/v1/repos/{owner}/{repo}/trust``."""
        path = request.match_info
        try:
            report = await asyncio.to_thread(self._load, path["owner"], path["repo"])
        except TransientError as error:
            _log.warning("no trust report can be read: %s", error)
            return _json(request, UNAVAILABLE, {"error": "the database is out of reach; try again"})
        if report is None:
            return _json(request, NOT_FOUND, {"error": "not found"})
        return _json(request, OK, trust_json(report))

    def _load(self, owner: str, name: str) -> TrustReport | None:
        repository = find_public(self.catalog, owner, name)
        return self.reports.load(repository.id) if repository is not None else None


def trust_routes(catalog: Catalog, reports: Reports) -> list[web.RouteDef]:
    """Return the routes about trust."""
    api = TrustApi(catalog, reports)
    return [web.get("/api/v1/repos/{owner}/{repo}/trust", api.repository)]


def _json(request: web.Request, status: int, value: object) -> web.Response:
    headers = {"X-Content-Type-Options": "nosniff"}
    return make_answer(request, status, json.dumps(value).encode(), "application/json", headers)
