"""Pure: the page of an account: all its repositories that the viewer may see."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from lintbot.model.ids import RepositoryId
from lintbot.model.plans import Statement
from lintbot.model.repository import Repository
from lintbot.model.summary import RunSummary
from lintbot.report.html import Feed, Site, render
from lintbot.report.trend import Trend
from lintbot.report.urls import account_url

PER_PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A repository in the list; ``latest`` None: it has no score yet."""

    repository: Repository
    latest: RunSummary | None
    trend: Trend | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """One page of an account's repositories.

    Attributes:
        sort: a key of ``ORDERS``; with ``-`` before it the other way round.
        page: 1-based, at most ``pages``.
        statement: what is to be said of its plan, to those who see its private repositories.
    """

    login: str
    rows: tuple[Row, ...]
    sort: str
    page: int
    pages: int
    total: int
    statement: Statement | None = None


def _by_name(row: Row) -> str:
    return row.repository.name.lower()


def _by_score(row: Row) -> int:
    score = row.latest.score if row.latest else None
    return -score.hundredths if score else 0


def _by_time(row: Row) -> float:
    return -row.latest.received_at.timestamp() if row.latest else 0.0


def _by_size(row: Row) -> int:
    score = row.latest.score if row.latest else None
    return -score.code_lines if score else 0


ORDERS: Final[Mapping[str, Callable[[Row], Any]]] = MappingProxyType(
    {"name": _by_name, "score": _by_score, "updated": _by_time, "lines": _by_size}
)
"""What the list may be sorted by: best, newest and largest first; without a score last."""


def list_rows(
    repositories: Sequence[Repository],
    latest: Mapping[RepositoryId, RunSummary],
    *,
    sort: str,
    page: int,
) -> AccountView:
    """Return one page of an account's repositories in the order that was asked for.

    Args:
        repositories: at least one; those that the viewer may see.
        latest: their newest lint runs that have a score.
        sort: as in the address; what makes no sense sorts by name.
        page: 1-based; too large a number gives the last.
    """
    sort = sort if sort.removeprefix("-") in ORDERS else "name"
    key = sort.removeprefix("-")
    rows = [Row(repository=it, latest=latest.get(it.id)) for it in repositories]
    rows.sort(key=_by_name)
    rows.sort(key=ORDERS[key], reverse=sort.startswith("-"))
    rows.sort(key=lambda row: key != "name" and row.latest is None)
    pages = -(-len(rows) // PER_PAGE)
    page = min(max(page, 1), pages)
    return AccountView(
        login=repositories[0].account.login,
        rows=tuple(rows[(page - 1) * PER_PAGE : page * PER_PAGE]),
        sort=sort,
        page=page,
        pages=pages,
        total=len(rows),
    )


def with_trends(view: AccountView, trend_of: Callable[[Repository], Trend | None]) -> AccountView:
    """Return the page with the trends of the repositories that it shows."""
    rows = (replace(row, trend=trend_of(row.repository)) for row in view.rows)
    return replace(view, rows=tuple(rows))


def render_account(site: Site, view: AccountView) -> str:
    """Return the page of an account."""
    url = account_url("", view.login)
    return render(
        "account.html",
        site,
        view=view,
        here=url,
        feed=Feed(f"{url}/feed", f"lintbot: {view.login}"),
    )
