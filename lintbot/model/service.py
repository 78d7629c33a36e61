"""Pure: how lintbot keeps its promises, in figures that everybody may see."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFigures:
    """Of the last day, the present moment, and the last week.

    Attributes:
        verdicts: check runs completed in the last 24 hours, of commits that were not superseded.
        p50_seconds: half of these were completed within this time of their delivery; None
            without any.
        p95_seconds: 19 of 20.
        waiting: lint runs without a verdict now.
        stuck: lint runs past their deadline without a verdict, or with one that GitHub does not
            show though it could.
        missed: deliveries in the last 7 days that did not reach us at first.
        recovered: those of them that have by now.
    """

    verdicts: int
    p50_seconds: float | None
    p95_seconds: float | None
    waiting: int
    stuck: int
    missed: int
    recovered: int


def percentile(sorted_values: Sequence[float], share: float) -> float | None:
    """Return the smallest value that at least this share (0 to 1) of all do not exceed.

    https://en.wikipedia.org/wiki/Percentile#The_nearest-rank_method
    """
    if not sorted_values:
        return None
    return sorted_values[max(math.ceil(share * len(sorted_values)), 1) - 1]
