"""Shell: the pages of repositories, from stored lint runs; nothing is computed here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from aiohttp import web

from lintbot.model.ids import Sha
from lintbot.model.lint_run import LintRun
from lintbot.model.plans import Statement
from lintbot.model.repository import Account, Repository
from lintbot.model.source import Excerpts
from lintbot.ports import Catalog, Reports, TrustReports
from lintbot.report import account, pages
from lintbot.report.badge import LABEL, render_badge
from lintbot.report.badge_svg import Style
from lintbot.report.listing import SEVERITIES, SIDES, Side
from lintbot.report.rules import split_rule
from lintbot.report.trend import Trend, make_trend
from lintbot.web.badges import read_lint_badge
from lintbot.web.caching import REVALIDATE, make_etag
from lintbot.web.html import Html, page_number
from lintbot.web.visibility import Visibility, is_name, viewer_of

HISTORY_RUNS = 50
TREND_RUNS = 20
"""Behind the small trends of lists."""
BRANCH_RUNS = 300
"""Among so many of the newest lint runs are the branches that the page offers."""

ReadStatement = Callable[[Account], Statement]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Answers for pages.

    Attributes:
        html: turns texts into answers.
        read_statement: reads what is to be said of an account's plan; None: nothing is billed.
            Blocking.
    """

    catalog: Catalog
    reports: Reports
    trust: TrustReports
    visibility: Visibility
    html: Html
    read_statement: ReadStatement | None = None

    async def home(self, request: web.Request) -> web.Response:
        """Answer ``GET /``."""
        return self.html.answer(request, pages.render_home(self.html.site))

    async def find(self, request: web.Request) -> web.Response:
        """Answer the form of the home page: lead to the repository that was typed."""
        owner, _, name = request.query.get("repository", "").strip().strip("/").partition("/")
        if not (is_name(owner) and is_name(name)):
            return self.html.not_found(request)
        raise web.HTTPSeeOther(f"/gh/{owner}/{name}")

    async def account(self, request: web.Request) -> web.Response:
        """Answer ``GET /gh/{owner}``."""
        return await self.html.make(request, self._account)

    async def repository(self, request: web.Request) -> web.Response:
        """Answer ``GET /gh/{owner}/{repo}``."""
        return await self.html.make(request, self._repository)

    async def run(self, request: web.Request) -> web.Response:
        """Answer ``GET /gh/{owner}/{repo}/runs/{sha}``."""
        return await self.html.make(request, self._run)

    async def patch(self, request: web.Request) -> web.Response:
        """Answer ``GET /gh/{owner}/{repo}/runs/{sha}.patch``, which ``git apply`` takes."""
        return await self.html.make(request, self._patch, "text/plain")

    async def file(self, request: web.Request) -> web.Response:
        """Answer ``GET /gh/{owner}/{repo}/files/{path}``."""
        return await self.html.make(request, self._file)

    async def rule(self, request: web.Request) -> web.Response:
        """Answer ``GET /gh/{owner}/{repo}/rules/{rule}``."""
        return await self.html.make(request, self._rule)

    async def badge(self, request: web.Request) -> web.Response:
        """Answer ``GET /gh/{owner}/{repo}/badge``: what the badge shows, and why."""
        return await self.html.make(request, self._badge)

    async def not_found(self, request: web.Request) -> web.Response:
        """Answer for everything that is not there."""
        return self.html.not_found(request)

    async def _account(self, request: web.Request) -> str | None:
        owner = request.match_info["owner"]
        if not is_name(owner):
            return None
        every = await asyncio.to_thread(self.reports.list_repositories, owner)
        visible = await self.visibility.keep_visible(viewer_of(request), owner, every)
        return await asyncio.to_thread(self._render_account, request, visible) if visible else None

    def _render_account(self, request: web.Request, visible: tuple[Repository, ...]) -> str:
        statement = None
        if self.read_statement is not None and any(it.private for it in visible):
            statement = self.read_statement(visible[0].account)
        view = account.list_rows(
            visible,
            self.reports.latest_summaries(visible),
            sort=request.query.get("sort", ""),
            page=page_number(request),
        )
        view = replace(account.with_trends(view, self._trend), statement=statement)
        return account.render_account(self.html.site, view)

    def _trend(self, repository: Repository) -> Trend | None:
        branch = repository.default_branch
        return make_trend(self.catalog.history(repository.id, branch, TREND_RUNS))

    async def _repository(self, request: web.Request) -> str | None:
        found = await self.visibility.find_branch(request)
        return await asyncio.to_thread(self._render_repository, *found) if found else None

    def _render_repository(self, repository: Repository, branch: str) -> str:
        newest = self.catalog.history(repository.id, None, BRANCH_RUNS)
        view = pages.RepositoryView(
            repository=repository,
            branch=branch,
            branches=pages.list_branches(newest, repository.default_branch),
            latest=self.reports.latest_overview(repository.id, branch),
            history=self.catalog.history(repository.id, branch, HISTORY_RUNS),
            trust=self.trust.load(repository.id) if branch == repository.default_branch else None,
        )
        return pages.render_repository(self.html.site, view)

    async def _run(self, request: web.Request) -> str | None:
        found = await self.visibility.find_named_run(request)
        return await asyncio.to_thread(self._render_run, request, *found) if found else None

    async def _patch(self, request: web.Request) -> str | None:
        found = await self.visibility.find_named_run(request)
        if found is None:
            return None
        repository, run = found
        patch = await asyncio.to_thread(self.catalog.load_patch, repository.id, run.job.head_sha)
        return patch.text if patch else None

    def _render_run(self, request: web.Request, repository: Repository, run: LintRun) -> str:
        narrowed = _narrowed(request)
        fixed = narrowed.side is Side.FIXED
        view = pages.RunView(
            repository=repository,
            run=run,
            narrowed=narrowed,
            excerpts=self._excerpts(repository, run, of_base=fixed),
            patch=self.catalog.load_patch(repository.id, run.job.head_sha),
        )
        return pages.render_run(self.html.site, view)

    def _excerpts(self, repository: Repository, run: LintRun, *, of_base: bool) -> Excerpts:
        """Return the source beside the findings of a commit, or of the one compared with."""
        sha: Sha | None = run.job.head_sha
        if of_base:
            sha = run.judgement.comparison.baseline_sha if run.judgement else None
        return self.reports.load_excerpts(repository.id, sha) if sha else {}

    async def _file(self, request: web.Request) -> str | None:
        found = await self.visibility.find_branch(request)
        return await asyncio.to_thread(self._render_file, request, *found) if found else None

    def _render_file(self, request: web.Request, repository: Repository, branch: str) -> str | None:
        run = self.catalog.latest_run(repository.id, branch)
        if run is None or run.judgement is None:
            return None
        view = pages.RunView(
            repository=repository,
            run=run,
            branch=branch if branch != repository.default_branch else "",
            narrowed=_narrowed(request, path=request.match_info["path"]),
            excerpts=self._excerpts(repository, run, of_base=False),
        )
        return pages.render_file(self.html.site, view, run.judgement)

    async def _rule(self, request: web.Request) -> str | None:
        found = await self.visibility.find_branch(request)
        return await asyncio.to_thread(self._render_rule, request, *found) if found else None

    def _render_rule(self, request: web.Request, repository: Repository, branch: str) -> str | None:
        run = self.catalog.latest_run(repository.id, branch)
        if run is None or run.judgement is None:
            return None
        tool, code = split_rule(request.match_info["rule"])
        version = next((it.version for it in run.judgement.result.tools if it.tool == tool), "")
        view = pages.RunView(
            repository=repository,
            run=run,
            branch=branch if branch != repository.default_branch else "",
            narrowed=_narrowed(request, rule=f"{tool}:{code}"),
            excerpts=self._excerpts(repository, run, of_base=False),
            explanation=self.reports.explain(tool, code, version),
        )
        return pages.render_rule(self.html.site, view, run.judgement)

    async def _badge(self, request: web.Request) -> str | None:
        found = await self.visibility.find_branch(request)
        return await asyncio.to_thread(self._render_badge, *found) if found else None

    def _render_badge(self, repository: Repository, branch: str) -> str:
        other = branch if branch != repository.default_branch else None
        badge = read_lint_badge(self.catalog, repository, other)
        picture = render_badge(badge, LABEL, Style.FLAT).encode()
        headers = (("Cache-Control", REVALIDATE), ("ETag", make_etag(picture)))
        return pages.render_badge_page(self.html.site, repository, branch, badge, headers)


