"""Shell: the checks API. https://docs.github.com/en/rest/checks ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from lintbot.standin import git
from lintbot.standin.auth import require_token
from lintbot.standin.check_shapes import latest
from lintbot.standin.limits import check_request
from lintbot.standin.problems import Problem, not_found, unknown_commit
from lintbot.standin.service import CALLER, Service, paginate, read_json
from lintbot.standin.shapes import stamp
from lintbot.standin.state import CheckRun, CheckSuite, Repository, utc_now

_COPIED: Final = ("name", "external_id", "details_url", "started_at", "actions")
_OUTPUT: Final = ("title", "summary", "text")


@dataclass(frozen=True, slots=True)
class ChecksApi:
    """Check runs and check suites."""

    service: Service

    def routes(self) -> list[web.RouteDef]:
        """Return the endpoints."""
        on = self.service.on_repository
        read, write = "checks:read", "checks:write"
        return [
            *on("POST", "/check-runs", write, self._create),
            *on("GET", "/check-runs/{run}", read, self._get),
            *on("PATCH", "/check-runs/{run}", write, self._update),
            *on("GET", "/check-runs/{run}/annotations", read, self._annotations),
            *on("POST", "/check-runs/{run}/rerequest", write, self._rerequest),
            *on("GET", "/commits/{ref:.+}/check-runs", read, self._of_commit),
            *on("GET", "/commits/{ref:.+}/check-suites", read, self._suites_of_commit),
            *on("GET", "/check-suites/{suite}", read, self._get_suite),
            *on("GET", "/check-suites/{suite}/check-runs", read, self._of_suite),
        ]

    async def _create(self, request: web.Request, repository: Repository) -> web.Response:
        content = await read_json(request)
        check_request(content, creating=True)
        sha = content["head_sha"]
        await self._require_commit(repository, sha)
        world = self.service.world
        suite = world.suite_for(require_token(request[CALLER]).installation.app, repository, sha)
        run = CheckRun(id=next(world.new_id), suite=suite, name=content["name"])
        run.started_at = stamp(utc_now())
        world.runs[run.id] = run
        _apply(run, content)
        self.service.announce("created", run)
        if run.status == "completed":
            self.service.announce("completed", run)
        return web.json_response(self.service.checks.run(run), status=201)

    async def _update(self, request: web.Request, repository: Repository) -> web.Response:
        run = self._run(request, repository)
        app = require_token(request[CALLER]).installation.app
        if run.suite.app is not app:
            message = "check run can only be modified by the GitHub App that created it."
            raise Problem(403, f"Invalid app_id `{app.id}` - {message}")
        content = await read_json(request)
        check_request(content, creating=False)
        was_completed = run.status == "completed"
        _apply(run, content)
        if run.status == "completed" and not was_completed:
            self.service.announce("completed", run)
        return web.json_response(self.service.checks.run(run))

    async def _get(self, request: web.Request, repository: Repository) -> web.Response:
        return web.json_response(self.service.checks.run(self._run(request, repository)))

    async def _annotations(self, request: web.Request, repository: Repository) -> web.Response:
        annotations = self.service.checks.annotations(self._run(request, repository))
        return paginate(request, annotations, lambda annotation: annotation)

    async def _rerequest(self, request: web.Request, repository: Repository) -> web.Response:
        run = self._run(request, repository)
        if run.status != "completed":
            raise Problem(422, "This check run is not rerequestable")
        self.service.announce("rerequested", run)
        return web.json_response({}, status=201)

    async def _of_commit(self, request: web.Request, repository: Repository) -> web.Response:
        sha = await self._resolve(request, repository)
        runs = self.service.world.runs_at(repository, sha)
        return self._list(request, runs)

    async def _of_suite(self, request: web.Request, repository: Repository) -> web.Response:
        suite = self._suite(request, repository)
        runs = self.service.world.runs_at(repository, suite.head_sha)
        return self._list(request, [run for run in runs if run.suite is suite])

    def _list(self, request: web.Request, runs: list[CheckRun]) -> web.Response:
        query = request.query
        if query.get("filter", "latest") == "latest":
            runs = latest(runs)
        wanted = {"check_name": "name", "status": "status"}
        for parameter, attribute in wanted.items():
            if parameter in query:
                runs = [r for r in runs if getattr(r, attribute) == query[parameter]]
        if "app_id" in query:
            runs = [r for r in runs if str(r.suite.app.id) == query["app_id"]]
        return paginate(request, runs, self.service.checks.run, "check_runs")

    async def _suites_of_commit(self, request: web.Request, repository: Repository) -> web.Response:
        sha = await self._resolve(request, repository)
        suites = self.service.world.suites.values()
        found = [s for s in suites if s.repository is repository and s.head_sha == sha]
        head = await git.read_commit(repository.path, sha)
        return paginate(
            request, found, lambda s: self.service.checks.suite(s, head), "check_suites"
        )

    async def _get_suite(self, request: web.Request, repository: Repository) -> web.Response:
        suite = self._suite(request, repository)
        head = await git.read_commit(repository.path, suite.head_sha)
        return web.json_response(self.service.checks.suite(suite, head))

    async def _require_commit(self, repository: Repository, sha: str) -> None:
        """Refuse a commit that is not there, or not there yet: right after a push GitHub lags."""
        lagging = self.service.world.lagging
        if lagging.get(sha, 0) > 0:
            lagging[sha] -= 1
            raise unknown_commit(sha)
        if await git.resolve(repository.path, sha) != sha:
            raise unknown_commit(sha)

    async def _resolve(self, request: web.Request, repository: Repository) -> str:
        ref = request.match_info["ref"]
        sha = await git.resolve(repository.path, ref)
        if sha is None:
            raise unknown_commit(ref)
        return sha

    def _run(self, request: web.Request, repository: Repository) -> CheckRun:
        number = request.match_info["run"]
        run = self.service.world.runs.get(int(number) if number.isdigit() else 0)
        if run is None or run.suite.repository is not repository:
            raise not_found()
        return run

    def _suite(self, request: web.Request, repository: Repository) -> CheckSuite:
        number = request.match_info["suite"]
        suite = self.service.world.suites.get(int(number) if number.isdigit() else 0)
        if suite is None or suite.repository is not repository:
            raise not_found()
        return suite


def _apply(run: CheckRun, content: dict[str, Any]) -> None:
    """Change a check run: annotations are appended, and what is completed stays so."""
    for name in _COPIED:
        if content.get(name) is not None:
            setattr(run, name, content[name])
    output = content.get("output") or {}
    for name in _OUTPUT:
        if name in output:
            setattr(run, name, output[name])
    run.annotations.extend(output.get("annotations") or [])
    if content.get("conclusion") is not None:
        run.status = "completed"
        run.conclusion = content["conclusion"]
        run.completed_at = content.get("completed_at") or stamp(utc_now())
    elif content.get("status") is not None and run.status != "completed":
        run.status = content["status"]
    run.suite.updated_at = utc_now()
