"""Pure: repositories side by side, in the order that was asked for; no ranking."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lintbot.model.lint import ToolReport
from lintbot.model.overview import Overview, RunOverview
from lintbot.model.repository import Repository
from lintbot.model.trust import SIGNALS, TrustReport, show
from lintbot.report.api import Json, neutral_json, score_json
from lintbot.report.html import Site, render
from lintbot.report.rules import family_of, split_rule
from lintbot.report.trend import Trend
from lintbot.report.trust_json import trust_json

MAX_REPOSITORIES = 10
UNKNOWN = "unknown"
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet take a cell for a formula:
https://owasp.org/www-community/attacks/CSV_Injection"""

Rates = Mapping[str, float]
"""Findings for every 1,000 lines of code, by family of rules."""
RateRow = tuple[str, tuple[float | None, ...]]
"""A family, and its rate in each column; None: not known there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One repository.

    Attributes:
        asked: the ``owner/name`` that was asked for.
        repository: None when it is unknown, or not for the viewer to see: nobody can tell.
        latest: None when it has no score yet; ``trust``: None when there is no report yet.
    """

    asked: str
    repository: Repository | None = None
    latest: RunOverview | None = None
    trend: Trend | None = None
    trust: TrustReport | None = None

    @property
    def overview(self) -> Overview | None:
        """What was found at the newest commit that has a score."""
        return self.latest.overview if self.latest else None


def own_rates(overview: Overview) -> Rates:
    """Return the rates of the repository's own tools; a family of a tool that ran may be 0."""
    numbers: Counter[str] = Counter()
    for rule in overview.rules:
        numbers[family_of(rule.key)] += rule.number
    lines = max(overview.result.code_lines, 1)
    return {family: 1000 * number / lines for family, number in sorted(numbers.items())}


def neutral_rates(overview: Overview) -> Rates:
    """Return the rates of the neutral profile; empty when it was not measured."""
    profile = overview.result.neutral
    if profile is None:
        return {}
    return {it.family: profile.per_thousand_lines(it.count) for it in profile.families}


def compare_own(columns: Sequence[Column]) -> list[RateRow]:
    """Return the families of the repositories' own tools. A tool that did not run found not 0."""
    tools = {
        family_of(rule.key): split_rule(rule.key)[0]
        for column in columns
        if column.overview is not None
        for rule in column.overview.rules
    }
    rates = [own_rates(it.overview) if it.overview else {} for it in columns]
    ran = [_tools(it.overview) if it.overview else set() for it in columns]
    return [
        (
            family,
            tuple(
                rate.get(family, 0.0) if tool in names else None
                for rate, names in zip(rates, ran, strict=True)
            ),
        )
        for family, tool in sorted(tools.items())
    ]


def _tools(overview: Overview) -> set[str]:
    return {tool.tool for tool in overview.result.tools}


def compare_neutral(columns: Sequence[Column]) -> list[RateRow]:
    """Return the families of the neutral profile."""
    rates = [neutral_rates(it.overview) if it.overview else {} for it in columns]
    names = dict.fromkeys(name for rate in rates for name in rate)
    return [(name, tuple(rate.get(name) for rate in rates)) for name in names]


def compare_trust(columns: Sequence[Column]) -> list[tuple[str, tuple[str | None, ...]]]:
    """Return the signals of trust by their names, points in words; None: unknown."""
    if not any(column.trust for column in columns):
        return []
    return [(name, tuple(_points(column, name) for column in columns)) for name in SIGNALS]


def _points(column: Column, name: str) -> str | None:
    signal = column.trust.signal(name) if column.trust else None
    return show(signal.tenths) if signal is not None and signal.tenths is not None else None