def page_routes(pages: Pages) -> list[web.RouteDef]:
    """Return the routes of the pages; what begins with ``/gh/`` and is none of them comes last."""
    return [
        web.get("/", pages.home),
        web.get("/gh", pages.find),
        web.get("/gh/{owner}", pages.account),
        web.get("/gh/{owner}/{repo}", pages.repository),
        web.get("/gh/{owner}/{repo}/badge", pages.badge),
        web.get("/gh/{owner}/{repo}/runs/{sha}.patch", pages.patch),
        web.get("/gh/{owner}/{repo}/runs/{sha}", pages.run),
        web.get("/gh/{owner}/{repo}/files/{path:(?s:.+)}", pages.file),
        web.get("/gh/{owner}/{repo}/rules/{rule}", pages.rule),
        web.get("/gh/{path:(?s:.*)}", pages.not_found),
    ]


def _narrowed(request: web.Request, *, rule: str = "", path: str = "") -> pages.Narrowed:
    """Return the filter in the address; what makes no sense narrows nothing."""
    query = request.query
    return pages.Narrowed(
        side=SIDES.get(query.get("show", "")),
        rule=rule or query.get("rule", ""),
        path=path or query.get("path", "").strip(),
        severity=SEVERITIES.get(query.get("severity", "")),
        page=page_number(request),
    )
