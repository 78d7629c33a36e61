"""Shell: repositories, branches, commits, comparisons and pull requests.

https://docs.github.com/en/rest/repos , https://docs.github.com/en/rest/commits
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from lintbot.standin import git
from lintbot.standin.auth import require_token
from lintbot.standin.problems import Problem, not_found, unknown_commit
from lintbot.standin.pull_shapes import branch, full_commit, full_pull, listed_pull
from lintbot.standin.service import CALLER, Service, cut_page, paginate
from lintbot.standin.shapes import permissions
from lintbot.standin.state import Pull, Repository, UserToken

_LIST_LIMIT: Final = 10_000


@dataclass(frozen=True, slots=True)
class RepositoriesApi:
    """What is in a repository."""

    service: Service

    def routes(self) -> list[web.RouteDef]:
        """Return the endpoints; the greedy paths come last."""
        on = self.service.on_repository
        contents, pulls = "contents:read", "pull_requests:read"
        return [
            *on("GET", "", "metadata:read", self._get),
            *on("GET", "/collaborators/{login}/permission", "metadata:read", self._permission),
            *on("GET", "/branches", contents, self._branches),
            *on("GET", "/branches/{branch:.+}", contents, self._branch),
            *on("GET", "/compare/{basehead:.+}", contents, self._compare),
            *on("GET", "/pulls", pulls, self._pulls),
            *on("GET", "/pulls/{number}", pulls, self._pull),
            *on("GET", "/commits", contents, self._commits),
            *on("GET", "/commits/{ref:.+}/pulls", pulls, self._pulls_of_commit),
            *on("GET", "/commits/{ref:.+}", contents, self._commit),
        ]

    async def _get(self, request: web.Request, repository: Repository) -> web.Response:
        content = self.service.shapes.full_repository(repository)
        caller = request[CALLER]
        if isinstance(caller, UserToken):
            content["permissions"] = permissions(repository.role_of(caller.user) or "none")
        return web.json_response(content)

    async def _permission(self, request: web.Request, repository: Repository) -> web.Response:
        """Tell what a user may do; needs a token, though the repository be public."""
        require_token(request[CALLER])
        user = self.service.world.accounts.get(request.match_info["login"].lower())
        if user is None:
            raise not_found()
        return web.json_response(self.service.shapes.permission(repository, user))

    async def _branches(self, request: web.Request, repository: Repository) -> web.Response:
        found = list((await git.branches(repository.path)).items())
        shapes = self.service.shapes
        return paginate(request, found, lambda pair: branch(shapes, repository, *pair))

    async def _branch(self, request: web.Request, repository: Repository) -> web.Response:
        name = request.match_info["branch"]
        sha = (await git.branches(repository.path)).get(name)
        if sha is None:
            raise Problem(404, "Branch not found")
        shapes, at = self.service.shapes, self.service.shapes.at
        html = f"{at.web}/{repository.full_name}/tree/{name}"
        url = f"{at.api}/repos/{repository.full_name}/branches/{name}"
        head = await git.read_commit(repository.path, sha)
        content = {
            "name": name,
            "commit": full_commit(shapes, repository, head),
            "_links": {"html": html, "self": url},
            "protected": False,
            "protection": {"enabled": False},
            "protection_url": f"{url}/protection",
        }
        return web.json_response(content)

    async def _commits(self, request: web.Request, repository: Repository) -> web.Response:
        name = request.query.get("sha", repository.default_branch)
        sha = await git.resolve(repository.path, name)
        if sha is None:
            raise (
                not_found() if "sha" in request.query else Problem(409, "Git Repository is empty.")
            )
        commits = await git.log(repository.path, sha, limit=_LIST_LIMIT)
        shapes = self.service.shapes
        return paginate(request, commits, lambda commit: full_commit(shapes, repository, commit))

    async def _commit(self, request: web.Request, repository: Repository) -> web.Response:
        sha = await git.resolve(repository.path, request.match_info["ref"])
        if sha is None:
            raise unknown_commit(request.match_info["ref"])
        commit = await git.read_commit(repository.path, sha)
        return web.json_response(full_commit(self.service.shapes, repository, commit))

    async def _compare(self, request: web.Request, repository: Repository) -> web.Response:
        base, separator, head = request.match_info["basehead"].partition("...")
        base_sha = await git.resolve(repository.path, base)
        head_sha = await git.resolve(repository.path, head)
        if not separator or base_sha is None or head_sha is None:
            raise not_found()
        merge_base = await git.merge_base(repository.path, base_sha, head_sha)
        if merge_base is None:
            raise Problem(404, f"No common ancestor between {base} and {head}.")
        return await self._comparison(request, repository, (base_sha, merge_base, head_sha))

    async def _comparison(
        self, request: web.Request, repository: Repository, shas: tuple[str, str, str]
    ) -> web.Response:
        base, merge_base, head = shas
        shapes = self.service.shapes
        ahead = await git.count(repository.path, f"{merge_base}..{head}")
        behind = await git.count(repository.path, f"{merge_base}..{base}")
        commits = await git.log(repository.path, f"{merge_base}..{head}", limit=_LIST_LIMIT)
        read = {sha: await git.read_commit(repository.path, sha) for sha in (base, merge_base)}
        url = f"{shapes.at.web}/{repository.full_name}/compare/{base}...{head}"

        def shape(commit: git.Commit) -> dict[str, Any]:
            return full_commit(shapes, repository, commit)

        some, headers = cut_page(request, commits[::-1])
        content = {
            "url": f"{shapes.at.api}/repos/{repository.full_name}/compare/{base}...{head}",
            "html_url": url,
            "permalink_url": url,
            "diff_url": f"{url}.diff",
            "patch_url": f"{url}.patch",
            "base_commit": shape(read[base]),
            "merge_base_commit": shape(read[merge_base]),
            "status": _status(ahead, behind),
            "ahead_by": ahead,
            "behind_by": behind,
            "total_commits": ahead,
            "commits": [shape(commit) for commit in some],
            "files": [],
        }
        return web.json_response(content, headers=headers)

    async def _pulls_of_commit(self, request: web.Request, repository: Repository) -> web.Response:
        """List those of this repository's own branches; GitHub leaves out what forks hold."""
        sha = await git.resolve(repository.path, request.match_info["ref"])
        if sha is None:
            raise unknown_commit(request.match_info["ref"])
        found = [
            pull
            for pull in self.service.world.pulls
            if pull.base is repository
            and not pull.from_fork
            and await git.is_ancestor(repository.path, sha, pull.head_sha)
            and not await git.is_ancestor(repository.path, sha, pull.base_sha)
        ]
        return paginate(request, found, self._listed)

    async def _pulls(self, request: web.Request, repository: Repository) -> web.Response:
        state = request.query.get("state", "open")
        order = "updated_at" if request.query.get("sort") == "updated" else "number"
        found = [
            pull
            for pull in self.service.world.pulls
            if pull.base is repository and state in {pull.state, "all"}
        ]
        ascending = request.query.get("direction", "desc") == "asc"
        found.sort(key=lambda pull: getattr(pull, order), reverse=not ascending)
        return paginate(request, found, self._listed)

    async def _pull(self, request: web.Request, repository: Repository) -> web.Response:
        number = request.match_info["number"]
        for pull in self.service.world.pulls:
            if pull.base is repository and str(pull.number) == number:
                shaped = full_pull(self.service.shapes, pull, commits=1, changed_files=1)
                return web.json_response(shaped)
        raise not_found()

    def _listed(self, pull: Pull) -> dict[str, Any]:
        return listed_pull(self.service.shapes, pull)


def _status(ahead: int, behind: int) -> str:
    if ahead and behind:
        return "diverged"
    if ahead:
        return "ahead"
    return "behind" if behind else "identical"