def render_compare(site: Site, columns: Sequence[Column], asked: str, problem: str = "") -> str:
    """Return the page.

    Args:
        site: where things are.
        columns: in the order that was asked for; none: only the form.
        asked: the text of the form's field.
        problem: what is wrong with it, in words.
    """
    known = [it.overview.result for it in columns if it.overview is not None]
    return render(
        "compare.html",
        site,
        columns=columns,
        asked=asked,
        problem=problem,
        most=MAX_REPOSITORIES,
        own=compare_own(columns),
        neutral=compare_neutral(columns),
        trust=compare_trust(columns),
        profiles=sorted({it.neutral.name for it in known if it.neutral is not None}),
        versions=versions,
    )


def versions(tools: Iterable[ToolReport]) -> str:
    """Return ``pylint 4.1.4, flake8 7.5.0``."""
    return ", ".join(dict.fromkeys(f"{tool.tool} {tool.version}" for tool in tools))


def compare_json(columns: Iterable[Column]) -> Json:
    """Return the comparison as plain data; what is unknown is null."""
    return {"repositories": [_column_json(column) for column in columns]}


def _column_json(column: Column) -> Json:
    found, latest, trend = column.overview, column.latest, column.trend
    known: Json = {"repository": column.asked, "known": column.repository is not None}
    known["trust"] = trust_json(column.trust) if column.trust else None
    if column.repository is not None:
        known["repository"] = column.repository.full_name
    if found is None or latest is None or found.score is None:
        return known | {"score": None}
    return known | {
        "score": score_json(found.score),
        "sha": latest.job.head_sha,
        "received_at": latest.job.received_at.isoformat(),
        "trend": [str(point.score) for point in trend.points] if trend else [],
        "python_files": found.result.python_files,
        "tools": {tool.tool: tool.version for tool in found.result.tools},
        "per_thousand_lines": {name: round(rate, 2) for name, rate in own_rates(found).items()},
        "neutral": neutral_json(found.result.neutral) if found.result.neutral else None,
    }


def compare_csv(columns: Sequence[Column]) -> str:
    """Return the comparison as CSV, a row for each repository; no cell is a formula."""
    own, neutral = compare_own(columns), compare_neutral(columns)
    head = ["repository", "score", "grade", "partial", "change", "lines", "versions", "sha", "date"]
    head += [f"{family} per 1000 lines" for family, _ in own]
    trust = compare_trust(columns)
    head += ["trust", "trust letter", *(f"trust: {name}" for name, _ in trust)]
    head += ["neutral score", *(f"neutral: {family} per 1000 lines" for family, _ in neutral)]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(map(plain_cell, head))
    for index, column in enumerate(columns):
        rates = [row[index] for _, row in own], [row[index] for _, row in neutral]
        cells = [*_facts(column), *map(_rate, rates[0]), *_trust(column)]
        cells += [*(row[index] or UNKNOWN for _, row in trust), _neutral_score(column)]
        writer.writerow(map(plain_cell, [*cells, *map(_rate, rates[1])]))
    return text.getvalue()


def _facts(column: Column) -> list[str]:
    found, latest = column.overview, column.latest
    name = column.repository.full_name if column.repository else column.asked
    if found is None or latest is None or found.score is None:
        return [name, *[UNKNOWN] * 8]
    score = found.score
    return [
        name,
        str(score),
        score.grade,
        "yes" if score.partial else "no",
        f"{column.trend.change / 100:.2f}" if column.trend else UNKNOWN,
        str(score.code_lines),
        versions(found.result.tools),
        latest.job.head_sha,
        latest.job.received_at.isoformat(),
    ]


def _neutral_score(column: Column) -> str:
    profile = column.overview.result.neutral if column.overview else None
    return str(profile.score) if profile else UNKNOWN


def _trust(column: Column) -> list[str]:
    report = column.trust
    return [report.score, report.letter] if report else [UNKNOWN, UNKNOWN]


def _rate(rate: float | None) -> str:
    return UNKNOWN if rate is None else f"{rate:.2f}"


def plain_cell(text: str) -> str:
    """Return a cell that no spreadsheet computes; numbers stay numbers."""
    is_number = text.lstrip("-").replace(".", "", 1).isdecimal()
    return f"'{text}" if text.startswith(_FORMULA_SIGNS) and not is_number else text
