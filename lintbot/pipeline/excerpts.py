"""Shell: the lines of source that the pages show around findings."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from lintbot.model.findings import Finding
from lintbot.model.secrets import redact
from lintbot.model.source import Excerpts
from lintbot.pipeline.sources import read_lines
from lintbot.ports import Checkout

CONTEXT_LINES = 2
"""Shown before and after the line of a finding."""
MAX_LINE_CHARACTERS = 240
MAX_CHARACTERS = 1024 * 1024
"""Of one commit; the most severe findings get theirs first."""


def read_excerpts(checkout: Checkout, findings: Iterable[Finding]) -> Excerpts:
    """Return the lines around the findings in a checkout. Blocking."""
    excerpts: Excerpts = {}
    room = MAX_CHARACTERS
    ranked = sorted(findings, key=lambda it: (it.severity.rank, it.path))
    for (_, path), group in groupby(ranked, lambda it: (it.severity, it.path)):
        lines = read_lines(checkout.root / path)
        kept = excerpts.setdefault(path, {})
        for number in _numbers(group, len(lines)):
            if number not in kept and len(text := _cut(lines[number - 1])) <= room:
                kept[number] = text
                room -= len(text)
    return {path: kept for path, kept in excerpts.items() if kept}


def _numbers(findings: Iterable[Finding], last: int) -> list[int]:
    """Return the numbers of the lines around some findings, in order."""
    around = {
        number
        for finding in findings
        for number in range(finding.line - CONTEXT_LINES, finding.line + CONTEXT_LINES + 1)
    }
    return sorted(number for number in around if 1 <= number <= last)


def _cut(text: str) -> str:
    text = redact(text[: MAX_LINE_CHARACTERS * 4])
    return text if len(text) <= MAX_LINE_CHARACTERS else text[: MAX_LINE_CHARACTERS - 1] + "…"
