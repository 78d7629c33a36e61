"""Shell: trust reports, as JSON, with the visibility of the pages."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass

from aiohttp import web

from lintbot.ports import TrustReports
from lintbot.report.trust_json import trust_json
from lintbot.web.api import Found, json_handler
from lintbot.web.visibility import Visibility, viewer_of


@dataclass(frozen=True, slots=True)
class TrustApi:
    """Answers about trust, as JSON."""

    visibility: Visibility
    reports: TrustReports

    async def repository(self, request: web.Request) -> Found | None:
        """Read ``/api/v1/repos/{owner}/{repo}/trust``."""
        path = request.match_info
        repository = await self.visibility.find(viewer_of(request), path["owner"], path["repo"])
        if repository is None:
            return None
        report = await asyncio.to_thread(self.reports.load, repository.id)
        return Found(json.dumps(trust_json(report)).encode()) if report is not None else None


def trust_routes(visibility: Visibility, reports: TrustReports) -> list[web.RouteDef]:
    """Return the routes about trust."""
    api = TrustApi(visibility, reports)
    return [web.get("/api/v1/repos/{owner}/{repo}/trust", json_handler(api.repository))]
