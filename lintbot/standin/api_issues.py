"""Shell: issues. https://docs.github.com/en/rest/issues/issues ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from lintbot.standin.auth import require_token
from lintbot.standin.problems import not_found
from lintbot.standin.service import CALLER, Service, paginate, read_json
from lintbot.standin.state import Issue, Repository


@dataclass(frozen=True, slots=True)
class IssuesApi:
    """Issues of a repository."""

    service: Service

    def routes(self) -> list[web.RouteDef]:
        """Return the endpoints."""
        on = self.service.on_repository
        return [
            *on("GET", "/issues", "issues:read", self._list),
            *on("POST", "/issues", "issues:write", self._create),
            *on("PATCH", "/issues/{number}", "issues:write", self._update),
        ]

    async def _list(self, request: web.Request, repository: Repository) -> web.Response:
        state = request.query.get("state", "open")
        labels = set(filter(None, request.query.get("labels", "").split(",")))
        found = [
            it
            for it in reversed(self.service.world.issues)
            if it.repository is repository
            and state in ("all", it.state)
            and labels <= set(it.labels)
        ]
        return paginate(request, found, self._shape)

    async def _create(self, request: web.Request, repository: Repository) -> web.Response:
        wanted = await read_json(request)
        world = self.service.world
        taken = [it.number for it in world.issues if it.repository is repository]
        taken += [it.number for it in world.pulls if it.base is repository]
        issue = Issue(
            number=max(taken, default=0) + 1,
            repository=repository,
            title=str(wanted["title"]),
            body=wanted.get("body"),
            labels=list(wanted.get("labels", ())),
            app=require_token(request[CALLER]).installation.app,
        )
        world.issues.append(issue)
        return web.json_response(self._shape(issue), status=201)

    async def _update(self, request: web.Request, repository: Repository) -> web.Response:
        number = request.match_info["number"]
        issue = next(
            (
                it
                for it in self.service.world.issues
                if it.repository is repository and str(it.number) == number
            ),
            None,
        )
        if issue is None:
            raise not_found()
        wanted = await read_json(request)
        for name in ("title", "body", "state"):
            if name in wanted:
                setattr(issue, name, wanted[name])
        issue.edits += 1
        return web.json_response(self._shape(issue))

    def _shape(self, issue: Issue) -> dict[str, Any]:
        at = self.service.shapes.at
        return {
            "number": issue.number,
            "title": issue.title,
            "body": issue.body,
            "state": issue.state,
            "labels": [{"name": name} for name in issue.labels],
            "html_url": f"{at.web}/{issue.repository.full_name}/issues/{issue.number}",
            "performed_via_github_app": {"id": issue.app.id, "slug": issue.app.slug},
        }
