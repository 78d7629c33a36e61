"""Shell: what happens to every request: faults, who asks, rate limits, refusals, ETags."""

from __future__ import annotations

import asyncio
import hashlib
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Middleware

from lintbot.standin.auth import Caller, authenticate
from lintbot.standin.faults import Fault, Faults
from lintbot.standin.problems import Problem
from lintbot.standin.service import CALLER
from lintbot.standin.state import App, Token, UserToken
from lintbot.standin.world import World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HOUR_SECONDS: Final = 3600


@dataclass(slots=True)
class RateLimit:
    """The primary limit: requests an hour for each installation."""

    limit: int = 5000
    used: Counter[str] = field(default_factory=Counter)
    resets_at: int = field(default_factory=lambda: int(time.time()) + HOUR_SECONDS)

    def left(self, caller: Caller) -> dict[str, int]:
        """Return one resource of GET /rate_limit."""
        used = min(self.used[name_of(caller)], self.limit)
        return {
            "limit": self.limit,
            "remaining": self.limit - used,
            "used": used,
            "reset": self.resets_at,
        }

    def headers(self, caller: Caller) -> dict[str, str]:
        """Return the headers that every answer carries."""
        left = self.left(caller)
        named = {f"X-RateLimit-{name.title()}": str(number) for name, number in left.items()}
        return {**named, "X-RateLimit-Resource": "core"}

    def count(self, caller: Caller) -> None:
        """Count a request.

        Raises:
            Problem: 403, the hour's requests are used up.
        """
        name = name_of(caller)
        if self.used[name] >= self.limit:
            message = f"API rate limit exceeded for installation ID {name}."
            raise Problem(403, message, headers=self.headers(caller))
        self.used[name] += 1


def make_faults(faults: Faults) -> Middleware:
    """Return the middleware that troubles requests."""

    @web.middleware
    async def trouble(request: web.Request, handler: Handler) -> web.StreamResponse:
        fault = faults.take(request.method, request.path_qs)
        if fault is None:
            return await handler(request)
        await _wait(fault)
        response = await handler(request) if fault.after or _is_only_late(fault) else None
        if fault.drop:
            if request.transport is not None:
                request.transport.abort()
            return response or web.Response()
        if fault.status is None:
            return response or await handler(request)
        return web.Response(
            status=fault.status,
            body=fault.body,
            headers={**fault.headers, "Content-Type": fault.content_type},
        )

    return trouble


def make_entrance(world: World, limit: RateLimit) -> Middleware:
    """Return the middleware of the REST API."""

    @web.middleware
    async def enter(request: web.Request, handler: Handler) -> web.StreamResponse:
        caller: Caller = None
        try:
            _require_user_agent(request)
            caller = authenticate(world, request.headers.get("Authorization"))
            request[CALLER] = caller
            if not request.path.endswith("/rate_limit"):
                limit.count(caller)
            response = await handler(request)
            if _is_known(request, response):
                limit.used[name_of(caller)] -= 1
        except Problem as problem:
            response = web.json_response(
                problem.content(), status=problem.status, headers=problem.headers
            )
        except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
            response = web.json_response({"message": "Not Found"}, status=404)
        response.headers.setdefault("X-GitHub-Request-Id", uuid.uuid4().hex[:20].upper())
        for name, value in limit.headers(caller).items():
            response.headers.setdefault(name, value)
        return response

    return enter


def _require_user_agent(request: web.Request) -> None:
    if not request.headers.get("User-Agent"):
        raise Problem(403, "Request forbidden by administrative rules.")


async def _wait(fault: Fault) -> None:
    await asyncio.sleep(fault.delay_seconds)
    if fault.hold is not None:
        await fault.hold.wait()


def _is_only_late(fault: Fault) -> bool:
    return not fault.drop and fault.status is None


def name_of(caller: Caller) -> str:
    """Return under which name a caller's requests are counted."""
    match caller:
        case Token():
            return str(caller.installation.id)
        case App():
            return f"app {caller.id}"
        case UserToken():
            return f"user {caller.user.id}"
        case _:
            return "nobody"


def _is_known(request: web.Request, response: web.StreamResponse) -> bool:
    """Give an answer its ETag; one that the caller has already gets no body."""
    if request.method != "GET" or response.status != 200:  # noqa: PLR2004
        return False
    if not isinstance(response, web.Response) or not isinstance(response.body, bytes):
        return False
    tag = f'W/"{hashlib.sha256(response.body).hexdigest()}"'
    response.headers["ETag"] = tag
    if request.headers.get("If-None-Match") != tag:
        return False
    response.set_status(304)
    response.body = None
    return True
