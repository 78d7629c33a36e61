"""Pure: the few sums that every signal needs."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import compress

from lintbot.model.trust import Signal

DAYS_OF_MONTH = Fraction(1461, 48)


def tenths(points: float | Fraction) -> int:
    """Return points of 0 to 10 as tenths, 0 to 100, halves up."""
    return int(min(max(Fraction(points), Fraction()), Fraction(10)) * 10 + Fraction(1, 2))


def share(part: int, whole: int) -> Fraction:
    """Return a share from 0 to 1; 0 of nothing."""
    return Fraction(part, whole) if whole else Fraction()


def fade(value: Fraction | int, best: int, worst: int) -> Fraction:
    """Return 10 up to ``best``, 0 from ``worst``, and a straight line between."""
    return min(max(Fraction(worst - value, worst - best) * 10, Fraction()), Fraction(10))


def months(since: date, until: date) -> Fraction:
    """Return the months between two days, of 30.4 days each."""
    return Fraction((until - since).days) / DAYS_OF_MONTH


def percent(part: int, whole: int) -> str:
    """``72 %``, rounded down."""
    return f"{part * 100 // whole if whole else 0} %"


def sum_up(name: str, *parts: tuple[int | float, object, str, str], of: float = 10) -> Signal:
    """Return a signal that is a sum of points for things that are there.

    Args:
        name: of the signal.
        parts: points, whether they are given, the fact in words, what to do for them.
        of: the most that can be had, which counts as 10.
    """
    given = [bool(there) for _, there, _, _ in parts]
    points = sum(compress((Fraction(points) for points, *_ in parts), given), Fraction())
    return Signal(
        name=name,
        tenths=tenths(points * 10 / Fraction(of)),
        facts=tuple(f"{fact}: {'yes' if there else 'no'}" for _, there, fact, _ in parts),
        advice=tuple(advice for _, there, _, advice in parts if advice and not there),
    )


def unknown(name: str, why: str) -> Signal:
    """Return a signal that nobody knows, and why."""
    return Signal(name=name, tenths=None, facts=(why,))
