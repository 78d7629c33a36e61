"""Shell: GitHub's page where people register an App from a manifest.

https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import web
from yarl import URL

from lintbot.standin.sign_in import USER_COOKIE

MAX_NAME_CHARACTERS: Final = 34
_ALWAYS_SENT: Final = frozenset({"installation", "installation_repositories"})
_NEEDS: Final = {
    "check_run": "checks",
    "check_suite": "checks",
    "merge_group": "merge_queues",
    "pull_request": "pull_requests",
    "push": "contents",
}
"""The permission without which an event cannot be had."""


@dataclass(frozen=True, slots=True)
class Register:
    """The page. People press "Create" as soon as they see it.

    Attributes:
        offer: keeps a manifest, and returns the code that it can be converted with.
    """

    offer: Callable[[dict[str, Any]], str]

    def routes(self) -> list[web.RouteDef]:
        """Return the pages: of one's own account, and of an organisation."""
        return [
            web.post("/settings/apps/new", self._create),
            web.post("/organizations/{organization}/settings/apps/new", self._create),
        ]

    async def _create(self, request: web.Request) -> web.Response:
        if USER_COOKIE not in request.cookies:
            raise web.HTTPFound("/login")
        try:
            manifest = json.loads(str((await request.post()).get("manifest", "")))
        except ValueError:
            return web.Response(status=422, text="Invalid GitHub App manifest")
        problems = list(_problems(manifest))
        if problems:
            return web.Response(status=422, text="\n".join(problems))
        state = {"state": request.query["state"]} if "state" in request.query else {}
        raise web.HTTPFound(
            URL(manifest["redirect_url"]) % ({"code": self.offer(manifest)} | state)
        )


def _problems(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Give what GitHub refuses."""
    if not manifest.get("url"):
        yield "Homepage URL can't be blank"
    if len(manifest.get("name", "")) > MAX_NAME_CHARACTERS:
        yield f"Name is too long (maximum is {MAX_NAME_CHARACTERS} characters)"
    hook = manifest.get("hook_attributes", {}).get("url", "")
    if not hook:
        yield "Hook url can't be blank"
    if urlsplit(hook).hostname in {"localhost", "127.0.0.1"}:
        yield "Hook url is not supported because it isn't reachable over the public Internet"
    granted = manifest.get("default_permissions", {})
    for event in manifest.get("default_events", ()):
        if event in _ALWAYS_SENT or _NEEDS.get(event, "metadata") not in granted:
            yield f"Default events unsupported: {event}"
