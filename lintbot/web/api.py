"""Shell: the reports as JSON, read-only, with the visibility of the pages."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files

from aiohttp import web

from lintbot.errors import TransientError
from lintbot.model.lint_run import LintRun
from lintbot.model.repository import Repository
from lintbot.ports import Catalog, Reports
from lintbot.report.api import (
    Json,
    account_row_json,
    finding_json,
    findings_json,
    repository_json,
    run_json,
    summary_json,
)
from lintbot.report.listing import SEVERITIES, SIDES, Filter, Side, narrow
from lintbot.web.answers import BAD_REQUEST, NOT_FOUND, OK, UNAVAILABLE, make_answer
from lintbot.web.paging import Paging, SenselessError, link_next, parse_paging
from lintbot.web.visibility import Visibility, is_name, viewer_of

_log = logging.getLogger(__name__)

HISTORY_RUNS = 50


@dataclass(frozen=True, slots=True)
class Found:
    """A JSON text to answer with, and headers beside it."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


Read = Callable[[web.Request], Awaitable[Found | None]]


@dataclass(frozen=True, slots=True)
class Api:
    """Answers under ``/api/v1``."""

    catalog: Catalog
    reports: Reports
    visibility: Visibility

    async def account(self, request: web.Request) -> Found | None:
        """Read ``/accounts/{owner}``: its repositories, page by page."""
        paging, owner = parse_paging(request.query), request.match_info["owner"]
        if not is_name(owner):
            return None
        every = await asyncio.to_thread(self.reports.list_repositories, owner)
        visible = await self.visibility.keep_visible(viewer_of(request), owner, every)
        if not visible:
            return None
        shown = visible[paging.skip :][: paging.size]
        latest = await asyncio.to_thread(self.reports.latest_summaries, shown)
        rows = [account_row_json(it, latest.get(it.id)) for it in shown]
        return _page(request, paging, rows, total=len(visible))

    async def repository(self, request: web.Request) -> Found | None:
        """Read ``/repos/{owner}/{repo}``; ``?branch=``."""
        found = await self.visibility.find_branch(request)
        return await asyncio.to_thread(self._show_repository, *found) if found else None

    async def runs(self, request: web.Request) -> Found | None:
        """Read ``/repos/{owner}/{repo}/runs``: the history of a branch, page by page."""
        paging, found = parse_paging(request.query), await self.visibility.find_branch(request)
        if found is None:
            return None
        runs = await asyncio.to_thread(
            self.catalog.history, found[0].id, found[1], paging.size + 1, paging.skip
        )
        rows = [summary_json(run) for run in runs]
        return _page(request, paging, rows)

    async def run(self, request: web.Request) -> Found | None:
        """Read ``/repos/{owner}/{repo}/runs/{sha}``, with every finding."""
        found = await self.visibility.find_named_run(request)
        return await asyncio.to_thread(_show_run, found[1]) if found else None

    async def findings(self, request: web.Request) -> Found | None:
        """Read ``/repos/{owner}/{repo}/runs/{sha}/findings``, narrowed, page by page."""
        paging, wanted = parse_paging(request.query), _parse_filter(request.query)
        named = await self.visibility.find_named_run(request)
        judgement = named[1].judgement if named is not None else None
        if judgement is None:
            return None
        found = await asyncio.to_thread(narrow, judgement, wanted)
        rows = [finding_json(it) for it in found[paging.skip :][: paging.size]]
        return _page(request, paging, rows, total=len(found))

    def _show_repository(self, repository: Repository, branch: str) -> Found:
        latest = self.catalog.latest_run(repository.id, branch)
        history = self.catalog.history(repository.id, branch, HISTORY_RUNS)
        return Found(json.dumps(repository_json(repository, branch, latest, history)).encode())


def api_routes(catalog: Catalog, reports: Reports, visibility: Visibility) -> list[web.RouteDef]:
    """Return the routes of the read-only API."""
    api = Api(catalog, reports, visibility)
    repository = "/api/v1/repos/{owner}/{repo}"
    return [
        web.get("/api/v1/openapi.json", json_handler(_describe)),
        web.get("/api/v1/accounts/{owner}", json_handler(api.account)),
        web.get(repository, json_handler(api.repository)),
        web.get(f"{repository}/runs", json_handler(api.runs)),
        web.get(f"{repository}/runs/{{sha}}", json_handler(api.run)),
        web.get(f"{repository}/runs/{{sha}}/findings", json_handler(api.findings)),
    ]


async def _describe(_request: web.Request) -> Found:
    """Read the OpenAPI document; a test holds every answer against it."""
    return Found(files("lintbot.web").joinpath("openapi.json").read_bytes())


def _show_run(run: LintRun) -> Found:
    """Return a lint run with its findings; in a thread, because there may be many."""
    findings = findings_json(run.judgement) if run.judgement is not None else None
    return Found(json.dumps(run_json(run) | {"findings": findings}).encode())


def _parse_filter(query: Mapping[str, str]) -> Filter:
    side, severity = query.get("side", Side.ALL.value), query.get("severity")
    if side not in SIDES:
        raise SenselessError(f"side must be one of {', '.join(SIDES)}")
    if severity is not None and severity not in SEVERITIES:
        raise SenselessError(f"severity must be one of {', '.join(SEVERITIES)}")
    return Filter(
        side=SIDES[side],
        rule=query.get("rule", ""),
        path=query.get("path", ""),
        severity=SEVERITIES[severity] if severity is not None else None,
    )


def _page(
    request: web.Request, paging: Paging, rows: Sequence[Json], total: int | None = None
) -> Found:
    """Return one page of a list; without a total there is one row more if there are more."""
    more = len(rows) > paging.size if total is None else total > paging.skip + paging.size
    content: Json = {"page": paging.number, "per_page": paging.size}
    content |= {} if total is None else {"total": total}
    content["items"] = list(rows[: paging.size])
    return Found(json.dumps(content).encode(), link_next(request.rel_url, paging, more=more))


def json_handler(read: Read) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Return a handler that answers with JSON, or with the one answer for what is not there."""

    async def answer(request: web.Request) -> web.Response:
        headers = {"X-Content-Type-Options": "nosniff"}
        try:
            found = await read(request)
        except SenselessError as error:
            status, body = BAD_REQUEST, json.dumps({"error": str(error)}).encode()
        except TransientError as error:
            _log.warning("nothing can be read: %s", error)
            status, body = UNAVAILABLE, b'{"error": "out of reach just now; try again"}'
        else:
            status = OK if found is not None else NOT_FOUND
            body = found.body if found is not None else b'{"error": "not found"}'
            headers |= found.headers if found is not None else {}
        return make_answer(request, status, body, "application/json", headers)

    return answer
