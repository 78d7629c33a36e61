"""Pure: findings and histories, grouped and counted for people to read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from lintbot.model.findings import Finding
from lintbot.model.ids import Sha
from lintbot.model.lint_run import Judgement
from lintbot.model.score import Score
from lintbot.model.summary import RunSummary

PER_PAGE = 500
"""Findings on one page: it stays light, and loads at once."""
TREND_COMMITS = 50


class Side(StrEnum):
    """Which findings of a commit are listed."""

    NEW = "new"
    ALL = "all"
    FIXED = "fixed"
    ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a list of findings is narrowed to; empty text narrows nothing."""

    side: Side
    rule: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One page of findings, by file.

    Attributes:
        page: 1-based, at most ``pages``.
        total: findings on all pages.
    """

    groups: tuple[tuple[str, tuple[Finding, ...]], ...]
    page: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One commit in a trend; ``x`` and ``y`` from 0 to 1, to the right and downwards."""

    x: float
    y: float
    sha: Sha
    score: Score


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Scores over commits, oldest first; the scale goes from ``low`` to ``high`` (scores)."""

    points: tuple[Point, ...]
    low: float
    high: float


def count_side(judgement: Judgement, side: Side) -> int:
    """Return how many findings a side has."""
    return len(_of_side(judgement, side))


def list_findings(judgement: Judgement, wanted: Filter, page: int) -> Listing:
    """Return one page of the findings that pass a filter, by path and line."""
    found = sorted(
        (it for it in _of_side(judgement, wanted.side) if _passes(it, wanted)),
        key=lambda it: (it.path, it.line, it.column or 0, it.rule),
    )
    pages = max(1, -(-len(found) // PER_PAGE))
    page = min(max(page, 1), pages)
    shown = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    groups = tuple((path, tuple(group)) for path, group in groupby(shown, lambda it: it.path))
    return Listing(groups=groups, page=page, pages=pages, total=len(found))


def _of_side(judgement: Judgement, side: Side) -> tuple[Finding, ...]:
    comparison = judgement.comparison
    return {
        Side.NEW: comparison.new,
        Side.ALL: comparison.new + comparison.unchanged,
        Side.FIXED: comparison.fixed,
        Side.ENVIRONMENT: comparison.environment,
    }[side]


def _passes(finding: Finding, wanted: Filter) -> bool:
    return wanted.rule in ("", finding.rule) and wanted.path in ("", finding.path)


def make_trend(history: Sequence[RunSummary]) -> Trend | None:
    """Return the trend of a history (newest first); None with fewer than two scored commits."""
    scored: dict[Sha, Score] = {}
    for run in history:
        if run.score is not None and len(scored) < TREND_COMMITS:
            scored.setdefault(run.sha, run.score)
    if len(scored) < 2:  # noqa: PLR2004  one commit is no trend
        return None
    low, high = _scale([score.hundredths / 100 for score in scored.values()])
    last, height = len(scored) - 1, high - low
    points = tuple(
        Point(x=index / last, y=(high - score.hundredths / 100) / height, sha=sha, score=score)
        for index, (sha, score) in enumerate(reversed(scored.items()))
    )
    return Trend(points=points, low=low, high=high)


def _scale(scores: Sequence[float]) -> tuple[float, float]:
    """Return bounds at halves around the scores, at least one apart: noise is no cliff."""
    low = max(0.0, (min(scores) * 2 // 1) / 2)
    high = min(10.0, -((-max(scores) * 2) // 1) / 2)
    if high - low < 1:
        high = min(10.0, low + 1)
        low = high - 1
    return low, high


def list_branches(history: Iterable[RunSummary], default: str) -> tuple[str, ...]:
    """Return the branches with lint runs, the default branch first, then by recency."""
    names = dict.fromkeys(run.branch for run in history if run.branch)
    return tuple(dict.fromkeys((default, *names)))
