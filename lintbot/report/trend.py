"""Pure: the scores of a branch over its commits, and where the tools changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lintbot.model.ids import Sha
from lintbot.model.score import Score
from lintbot.model.summary import RunSummary

TREND_COMMITS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One commit in a trend; ``x`` and ``y`` from 0 to 1, to the right and downwards.

    Attributes:
        upgrade: what changed in the tools since the commit before, in words; else empty.
    """

    x: float
    y: float
    sha: Sha
    score: Score
    upgrade: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Scores over commits, oldest first; the scale goes from ``low`` to ``high`` (scores)."""

    points: tuple[Point, ...]
    low: float
    high: float

    @property
    def upgrades(self) -> tuple[Point, ...]:
        """The commits that were the first of new tools."""
        return tuple(point for point in self.points if point.upgrade)

    @property
    def change(self) -> int:
        """Hundredths from the oldest to the newest commit."""
        return self.points[-1].score.hundredths - self.points[0].score.hundredths


def make_trend(history: Sequence[RunSummary]) -> Trend | None:
    """Return the trend of a history (newest first); None with fewer than two scored commits."""
    runs: dict[Sha, RunSummary] = {}
    for run in history:
        if run.score is not None and len(runs) < TREND_COMMITS:
            runs.setdefault(run.sha, run)
    if len(runs) < 2:  # noqa: PLR2004  one commit is no trend
        return None
    scored = [(run, run.score) for run in reversed(runs.values()) if run.score is not None]
    low, high = _scale([score.hundredths / 100 for _, score in scored])
    last, height = len(scored) - 1, high - low
    points = tuple(
        Point(
            x=index / last,
            y=(high - score.hundredths / 100) / height,
            sha=run.sha,
            score=score,
            upgrade=describe_upgrade(scored[index - 1][0], run) if index else "",
        )
        for index, (run, score) in enumerate(scored)
    )
    return Trend(points=points, low=low, high=high)


def describe_upgrade(before: RunSummary, after: RunSummary) -> str:
    """Return which tools or formula changed between two runs, in words; empty if none did."""
    changes = describe_versions(before.versions, after.versions)
    formulas = [run.score.formula for run in (before, after) if run.score is not None]
    if len(set(formulas)) > 1:
        changes.append(f"formula {formulas[0]} → {formulas[1]}")
    return ", ".join(changes)


def describe_versions(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return ``pylint 4.0.0 → 4.1.4`` for each tool that both ran in different versions."""
    return [
        f"{tool} {before[tool]} → {version}"
        for tool, version in after.items()
        if before.get(tool, version) != version
    ]


def _scale(scores: Sequence[float]) -> tuple[float, float]:
    """Return bounds at halves around the scores, at least one apart: noise is no cliff."""
    low = max(0.0, (min(scores) * 2 // 1) / 2)
    high = min(10.0, -((-max(scores) * 2) // 1) / 2)
    if high - low < 1:
        high = min(10.0, low + 1)
        low = high - 1
    return low, high
