"""Shell: the pages, from stored lint runs; nothing is computed here that is not shown."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from hashlib import sha256
from importlib.resources import files

from aiohttp import web

from lintbot.errors import TransientError
from lintbot.model.lint_run import LintRun
from lintbot.model.repository import Repository
from lintbot.ports import Catalog
from lintbot.report import pages
from lintbot.report.views import Side, list_branches
from lintbot.web.answers import NOT_FOUND, OK, UNAVAILABLE, make_answer
from lintbot.web.caching import IMMUTABLE
from lintbot.web.visibility import Visibility, is_branch, is_name, viewer_of

_log = logging.getLogger(__name__)

HISTORY_RUNS = 50
BRANCH_RUNS = 300
"""Among so many of the newest lint runs are the branches that the page offers."""

_SIDES = {side.value: side for side in Side}
_PAGE = re.compile(r"[0-9]{1,6}\Z")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Pages:
    """Answers for pages."""

    def __init__(self, catalog: Catalog, visibility: Visibility, site: pages.Site) -> None:
        self._catalog = catalog
        self._visibility = visibility
        self._site = site

    async def home(self, request: web.Request) -> web.Response:
        """Answer ``GET /``."""
        return _html(request, pages.render_home(self._site))

    async def find(self, request: web.Request) -> web.Response:
        """Answer the form of the home page: lead to the repository that was typed."""
        owner, _, name = request.query.get("repository", "").strip().strip("/").partition("/")
        if not (is_name(owner) and is_name(name)):
            return await self.not_found(request)
        raise web.HTTPSeeOther(f"/gh/{owner}/{name}")

    async def repository(self, request: web.Request) -> web.Response:
        """Answer ``GET /gh/{owner}/{repo}``."""
        return await self._answer(request, self._repository_page)

    async def run(self, request: web.Request) -> web.Response:
        """Answer ``GET /gh/{owner}/{repo}/runs/{sha}``."""
        return await self._answer(request, self._run_page)

    async def patch(self, request: web.Request) -> web.Response:
        """Answer ``GET /gh/{owner}/{repo}/runs/{sha}.patch``, which ``git apply`` takes."""
        return await self._answer(request, self._patch_text, _plain)

    async def part(self, request: web.Request) -> web.Response:
        """Answer ``GET /gh/{owner}/{repo}/files/{path}`` and ``…/rules/{rule}``."""
        return await self._answer(request, self._part_page)

    async def not_found(self, request: web.Request) -> web.Response:
        """Answer for everything that is not there: the same bytes whatever was asked."""
        return _html(request, pages.render_not_found(self._site), status=NOT_FOUND)

    async def _answer(
        self,
        request: web.Request,
        make_text: Callable[[web.Request], Awaitable[str | None]],
        make_response: Callable[[web.Request, str], web.Response] | None = None,
    ) -> web.Response:
        try:
            text = await make_text(request)
        except TransientError as error:
            _log.warning("no page can be read: %s", error)
            return _html(request, pages.render_unavailable(self._site), status=UNAVAILABLE)
        if text is None:
            return await self.not_found(request)
        return (make_response or _html)(request, text)

    async def _repository_page(self, request: web.Request) -> str | None:
        path, branch = request.match_info, request.query.get("branch", "")
        repository = await self._visibility.find(viewer_of(request), path["owner"], path["repo"])
        if repository is None or not is_branch(branch):
            return None
        return await asyncio.to_thread(self._render_repository, repository, branch)

    async def _run_page(self, request: web.Request) -> str | None:
        path = request.match_info
        found = await self._visibility.find_run(
            viewer_of(request), path["owner"], path["repo"], path["sha"]
        )
        return await asyncio.to_thread(self._render_run, request, *found) if found else None

    async def _patch_text(self, request: web.Request) -> str | None:
        path = request.match_info
        found = await self._visibility.find_run(
            viewer_of(request), path["owner"], path["repo"], path["sha"]
        )
        if found is None:
            return None
        repository, run = found
        patch = await asyncio.to_thread(self._catalog.load_patch, repository.id, run.job.head_sha)
        return patch.text if patch else None

    async def _part_page(self, request: web.Request) -> str | None:
        path, branch = request.match_info, request.query.get("branch", "")
        repository = await self._visibility.find(viewer_of(request), path["owner"], path["repo"])
        if repository is None or not is_branch(branch):
            return None
        return await asyncio.to_thread(self._render_part, request, repository, branch)

    def _render_repository(self, repository: Repository, branch: str) -> str:
        branch = branch or repository.default_branch
        newest = self._catalog.history(repository.id, None, BRANCH_RUNS)
        view = pages.RepositoryView(
            repository=repository,
            branch=branch,
            branches=list_branches(newest, repository.default_branch),
            latest=self._catalog.latest_run(repository.id, branch),
            history=self._catalog.history(repository.id, branch, HISTORY_RUNS),
        )
        return pages.render_repository(self._site, view)

    def _render_run(self, request: web.Request, repository: Repository, run: LintRun) -> str:
        query = request.query
        view = pages.RunView(
            repository=repository,
            run=run,
            patch=self._catalog.load_patch(repository.id, run.job.head_sha),
            side=_SIDES.get(query.get("show", "")),
            rule=query.get("rule", ""),
            path=query.get("path", ""),
            page=_page_number(request),
        )
        return pages.render_run(self._site, view)

    def _render_part(self, request: web.Request, repository: Repository, branch: str) -> str | None:
        """Return the newest scored commit's findings in one file or of one rule."""
        run = self._catalog.latest_run(repository.id, branch or repository.default_branch)
        if run is None:
            return None
        view = pages.RunView(
            repository=repository,
            run=run,
            side=Side.ALL,
            rule=request.match_info.get("rule", ""),
            path=request.match_info.get("path", ""),
            page=_page_number(request),
        )
        return pages.render_run(self._site, view)


