"""Pure: how lintbot keeps its promises: for people, programs and Prometheus."""

from __future__ import annotations

from dataclasses import asdict

from lintbot.model.service import ServiceFigures
from lintbot.report.html import Site, render

_HELP = (
    ("p50_seconds", "push_to_verdict_p50_seconds", "Half of a day's verdicts came within this."),
    (
        "p95_seconds",
        "push_to_verdict_p95_seconds",
        "19 of 20 of these came within this.",
    ),
    ("verdicts", "verdicts_last_day", "Check runs completed in the last 24 hours."),
    ("waiting", "open_runs", "Lint runs that have no verdict yet."),
    ("stuck", "stuck_checks", "Check runs that are past their deadline."),
    ("missed", "missed_deliveries", "Deliveries of the last 7 days that did not come at first."),
    ("recovered", "recovered_deliveries", "Those of them that have come by now."),
)


def render_status(site: Site, figures: ServiceFigures) -> str:
    """Return the page."""
    return render(
        "status.html",
        site,
        figures=figures,
        p50=_seconds(figures.p50_seconds),
        p95=_seconds(figures.p95_seconds),
    )


def status_json(figures: ServiceFigures) -> dict[str, float | None]:
    """Return the figures for programs; what is not known is null, never zero."""
    return asdict(figures)


def status_metrics(figures: ServiceFigures) -> list[str]:
    """Return the figures as Prometheus wants them; what is not known is left out."""
    lines = []
    for field, name, words in _HELP:
        value = getattr(figures, field)
        if value is not None:
            kind = f"# TYPE lintbot_{name} gauge"
            lines += [f"# HELP lintbot_{name} {words}", kind, f"lintbot_{name} {value}"]
    return lines


def _seconds(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1f} s"
