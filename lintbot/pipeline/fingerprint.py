"""Pure: a finding's identity, which survives lines that move."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from lintbot.model.findings import Finding

FILE_LEVEL = frozenset(
    {
        *("C0114", "C0302", "R0401", "R0801", "C0304", "C0305", "C2503"),
        *("W291", "W292", "W391", "D100", "D104", "INP001", "E902"),
    }
)
"""Codes that speak of a whole file, whatever line they stand on."""

_DIGITS, _WHAT_DIGITS = 32, 24


def with_fingerprints(
    findings: Iterable[Finding], sources: Mapping[str, Sequence[str]]
) -> tuple[Finding, ...]:
    """Return the findings sorted and each with its fingerprint.

    Equal ones (the same rule on equal lines of one scope) are told apart by their order.

    Args:
        findings: of one tree, or all that one tool says of some of its files.
        sources: lines of each file.
    """
    seen: Counter[tuple[str, str]] = Counter()
    done = []
    for finding in in_order(findings):
        key = identity(finding, line_text(finding, sources))
        seen[finding.path, key] += 1
        what = _digest(f"{key}\0{seen[finding.path, key]}", _WHAT_DIGITS)
        where = _digest(finding.path, _DIGITS - _WHAT_DIGITS)
        done.append(replace(finding, fingerprint=what + where))
    return tuple(done)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings by file and place, then by what says what: in one order only."""
    return tuple(sorted(findings, key=_order))


def without_path(fingerprint: str) -> str:
    """Return the part of a fingerprint that a renamed file keeps."""
    return fingerprint[:_WHAT_DIGITS]


def identity(finding: Finding, text: str) -> str:
    """Return what makes a finding itself, but for its file and its turn among equals."""
    if finding.code in FILE_LEVEL:
        text = ""
    parts = (finding.tool, finding.code, finding.scope, text)
    return "\0".join(parts)


def line_text(finding: Finding, sources: Mapping[str, Sequence[str]]) -> str:
    """Return the line that a finding stands on, without its indentation."""
    lines = sources.get(finding.path, ())
    return lines[finding.line - 1].strip() if finding.line <= len(lines) else ""


def _digest(text: str, digits: int) -> str:
    return hashlib.sha256(text.encode(errors="backslashreplace")).hexdigest()[:digits]


def _order(finding: Finding) -> tuple[str, int, int, str, str, str]:
    return (
        finding.path,
        finding.line,
        finding.column or 0,
        finding.tool,
        finding.code,
        finding.message,
    )