def page_routes(
    catalog: Catalog,
    visibility: Visibility,
    *,
    public_url: str,
    github_url: str,
    install_url: str = "",
) -> list[web.RouteDef]:
    """Return the routes of the pages and of their style sheet.

    Args:
        catalog: what is stored.
        visibility: who may see it.
        public_url: where people reach lintbot.
        github_url: GitHub's web host, for links to commits and lines.
        install_url: where to install the App; empty: no button.
    """
    css = files("lintbot.web").joinpath("static", "lintbot.css").read_bytes()
    stylesheet = f"/static/lintbot-{sha256(css).hexdigest()[:12]}.css"
    site = pages.Site(
        public_url=public_url.rstrip("/"),
        github_url=github_url.rstrip("/"),
        stylesheet=stylesheet,
        install_url=install_url,
    )
    handlers = Pages(catalog, visibility, site)
    return [
        web.get("/", handlers.home),
        web.get(stylesheet, _constant(css, "text/css")),
        web.get("/gh", handlers.find),
        web.get("/gh/{owner}/{repo}", handlers.repository),
        web.get("/gh/{owner}/{repo}/runs/{sha}.patch", handlers.patch),
        web.get("/gh/{owner}/{repo}/runs/{sha}", handlers.run),
        web.get("/gh/{owner}/{repo}/files/{path:(?s:.+)}", handlers.part),
        web.get("/gh/{owner}/{repo}/rules/{rule}", handlers.part),
        web.get("/gh/{path:(?s:.*)}", handlers.not_found),
    ]


def _page_number(request: web.Request) -> int:
    number = request.query.get("page", "")
    return int(number) if _PAGE.match(number) else 1


def _constant(body: bytes, content_type: str) -> _Handler:
    async def answer(_: web.Request) -> web.Response:
        headers = {"Cache-Control": IMMUTABLE, "X-Content-Type-Options": "nosniff"}
        return web.Response(body=body, content_type=content_type, charset="utf-8", headers=headers)

    return answer


def _plain(request: web.Request, text: str) -> web.Response:
    return make_answer(request, OK, text.encode(), "text/plain", _HEADERS)


def _html(request: web.Request, text: str, *, status: int = OK) -> web.Response:
    return make_answer(request, status, text.encode(), "text/html", _HEADERS)
