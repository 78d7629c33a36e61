"""Shell: who signed in, and what they and the App together can reach.

https://docs.github.com/en/rest/users/users , https://docs.github.com/en/rest/apps/installations
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from lintbot.standin.auth import require_user
from lintbot.standin.problems import not_found
from lintbot.standin.service import CALLER, Service, paginate
from lintbot.standin.shapes import permissions, stamp
from lintbot.standin.state import App, Installation, Repository, UserToken


@dataclass(frozen=True, slots=True)
class UsersApi:
    """What an App may ask with the token of somebody who signed in."""

    service: Service

    def routes(self) -> list[web.RouteDef]:
        """Return the endpoints."""
        return [
            web.get("/user", self._user),
            web.get("/user/installations", self._installations),
            web.get("/user/installations/{installation}/repositories", self._repositories),
            web.delete("/applications/{client_id}/token", self._revoke),
        ]

    async def _user(self, request: web.Request) -> web.Response:
        user = require_user(request[CALLER]).user
        made = stamp(user.created_at)
        facts: dict[str, Any] = dict.fromkeys(
            ("name", "company", "location", "email", "hireable", "bio", "twitter_username"), None
        )
        counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
        content = {**self.service.shapes.account(user), **facts, **counts, "blog": ""}
        return web.json_response(content | {"created_at": made, "updated_at": made})

    async def _revoke(self, request: web.Request) -> web.Response:
        """Revoke one token: https://docs.github.com/en/rest/apps/oauth-applications ."""
        app, client_id = request[CALLER], request.match_info["client_id"]
        if not isinstance(app, App) or app.client_id != client_id:
            raise not_found()
        value = str((await request.json()).get("access_token", ""))
        token = self.service.world.user_tokens.get(value)
        if token is None or token.app is not app:
            raise not_found()
        del self.service.world.user_tokens[value]
        return web.Response(status=204)

    async def _installations(self, request: web.Request) -> web.Response:
        token = require_user(request[CALLER])
        shape = self.service.shapes.installation
        return paginate(request, self._reached(token), shape, "installations")

    async def _repositories(self, request: web.Request) -> web.Response:
        token = require_user(request[CALLER])
        number = request.match_info["installation"]
        found = [i for i in self._reached(token) if str(i.id) == number]
        if not found:
            raise not_found()
        reached = [r for r in self._readable(token) if found[0].reaches(r)]

        def shape(repository: Repository) -> dict[str, Any]:
            may = permissions(repository.role_of(token.user) or "none")
            return {**self.service.shapes.repository(repository), "permissions": may}

        return paginate(request, reached, shape, "repositories")

    def _readable(self, token: UserToken) -> list[Repository]:
        world = self.service.world
        return [r for r in world.repositories.values() if world.reaches(token, r)]

    def _reached(self, token: UserToken) -> list[Installation]:
        """Return the installations with a repository that the person has been let in."""
        readable = self._readable(token)
        return [
            i
            for i in self.service.world.installations.values()
            if i.app is token.app
            and i.suspended_at is None
            and any(i.reaches(r) and _is_explicit(r, token) for r in readable)
        ]


def _is_explicit(repository: Repository, token: UserToken) -> bool:
    """Tell whether somebody is more to a repository than one of the public."""
    return repository.owner is token.user or token.user.id in repository.roles
