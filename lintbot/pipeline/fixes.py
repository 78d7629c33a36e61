"""Pure: which of ruff's fixes are taken, and what they make of a file.

https://docs.astral.sh/ruff/linter/#fix-safety
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise, starmap
from typing import Any, Final

from lintbot.model.findings import Finding
from lintbot.model.lint import LintResult, ToolOutcome
from lintbot.pipeline.tools.tool import safe_argument

SAME: Final[Mapping[str, frozenset[str]]] = {
    "E703": frozenset({"E703", "W0301"}),
    "E713": frozenset({"E713"}),
    "E714": frozenset({"E714"}),
    "F401": frozenset({"F401", "W0611"}),
    "F541": frozenset({"F541", "W1309"}),
    "W291": frozenset({"W291", "C0303"}),
    "W292": frozenset({"W292", "C0304"}),
    "W293": frozenset({"W293", "C0303"}),
    "W605": frozenset({"W605", "W1401"}),
}
"""ruff's rule to those of flake8 and pylint that say the same; only what they said is mended."""

UNUSED_IMPORT: Final = "F401"
"""Mended only where pylint looks too: it tells when another module imports the name from here."""
MAX_FILES: Final = 200
MAX_FILE_BYTES: Final = 1024 * 1024

_Span = tuple[int, int, str]
"""Offsets in a text, the end excluded, and what comes in their place."""

_LINE_END = re.compile(r"\r\n|\n|\r")
_LAST_LINES = re.compile(r"(\r\n|\n|\r)(?:\r\n|\n|\r)+\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Characters of a file that make way for others; rows and columns from 1, the end excluded."""

    start: tuple[int, int]
    end: tuple[int, int]
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """What mends one finding of ruff, safely as ruff says."""

    path: str
    code: str
    line: int
    edits: tuple[Edit, ...]


def find_fixable(result: LintResult) -> tuple[Finding, ...]:
    """Return the findings that a patch may mend; where ruff is configured, those of ruff."""
    ran = {tool.tool for tool in result.tools if tool.outcome is ToolOutcome.OK}
    if "ruff" in ran:
        return tuple(f for f in result.findings if f.tool == "ruff")
    mended = frozenset[str]().union(
        *(codes for rule, codes in SAME.items() if rule != UNUSED_IMPORT or "pylint" in ran)
    )
    return tuple(f for f in result.findings if f.code in mended and not f.environment)


def fix_command(result: LintResult, findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return the command line that makes ruff tell its fixes for the files of some findings."""
    paths = sorted({finding.path for finding in findings})[:MAX_FILES]
    options = ["check", "--output-format=json", "--no-cache", "--no-fix", "--force-exclude"]
    if not any(tool.tool == "ruff" for tool in result.tools):
        options += ["--isolated", f"--select={','.join(SAME)}"]
    return ("ruff", *options, *map(safe_argument, paths))


def choose_fixes(stdout: str, root: str, findings: Iterable[Finding]) -> tuple[Fix, ...]:
    """Return the safe fixes that mend what some linter said. The output is hostile."""
    said = {(finding.path, finding.line, finding.code) for finding in findings}
    try:
        told = json.loads(stdout)
    except (ValueError, RecursionError):
        return ()
    items = told if isinstance(told, list) else []
    fixes = (fix for item in items if (fix := _read_fix(item, root)) is not None)
    return tuple(fix for fix in fixes if _is_wanted(fix, said))


def _is_wanted(fix: Fix, said: set[tuple[str, int, str]]) -> bool:
    codes = SAME.get(fix.code, frozenset({fix.code})) | {fix.code}
    return any((fix.path, fix.line, code) in said for code in codes)


def _read_fix(item: Any, root: str) -> Fix | None:
    try:
        if item["fix"]["applicability"] != "safe":
            return None
        return Fix(
            path=str(item["filename"]).removeprefix(f"{root}/").removeprefix("./"),
            code=str(item["code"]),
            line=int(item["location"]["row"]),
            edits=tuple(map(_read_edit, item["fix"]["edits"])),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _read_edit(item: Any) -> Edit:
    return Edit(
        start=(int(item["location"]["row"]), int(item["location"]["column"])),
        end=(int(item["end_location"]["row"]), int(item["end_location"]["column"])),
        content=str(item["content"]),
    )


def mend(data: bytes, fixes: Iterable[Fix]) -> bytes | None:
    """Return a file with its fixes; None when it cannot be mended safely.

    A fix that overlaps one above it is left out whole. Line ends stay as they are; blank lines that
    become the last ones of the file go too.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    if text.startswith("\ufeff"):  # ruff's columns of the first line do not count it
        return None
    starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
    mended, position = [], 0
    for start, end, content in _in_order(starts, len(text), fixes):
        mended += [text[position:start], content]
        position = end
    rest = text[position:]
    result = "".join((*mended, rest))
    if not rest.strip("\r\n"):
        result = _LAST_LINES.sub(r"\1", result)
    return result.encode() if result != text else None


def _in_order(starts: list[int], size: int, fixes: Iterable[Fix]) -> list[_Span]:
    """Return what is to be replaced, from top to bottom; of fixes that overlap, all of the first.

    A fix is taken with all of its edits or not at all. One edit may serve several fixes.
    """
    taken: list[_Span] = []
    for spans in sorted(_spans(starts, fix) for fix in fixes):
        tried = taken[:]
        if all(_insert(tried, span, size) for span in spans):
            taken = tried
    return taken


def _spans(starts: list[int], fix: Fix) -> list[_Span]:
    return sorted(
        (_offset(starts, edit.start), _offset(starts, edit.end), edit.content) for edit in fix.edits
    )


def _insert(taken: list[_Span], span: _Span, size: int) -> bool:
    """Put a span in its place, unless it is no span or touches what another one touches."""
    place = bisect_left(taken, span)
    if span in taken[place : place + 1]:
        return True
    around = (*taken[max(place - 1, 0) : place], span, *taken[place : place + 1])
    if not (span[0] <= span[1] <= size and all(starmap(_are_apart, pairwise(around)))):
        return False
    taken.insert(place, span)
    return True


def _are_apart(first: _Span, second: _Span) -> bool:
    """Tell whether one ends before the other; what is only put in takes up its place, too."""
    if first[1] == second[0]:
        return first[0] < first[1] and second[0] < second[1]
    return first[1] < second[0]


def _offset(starts: list[int], place: tuple[int, int]) -> int:
    row, column = place
    return starts[min(max(row, 1), len(starts)) - 1] + max(column, 1) - 1
