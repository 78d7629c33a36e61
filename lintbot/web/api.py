"""Shell: the reports as JSON, read-only, with the visibility of the pages."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable

from aiohttp import web

from lintbot.errors import TransientError
from lintbot.model.lint_run import LintRun
from lintbot.model.repository import Repository
from lintbot.ports import Catalog
from lintbot.report.api import findings_json, repository_json, run_json
from lintbot.web.answers import NOT_FOUND, OK, UNAVAILABLE, make_answer
from lintbot.web.visibility import Visibility, is_branch, viewer_of

_log = logging.getLogger(__name__)

HISTORY_RUNS = 50


class Api:
    """Answers under ``/api/v1``."""

    def __init__(self, catalog: Catalog, visibility: Visibility) -> None:
        self._catalog = catalog
        self._visibility = visibility

    async def repository(self, request: web.Request) -> web.Response:
        """Answer ``GET /api/v1/repos/{owner}/{repo}``; ``?branch=``."""
        return await answer_json(request, self._read_repository)

    async def run(self, request: web.Request) -> web.Response:
        """Answer ``GET /api/v1/repos/{owner}/{repo}/runs/{sha}``, with every finding."""
        return await answer_json(request, self._read_run)

    async def _read_repository(self, request: web.Request) -> bytes | None:
        path, branch = request.match_info, request.query.get("branch", "")
        repository = await self._visibility.find(viewer_of(request), path["owner"], path["repo"])
        if repository is None or not is_branch(branch):
            return None
        return await asyncio.to_thread(self._show_repository, repository, branch)

    async def _read_run(self, request: web.Request) -> bytes | None:
        path = request.match_info
        found = await self._visibility.find_run(
            viewer_of(request), path["owner"], path["repo"], path["sha"]
        )
        return await asyncio.to_thread(_show_run, found[1]) if found else None

    def _show_repository(self, repository: Repository, branch: str) -> bytes:
        branch = branch or repository.default_branch
        latest = self._catalog.latest_run(repository.id, branch)
        history = self._catalog.history(repository.id, branch, HISTORY_RUNS)
        return json.dumps(repository_json(repository, branch, latest, history)).encode()


def api_routes(catalog: Catalog, visibility: Visibility) -> list[web.RouteDef]:
    """Return the routes of the read-only API."""
    api = Api(catalog, visibility)
    return [
        web.get("/api/v1/repos/{owner}/{repo}", api.repository),
        web.get("/api/v1/repos/{owner}/{repo}/runs/{sha}", api.run),
    ]


def _show_run(run: LintRun) -> bytes:
    """Return a lint run with its findings; in a thread, because there may be many."""
    findings = findings_json(run.judgement) if run.judgement is not None else None
    return json.dumps(run_json(run) | {"findings": findings}).encode()


async def answer_json(
    request: web.Request, read: Callable[[web.Request], Awaitable[bytes | None]]
) -> web.Response:
    """Answer with a JSON text, or with the one answer for everything that is not there."""
    try:
        body = await read(request)
    except TransientError as error:
        _log.warning("nothing can be read: %s", error)
        status, body = UNAVAILABLE, b'{"error": "the database is out of reach; try again"}'
    else:
        status = OK if body is not None else NOT_FOUND
    headers = {"X-Content-Type-Options": "nosniff"}
    body = body or b'{"error": "not found"}'
    return make_answer(request, status, body, "application/json", headers)
