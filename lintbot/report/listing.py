"""Pure: findings that pass a filter, page by page, in place among the lines they speak of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from lintbot.model.findings import Finding, Severity
from lintbot.model.lint_run import Judgement
from lintbot.model.source import Excerpts

PER_PAGE = 100
"""Findings on one page: with their source it stays light, and loads at once."""


class Side(StrEnum):
    """Which findings of a commit are listed."""

    NEW = "new"
    ALL = "all"
    UPGRADE = "upgrade"
    """Those of the unchanged that only a new version of a tool says."""
    FIXED = "fixed"
    ENVIRONMENT = "environment"


SIDES = {side.value: side for side in Side}
SEVERITIES = {severity.value: severity for severity in Severity}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a list of findings is narrowed to; empty text narrows nothing.

    Attributes:
        path: a file, or a folder and all below it if it ends in ``/``.
    """

    side: Side
    rule: str = ""
    path: str = ""
    severity: Severity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of source, with what is said of it.

    Attributes:
        text: untrusted; None when it is not kept.
        gap: lines before it are left out.
    """

    number: int
    text: str | None
    gap: bool
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One page of findings, by file.

    Attributes:
        page: 1-based, at most ``pages``.
        total: findings on all pages.
    """

    groups: tuple[tuple[str, tuple[Line, ...]], ...]
    page: int
    pages: int
    total: int


def count_side(judgement: Judgement, side: Side) -> int:
    """Return how many findings a side has."""
    return len(_of_side(judgement, side))


def list_findings(
    judgement: Judgement, wanted: Filter, page: int, excerpts: Excerpts | None = None
) -> Listing:
    """Return one page of the findings that pass a filter, by path and line."""
    found = narrow(judgement, wanted)
    pages = max(1, -(-len(found) // PER_PAGE))
    page = min(max(page, 1), pages)
    shown = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    sources = excerpts or {}
    groups = tuple(
        (path, make_lines(tuple(group), sources.get(path, {})))
        for path, group in groupby(shown, lambda it: it.path)
    )
    return Listing(groups=groups, page=page, pages=pages, total=len(found))


def narrow(judgement: Judgement, wanted: Filter) -> list[Finding]:
    """Return the findings that pass a filter, by path and line."""
    return sorted(
        (it for it in _of_side(judgement, wanted.side) if _passes(it, wanted)),
        key=lambda it: (it.path, it.line, it.column or 0, it.tool, it.code),
    )


def make_lines(findings: Sequence[Finding], source: Mapping[int, str]) -> tuple[Line, ...]:
    """Return the lines that some findings of one file stand on, and those around them."""
    said: dict[int, list[Finding]] = {}
    for finding in findings:
        said.setdefault(finding.line, []).append(finding)
    lines: list[Line] = []
    for number in sorted(said.keys() | _around(said, source)):
        lines.append(
            Line(
                number=number,
                text=source.get(number),
                gap=bool(lines) and lines[-1].number != number - 1,
                findings=tuple(said.get(number, ())),
            )
        )
    return tuple(lines)


def _around(numbers: Iterable[int], source: Mapping[int, str]) -> set[int]:
    """Return the kept lines next to others, as far as they are kept without a gap."""
    found: set[int] = set()
    for number in numbers:
        for step in (-1, 1):
            near = number + step
            while near in source and abs(near - number) <= _CONTEXT_LINES:
                found.add(near)
                near += step
    return found


_CONTEXT_LINES = 2


def _of_side(judgement: Judgement, side: Side) -> tuple[Finding, ...]:
    comparison = judgement.comparison
    return {
        Side.NEW: comparison.new,
        Side.ALL: comparison.new + comparison.unchanged,
        Side.UPGRADE: comparison.upgrade,
        Side.FIXED: comparison.fixed,
        Side.ENVIRONMENT: comparison.environment,
    }[side]


def _passes(finding: Finding, wanted: Filter) -> bool:
    in_path = finding.path == wanted.path or (
        wanted.path.endswith("/") and finding.path.startswith(wanted.path)
    )
    return (
        wanted.rule in ("", finding.rule)
        and (not wanted.path or in_path)
        and wanted.severity in (None, finding.severity)
    )
