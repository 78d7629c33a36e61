"""Shell: badges. Always 200 and always a picture, whatever is asked and whatever fails.

An answer is kept for ``FRESH_SECONDS`` and read from the database again after that, by each
web process on its own; so a stored lint run shows everywhere within that time and no process
has to tell another. The process that is told of a change of repositories reads again at once.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from aiohttp import web
from cachetools import LRUCache

from lintbot.errors import LintbotError
from lintbot.model.ids import RepositoryId
from lintbot.model.repository import Repository
from lintbot.model.trust import TrustReport
from lintbot.ports import Catalog
from lintbot.report.badge import (
    LABEL,
    UNKNOWN,
    Badge,
    endpoint_json,
    make_badge,
    make_waiting_badge,
    render_badge,
)
from lintbot.report.badge_svg import Style, clean
from lintbot.report.trust_badge import make_trust_badge
from lintbot.web.caching import REVALIDATE, has_it, make_etag
from lintbot.web.express import Wire, make_wire
from lintbot.web.visibility import is_branch, is_name

_log = logging.getLogger(__name__)

FRESH_SECONDS = 5.0
READ_TIMEOUT_SECONDS = 2.0
"""GitHub's image proxy gives up after 10 s; the last known badge is better than a late one."""
MAX_BADGES = 20_000
MAX_PREPARED_BYTES = 16 * 1024 * 1024
MAX_LABEL_CHARACTERS = 400
METRICS = ("lint", "trust", "docs", "bus-factor", "dependencies")

LoadTrust = Callable[[RepositoryId], TrustReport | None]

