"""Pure: the badges of the trust report: trust, docs, bus-factor, dependencies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from lintbot.model.requirement import State
from lintbot.model.trust import UNRATED, TrustReport
from lintbot.report.badge import GRADE_COLORS, UNKNOWN, Badge

_GOOD_PERCENT, _FAIR_PERCENT = 80, 50
_GOOD_PEOPLE = 3
_NOT_KNOWN = {State.UNKNOWN, State.NOT_FOUND}
_LEVEL_COLORS = {"failure": "red", "warning": "orange", "notice": "yellow"}


def make_trust_badge(report: TrustReport | None, metric: str) -> Badge:
    """Return the badge of a metric; without a report, or without the fact, it is unknown."""
    make = _METRICS.get(metric)
    return UNKNOWN if report is None or make is None else make(report)


def _trust(report: TrustReport) -> Badge:
    if report.letter == UNRATED:
        return Badge(message=UNRATED, color=UNKNOWN.color, details=_details(report))
    return Badge(
        message=f"{report.letter} {report.score}",
        color=GRADE_COLORS[report.letter],
        details=_details(report),
    )


def _docs(report: TrustReport) -> Badge:
    if report.counts is None or report.counts.public == 0:
        return UNKNOWN
    percent = report.counts.explained * 100 // report.counts.public
    color = "green" if percent >= _GOOD_PERCENT else "orange"
    color = "yellow" if _FAIR_PERCENT <= percent < _GOOD_PERCENT else color
    return Badge(message=f"{percent}%", color=color, details=_details(report))


def _bus_factor(report: TrustReport) -> Badge:
    factor = report.absence_factor
    if factor is None:
        return UNKNOWN
    colors = ("red", "orange", "yellow", "green")
    color = colors[min(factor, _GOOD_PEOPLE)]
    return Badge(message=str(factor), color=color, details=_details(report))


def _dependencies(report: TrustReport) -> Badge:
    """Name the worst; "ok" only when all were read and every one of them is known."""
    states = Counter(it.state for it in report.dependencies)
    loud = next((state for state in State if state.level and states[state]), None)
    if loud is not None:
        color = _LEVEL_COLORS[loud.level]
        return Badge(message=f"{states[loud]} {loud}", color=color, details=_details(report))
    unknown = sum(states[state] for state in _NOT_KNOWN)
    known = sum(states.values()) - unknown
    if known == 0:
        return UNKNOWN
    if unknown:
        message, color = f"{known} ok, {unknown} unknown", "yellowgreen"
    elif report.partial:
        message, color = f"{known} ok, the rest unknown", "yellowgreen"
    else:
        message, color = "ok", "green"
    return Badge(message=message, color=color, details=_details(report))


def _details(report: TrustReport) -> str:
    when = f"{report.computed_at:%Y-%m-%d %H:%M} UTC"
    return f"formula {report.formula}, {report.known_percent} % known, {when}"


_METRICS: Mapping[str, Callable[[TrustReport], Badge]] = {
    "trust": _trust,
    "docs": _docs,
    "bus-factor": _bus_factor,
    "dependencies": _dependencies,
}
