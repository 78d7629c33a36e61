"""Pure: the trust report as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lintbot.model.requirement import Dependency
from lintbot.model.trust import SIGNALS, Signal, TrustReport

Json = dict[str, Any]


def trust_json(report: TrustReport) -> Json:
    """Return everything that the page shows. What is not known is null, never zero."""
    return {
        "formula": report.formula,
        "commit": report.sha,
        "computed_at": report.computed_at.isoformat(),
        "score": _points(report.tenths),
        "letter": report.letter,
        "known_percent": report.known_percent,
        "caps": [{"letter": cap.letter, "reason": cap.reason} for cap in report.caps],
        "signals": signals_json(report.signals),
        "dependencies": [_dependency(it) for it in report.dependencies],
        "notes": list(report.notes),
    }


def signals_json(signals: Iterable[Signal]) -> list[Json]:
    """Return signals with their facts, formula and advice."""
    return [_signal(signal) for signal in signals]


def _signal(signal: Signal) -> Json:
    kind = SIGNALS[signal.name]
    return {
        "name": signal.name,
        "title": kind.title,
        "score": _points(signal.tenths),
        "weight": kind.weight,
        "facts": list(signal.facts),
        "advice": list(signal.advice),
        "formula": kind.formula,
        "source": kind.source,
    }


def _dependency(it: Dependency) -> Json:
    requirement = it.requirement
    return {
        "name": requirement.name,
        "specifier": requirement.specifier,
        "path": requirement.path,
        "line": requirement.line,
        "group": requirement.group,
        "state": it.state.value,
        "words": it.words,
        "score": _points(it.tenths),
    }


def _points(tenths: int | None) -> float | None:
    return None if tenths is None else tenths / 10
