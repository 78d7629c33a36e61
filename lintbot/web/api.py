"""Shell: the reports as JSON, read-only, with the visibility of the pages."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable

from aiohttp import web

from lintbot.errors import TransientError
from lintbot.ports import Catalog
from lintbot.report.api import Json, findings_json, repository_json, run_json
from lintbot.web.answers import NOT_FOUND, OK, UNAVAILABLE, make_answer
from lintbot.web.visibility import find_public, find_run, is_branch

_log = logging.getLogger(__name__)

HISTORY_RUNS = 50


class Api:
    """Answers under ``/api/v1``."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    async def repository(self, request: web.Request) -> web.Response:
        """Answer ``GET /api/v1/repos/{owner}/{repo}``; ``?branch=``."""
        return await _answer(request, self._read_repository)

    async def run(self, request: web.Request) -> web.Response:
        """Answer ``GET /api/v1/repos/{owner}/{repo}/runs/{sha}``, with every finding."""
        return await _answer(request, self._read_run)

    def _read_repository(self, request: web.Request) -> Json | None:
        path, branch = request.match_info, request.query.get("branch", "")
        repository = find_public(self._catalog, path["owner"], path["repo"])
        if repository is None or not is_branch(branch):
            return None
        branch = branch or repository.default_branch
        latest = self._catalog.latest_run(repository.id, branch)
        history = self._catalog.history(repository.id, branch, HISTORY_RUNS)
        return repository_json(repository, branch, latest, history)

    def _read_run(self, request: web.Request) -> Json | None:
        path = request.match_info
        found = find_run(self._catalog, path["owner"], path["repo"], path["sha"])
        if found is None:
            return None
        judgement = found[1].judgement
        findings = findings_json(judgement) if judgement is not None else None
        return run_json(found[1]) | {"findings": findings}


def api_routes(catalog: Catalog) -> list[web.RouteDef]:
    """Return the routes of the read-only API."""
    api = Api(catalog)
    return [
        web.get("/api/v1/repos/{owner}/{repo}", api.repository),
        web.get("/api/v1/repos/{owner}/{repo}/runs/{sha}", api.run),
    ]


async def _answer(request: web.Request, read: Callable[[web.Request], Json | None]) -> web.Response:
    status, body = await asyncio.to_thread(_read, request, read)
    headers = {"X-Content-Type-Options": "nosniff"}
    return make_answer(request, status, body, "application/json", headers)


def _read(request: web.Request, read: Callable[[web.Request], Json | None]) -> tuple[int, bytes]:
    """Return status and body; in a thread, because a report may be large."""
    try:
        found = read(request)
    except TransientError as error:
        _log.warning("nothing can be read: %s", error)
        return UNAVAILABLE, b'{"error": "the database is out of reach; try again"}'
    if found is None:
        return NOT_FOUND, b'{"error": "not found"}'
    return OK, json.dumps(found).encode()
