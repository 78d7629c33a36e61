"""Shell: what all endpoints share: who asks, for which repository, and page by page."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from aiohttp import web
from yarl import URL

from lintbot.standin.auth import Caller, authorise
from lintbot.standin.check_shapes import CheckShapes
from lintbot.standin.events import Events
from lintbot.standin.hooks import Delivered, Hooks
from lintbot.standin.problems import Problem, not_found
from lintbot.standin.shapes import Shapes
from lintbot.standin.state import App, CheckRun, Repository
from lintbot.standin.world import World

CALLER: Final[web.RequestKey[Caller]] = web.RequestKey("caller")
CANONICAL: Final[web.RequestKey[str]] = web.RequestKey("canonical")
"""The path by the repository's id, which is what ``Link`` headers name."""

MAX_PER_PAGE: Final = 100

_T = TypeVar("_T")
Endpoint = Callable[[web.Request], Awaitable[web.StreamResponse]]
OnRepository = Callable[[web.Request, Repository], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What endpoints work with.

    Attributes:
        announce: sends ``check_run`` events after the answer, as GitHub does.
        redeliver: sends a delivery once more, after the answer.
        rate_limit: tells a caller how many requests are left, at no cost.
        add_app: registers an App from a manifest.
    """

    world: World
    shapes: Shapes
    checks: CheckShapes
    events: Events
    hooks: Hooks
    announce: Callable[[str, CheckRun], None]
    redeliver: Callable[[Delivered], None]
    rate_limit: Callable[[Caller], dict[str, int]]
    add_app: Callable[[dict[str, Any]], App]

    def on_repository(
        self, method: str, path: str, permission: str, handler: OnRepository
    ) -> list[web.RouteDef]:
        """Return routes for an endpoint by the repository's name and by its id."""

        async def endpoint(request: web.Request) -> web.StreamResponse:
            caller = request[CALLER]
            repository = self._find(request, caller)
            authorise(self.world, caller, repository, permission)
            request[CANONICAL] = self._canonical(request, repository)
            return await handler(request, repository)

        prefixes = ("/repos/{owner}/{repo}", "/repositories/{repository_id}")
        return [web.route(method, prefix + path, endpoint) for prefix in prefixes]

    def _find(self, request: web.Request, caller: Caller) -> Repository:
        names = request.match_info
        if "repository_id" in names:
            number = names["repository_id"]
            found = self.world.repositories.get(int(number) if number.isdigit() else 0)
        else:
            found = self.world.find_repository(names["owner"], names["repo"])
        if found is not None:
            return found
        renamed = "owner" in names and self.world.find_renamed(names["owner"], names["repo"])
        if not renamed:
            raise not_found()
        authorise(self.world, caller, renamed, "metadata:read")
        raise self._moved(request, renamed)

    def _moved(self, request: web.Request, repository: Repository) -> Problem:
        """Refer to the id: 301 for GET, 307 for the rest, whose body must be sent again."""
        url = self._canonical(request, repository)
        if request.method in {"GET", "HEAD"}:
            return Problem(301, "Moved Permanently", headers={"Location": url})
        return Problem(307, "Temporary Redirect", headers={"Location": url})

    def _canonical(self, request: web.Request, repository: Repository) -> str:
        old = f"/repos/{request.match_info.get('owner')}/{request.match_info.get('repo')}"
        _, is_named, rest = request.raw_path.partition(old)
        if not is_named:
            return str(request.url)
        return f"{self.shapes.at.api}/repositories/{repository.id}{rest}"


async def read_json(request: web.Request) -> dict[str, Any]:
    """Return the body, which must be an object; no body is an empty one.

    Raises:
        Problem: 400.
    """
    try:
        content = json.loads(await request.read() or b"{}")
    except ValueError:
        raise Problem(400, "Problems parsing JSON") from None
    if not isinstance(content, dict):
        raise Problem(400, "Body should be a JSON object")
    return content


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: its number, the items on a page, and the number of the last."""

    number: int
    size: int
    last: int

    @property
    def more(self) -> int | None:
        """The number of the next page; None on the last."""
        return self.number + 1 if self.number < self.last else None


def paginate(
    request: web.Request, items: Sequence[_T], shape: Callable[[_T], Any], key: str = ""
) -> web.Response:
    """Answer with one page of a list, with ``Link`` where there is more.

    Args:
        request: its query says which page (``page``, ``per_page``: 30, at most 100).
        items: all of them.
        shape: makes JSON of one.
        key: of the list in the answer, beside ``total_count``; empty for a bare list.
    """
    some, headers = cut_page(request, items)
    shaped = [shape(item) for item in some]
    content = {"total_count": len(items), key: shaped} if key else shaped
    return web.json_response(content, headers=headers)


def cut_page(request: web.Request, items: Sequence[_T]) -> tuple[Sequence[_T], dict[str, str]]:
    """Return the items of the page that is asked for, and the headers that lead on."""
    page = _page(request, len(items))
    start = (page.number - 1) * page.size
    headers = {} if page.more is None else {"Link": _links(request, page)}
    return items[start : start + page.size], headers


def _page(request: web.Request, total: int) -> Page:
    size = min(max(_number(request, "per_page", 30), 1), MAX_PER_PAGE)
    last = max((total + size - 1) // size, 1)
    return Page(max(_number(request, "page", 1), 1), size, last)


def _links(request: web.Request, page: Page) -> str:
    url = URL(request.get(CANONICAL) or str(request.url))
    words = {"next": page.more, "last": page.last}
    return ", ".join(
        f'<{url.update_query(page=str(number), per_page=str(page.size))}>; rel="{word}"'
        for word, number in words.items()
    )


def _number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, "")
    return int(text) if text.isdigit() else default
