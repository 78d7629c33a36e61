"""Shell: Apps, installations, tokens and the log of deliveries.

https://docs.github.com/en/rest/apps
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from lintbot.standin.auth import require_app, require_token
from lintbot.standin.events import ZEN, hook_config
from lintbot.standin.hooks import Delivered
from lintbot.standin.problems import Problem, not_found
from lintbot.standin.service import CALLER, Service, paginate, read_json
from lintbot.standin.state import App, Installation, Repository, utc_now

_LEVELS = {"read": 1, "write": 2, "admin": 3}


@dataclass(frozen=True, slots=True)
class AppsApi:
    """What an App may do as itself."""

    service: Service

    def routes(self) -> list[web.RouteDef]:
        """Return the endpoints."""
        one = "/app/installations/{installation}"
        return [
            web.get("/zen", self._zen),
            web.get("/rate_limit", self._rate_limit),
            web.get("/app", self._app),
            web.get("/app/installations", self._list),
            web.get(one, self._get),
            web.delete(one, self._delete),
            web.put(f"{one}/suspended", self._suspend),
            web.delete(f"{one}/suspended", self._unsuspend),
            web.post(f"{one}/access_tokens", self._mint),
            web.get("/installation/repositories", self._repositories),
            web.delete("/installation/token", self._revoke),
            web.get("/repos/{owner}/{repo}/installation", self._of_repository),
            web.get("/users/{login}/installation", self._of_account),
            web.get("/orgs/{login}/installation", self._of_account),
            web.post("/app-manifests/{code}/conversions", self._convert),
        ]

    async def _zen(self, _request: web.Request) -> web.Response:
        return web.Response(text=ZEN)

    async def _rate_limit(self, request: web.Request) -> web.Response:
        core = self.service.rate_limit(request[CALLER])
        resources = {"core": core, "search": core}
        return web.json_response({"resources": resources, "rate": core})

    async def _app(self, request: web.Request) -> web.Response:
        return web.json_response(self.service.shapes.app(require_app(request[CALLER])))

    async def _list(self, request: web.Request) -> web.Response:
        return paginate(
            request, self._of(require_app(request[CALLER])), self.service.shapes.installation
        )

    async def _get(self, request: web.Request) -> web.Response:
        return web.json_response(self.service.shapes.installation(self._find(request)))

    async def _delete(self, request: web.Request) -> web.Response:
        del self.service.world.installations[self._find(request).id]
        return web.Response(status=204)

    async def _suspend(self, request: web.Request) -> web.Response:
        self._find(request).suspended_at = utc_now()
        return web.Response(status=204)

    async def _unsuspend(self, request: web.Request) -> web.Response:
        self._find(request).suspended_at = None
        return web.Response(status=204)

    async def _mint(self, request: web.Request) -> web.Response:
        installation = self._find(request)
        if installation.suspended_at is not None:
            raise Problem(403, "This installation has been suspended")
        wanted = await read_json(request)
        chosen = self._choose(installation, wanted)
        granted = _narrow(installation.permissions, wanted.get("permissions"))
        ids = None if chosen is None else {repository.id for repository in chosen}
        token = self.service.world.mint(installation, granted, ids)
        return web.json_response(self.service.shapes.token(token, chosen or []), status=201)

    def _choose(
        self, installation: Installation, wanted: Mapping[str, Any]
    ) -> list[Repository] | None:
        """Return the repositories that a token is narrowed to; None: all."""
        ids, names = wanted.get("repository_ids"), wanted.get("repositories")
        if ids is None and names is None:
            return None
        reached = [r for r in self.service.world.repositories.values() if installation.reaches(r)]
        chosen = [r for r in reached if r.id in (ids or ()) or r.name in (names or ())]
        if not chosen or len(chosen) < len(ids or names or ()):
            message = "There is at least one repository that does not exist or is not accessible"
            raise Problem(422, f"{message} to the parent installation.")
        return chosen

    async def _repositories(self, request: web.Request) -> web.Response:
        token = require_token(request[CALLER])
        reached = [r for r in self.service.world.repositories.values() if token.reaches(r)]
        return paginate(request, reached, self.service.shapes.repository, "repositories")

    async def _revoke(self, request: web.Request) -> web.Response:
        del self.service.world.tokens[require_token(request[CALLER]).value]
        return web.Response(status=204)

    async def _of_repository(self, request: web.Request) -> web.Response:
        app = require_app(request[CALLER])
        names = request.match_info
        repository = self.service.world.find_repository(names["owner"], names["repo"])
        for installation in self._of(app):
            if repository is not None and installation.reaches(repository):
                return web.json_response(self.service.shapes.installation(installation))
        raise not_found()

    async def _of_account(self, request: web.Request) -> web.Response:
        login = request.match_info["login"].lower()
        for installation in self._of(require_app(request[CALLER])):
            if installation.account.login.lower() == login:
                return web.json_response(self.service.shapes.installation(installation))
        raise not_found()

    async def _convert(self, request: web.Request) -> web.Response:
        manifest = self.service.world.manifests.pop(request.match_info["code"], None)
        if manifest is None:
            raise not_found()
        app = self.service.add_app(manifest)
        secret = {
            "client_secret": app.client_secret,
            "webhook_secret": app.webhook_secret,
            "pem": app.private_key,
        }
        return web.json_response(self.service.shapes.app(app) | secret, status=201)

    def _of(self, app: App) -> list[Installation]:
        return [i for i in self.service.world.installations.values() if i.app is app]

    def _find(self, request: web.Request) -> Installation:
        number = request.match_info["installation"]
        for installation in self._of(require_app(request[CALLER])):
            if str(installation.id) == number:
                return installation
        raise not_found()


@dataclass(frozen=True, slots=True)
class HooksApi:
    """An App's own webhook: its configuration and its log."""

    service: Service

    def routes(self) -> list[web.RouteDef]:
        """Return the endpoints."""
        return [
            web.get("/app/hook/config", self._config),
            web.patch("/app/hook/config", self._configure),
            web.get("/app/hook/deliveries", self._deliveries),
            web.get("/app/hook/deliveries/{delivery}", self._delivery),
            web.post("/app/hook/deliveries/{delivery}/attempts", self._attempt),
        ]

    async def _config(self, request: web.Request) -> web.Response:
        return web.json_response(hook_config(require_app(request[CALLER])))

    async def _configure(self, request: web.Request) -> web.Response:
        app = require_app(request[CALLER])
        wanted = await read_json(request)
        app.hook_url = wanted.get("url", app.hook_url)
        app.hook_content_type = wanted.get("content_type", app.hook_content_type)
        app.webhook_secret = wanted.get("secret", app.webhook_secret)
        return web.json_response(hook_config(app))

    async def _deliveries(self, request: web.Request) -> web.Response:
        """List the newest first; the cursor is the id below which the next page begins."""
        query = request.query
        found = self._log(request)[::-1]
        if query.get("status") in {"success", "failure"}:
            found = [d for d in found if d.succeeded == (query["status"] == "success")]
        if query.get("cursor", "").isdigit():
            found = [d for d in found if d.id < int(query["cursor"])]
        size = int(query.get("per_page", "30"))
        headers = {}
        if len(found) > size:
            url = request.url.update_query(cursor=str(found[size - 1].id))
            headers["Link"] = f'<{url}>; rel="next"'
        return web.json_response([d.listed() for d in found[:size]], headers=headers)

    async def _delivery(self, request: web.Request) -> web.Response:
        return web.json_response(self._find(request).full())

    async def _attempt(self, request: web.Request) -> web.Response:
        self.service.redeliver(self._find(request))
        return web.json_response({}, status=202)

    def _log(self, request: web.Request) -> list[Delivered]:
        app = require_app(request[CALLER])
        return [delivery for delivery in self.service.hooks.log if delivery.app is app]

    def _find(self, request: web.Request) -> Delivered:
        for delivery in self._log(request):
            if str(delivery.id) == request.match_info["delivery"]:
                return delivery
        raise not_found()


def _narrow(granted: dict[str, str], wanted: Mapping[str, str] | None) -> dict[str, str]:
    """Return the permissions of a token: what was asked for, and never more than granted."""
    if wanted is None:
        return dict(granted)
    for name, level in wanted.items():
        if _LEVELS.get(level, 9) > _LEVELS.get(granted.get(name, ""), 0):
            raise Problem(422, "The permissions requested are not granted to this installation.")
    return {"metadata": "read", **wanted}