_STYLES = {style.value: style for style in Style}
_FORMS = ("svg", "json")
_SVG, _JSON = "image/svg+xml; charset=utf-8", "application/json; charset=utf-8"
_HEADERS = {
    "Cache-Control": REVALIDATE,
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whose badge, and of what.

    Attributes:
        branch: None is the default branch, which trust is about.
        token_digest: of the token that came with the request; empty: none came.
    """

    owner: str
    name: str
    branch: str | None
    metric: str = LABEL
    token_digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a request asks for; the subject is None when nothing can be known about it."""

    subject: Subject | None
    label: str
    style: Style
    as_json: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """An answer, and until when it may be given unasked (monotonic seconds).

    Attributes:
        found: the same as it goes over the wire; ``unchanged`` is 304.
    """

    body: bytes
    headers: dict[str, str]
    fresh_until: float
    found: Wire
    unchanged: Wire

    @property
    def size_bytes(self) -> int:
        """What it takes of memory, about."""
        return len(self.body) + sum(map(len, self.found + self.unchanged))


class Badges:
    """Answers for badges from memory, and reads at most every few seconds.

    Args:
        catalog: where the truth is.
        load_trust: returns the newest trust report of a repository. Blocking.
        monotonic: seconds that only grow.
    """

    def __init__(
        self,
        catalog: Catalog,
        monotonic: Callable[[], float] = time.monotonic,
        *,
        load_trust: LoadTrust,
    ) -> None:
        self._catalog = catalog
        self._load_trust = load_trust
        self._monotonic = monotonic
        self._known: LRUCache[Subject, tuple[Badge, float]] = LRUCache(MAX_BADGES)
        self._reading: dict[Subject, asyncio.Task[Badge]] = {}
        self._age = 0
        self._prepared: LRUCache[str, _Prepared] = LRUCache(
            MAX_PREPARED_BYTES, getsizeof=lambda prepared: prepared.size_bytes
        )

    async def answer(self, request: web.Request) -> web.Response:
        """Answer ``GET /badge/…``."""
        prepared = self._prepared.get(request.path_qs)
        if prepared is None or prepared.fresh_until < self._monotonic():
            prepared = await self._prepare(request)
        if has_it(request.headers.get("If-None-Match", ""), prepared.headers["ETag"]):
            return web.Response(status=304, headers=_without_type(prepared.headers))
        return web.Response(body=prepared.body, headers=prepared.headers)

    def recall(self, target: str, if_none_match: str) -> Wire | None:
        """Return the same answer as it goes over the wire (``express.Lane``), if it is fresh."""
        prepared = self._prepared.get(target)
        if prepared is None or prepared.fresh_until < self._monotonic():
            return None
        unchanged = if_none_match and has_it(if_none_match, prepared.headers["ETag"])
        return prepared.unchanged if unchanged else prepared.found

    def forget(self) -> None:
        """Read everything again: some repository may have become private or gone."""
        self._age += 1
        for kept in (self._known, self._reading, self._prepared):
            kept.clear()

    async def _prepare(self, request: web.Request) -> _Prepared:
        wish, age = parse_wish(request), self._age
        badge, fresh_until = UNKNOWN, self._monotonic() + FRESH_SECONDS
        if wish.subject is not None:
            badge, fresh_until = await self._look_up(wish.subject)
        body = _render(badge, wish)
        headers = _HEADERS | {
            "Content-Type": _JSON if wish.as_json else _SVG,
            "ETag": make_etag(body),
        }
        prepared = _Prepared(
            body=body,
            headers=headers,
            fresh_until=fresh_until,
            found=make_wire("200 OK", headers | {"Content-Length": str(len(body))}, body),
            unchanged=make_wire("304 Not Modified", _without_type(headers)),
        )
        if age == self._age:
            self._prepared[request.path_qs] = prepared
        return prepared

    async def _look_up(self, subject: Subject) -> tuple[Badge, float]:
        """Return a badge and until when it is fresh: read, or the last known one, or unknown."""
        known = self._known.get(subject)
        if known is not None and known[1] >= self._monotonic():
            return known
        badge, age = known[0] if known is not None else UNKNOWN, self._age
        try:
            async with asyncio.timeout(READ_TIMEOUT_SECONDS):
                badge = await asyncio.shield(self._read_once(subject))
        except (LintbotError, TimeoutError) as error:
            _log.warning("no badge can be read: %s", error)
        except Exception:  # noqa: BLE001  a badge is promised whatever fails, our own bugs included
            _log.exception("no badge can be read")
        fresh = (badge, self._monotonic() + FRESH_SECONDS)
        if age == self._age:
            self._known[subject] = fresh
        return fresh

    def _read_once(self, subject: Subject) -> asyncio.Task[Badge]:
        """Read in one thread, however many ask at the same time."""
        task = self._reading.get(subject)
        if task is None:
            task = asyncio.create_task(
                asyncio.to_thread(read_badge, self._catalog, self._load_trust, subject)
            )
            self._reading[subject] = task
            task.add_done_callback(lambda done: self._finish(subject, done))
        return task

    def _finish(self, subject: Subject, task: asyncio.Task[Badge]) -> None:
        if self._reading.get(subject) is task:
            del self._reading[subject]
        if not task.cancelled():
            task.exception()  # seen, even if everybody who asked has given up waiting


def badge_routes(badges: Badges) -> list[web.RouteDef]:
    """Return the badges' routes: everything under ``/badge/``, so that nothing there is a 404."""
    return [web.get("/badge/{path:(?s:.*)}", badges.answer)]


def read_badge(catalog: Catalog, load_trust: LoadTrust, subject: Subject) -> Badge:
    """Return what a stranger may see: a private repository looks like one that does not exist.

    With the repository's own badge token in the address it is shown.

    Raises:
        TransientError: the database is out of reach.
    """
    repository = catalog.find_repository(subject.owner, subject.name)
    if repository is None or not _may_show(catalog, repository, subject.token_digest):
        return UNKNOWN
    if subject.metric != LABEL:
        return make_trust_badge(load_trust(repository.id), subject.metric)
    return read_lint_badge(catalog, repository, subject.branch)


def read_lint_badge(catalog: Catalog, repository: Repository, branch: str | None) -> Badge:
    """Return what the badge of a repository says of a branch; None: of its default branch.

    Raises:
        TransientError: the database is out of reach.
    """
    name = branch or repository.default_branch
    run = catalog.latest_run(repository.id, name)
    if run is not None:
        return make_badge(run)
    newest = catalog.history(repository.id, name, 1)
    if not newest and branch:
        return UNKNOWN
    return make_waiting_badge(newest[0] if newest else None)


def digest_token(token: str) -> str:
    """Return what is stored of a badge token."""
    return sha256(token.encode(errors="replace")).hexdigest()


def _may_show(catalog: Catalog, repository: Repository, token_digest: str) -> bool:
    if not repository.private:
        return True
    return bool(token_digest) and catalog.opens_badge(repository.id, token_digest)


def parse_wish(request: web.Request) -> Wish:
    """Return what is asked for, whatever it is; what makes no sense is asked as unknown."""
    path, query = request.match_info["path"], request.query
    name_path, _, form = path.rpartition(".")
    owner, _, name = name_path.partition("/")
    metric = query.get("metric") or LABEL
    branch, token = query.get("branch", ""), query.get("token", "")
    plain = form in _FORMS and is_name(owner) and is_name(name) and is_branch(branch)
    return Wish(
        subject=Subject(
            owner=owner.lower(),
            name=name.lower(),
            branch=branch or None,
            metric=metric,
            token_digest=digest_token(token) if token else "",
        )
        if plain and metric in METRICS
        else None,
        label=query.get("label", metric if metric in METRICS else LABEL)[:MAX_LABEL_CHARACTERS],
        style=_STYLES.get(query.get("style", ""), Style.FLAT),
        as_json=form == "json",
    )


def _without_type(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name != "Content-Type"}


def _render(badge: Badge, wish: Wish) -> bytes:
    if wish.as_json:
        return json.dumps(endpoint_json(badge, clean(wish.label))).encode()
    return render_badge(badge, wish.label, wish.style).encode()
