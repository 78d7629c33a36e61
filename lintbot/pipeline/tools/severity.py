"""Pure: how bad a code is. The table stands in docs/score.md, and a test compares the two."""

from __future__ import annotations

from lintbot.model.findings import Severity

FAMILIES: tuple[tuple[str, Severity], ...] = (
    ("E9", Severity.ERROR),
    ("F401", Severity.WARNING),
    ("F811", Severity.WARNING),
    ("F841", Severity.WARNING),
    ("F842", Severity.WARNING),
    ("F", Severity.ERROR),
    ("E711", Severity.WARNING),
    ("E712", Severity.WARNING),
    ("E713", Severity.WARNING),
    ("E714", Severity.WARNING),
    ("E721", Severity.WARNING),
    ("E722", Severity.WARNING),
    ("W6", Severity.WARNING),
    ("B", Severity.WARNING),
    ("S", Severity.WARNING),
    ("ASYNC", Severity.WARNING),
    ("PLE", Severity.ERROR),
    ("PLW", Severity.WARNING),
    ("invalid-syntax", Severity.ERROR),
)
"""Prefixes of flake8's and ruff's codes, the first that fits counts; all others are remarks."""

PYLINT = {
    "fatal": Severity.ERROR,
    "error": Severity.ERROR,
    "warning": Severity.WARNING,
    "convention": Severity.INFO,
    "refactor": Severity.INFO,
    "info": Severity.INFO,
}
"""pylint's own message types."""

_MYPY_ERRORS = (
    "syntax",
    "name-defined",
    "used-before-def",
    "attr-defined",
    "call-arg",
    "abstract",
)
_MYPY_REMARKS = (
    *("no-untyped-def", "no-untyped-call", "type-arg", "var-annotated", "annotation-unchecked"),
    *("explicit-override", "explicit-any", "ignore-without-code", "deprecated"),
    *("redundant-expr", "redundant-self"),
)
MYPY = dict.fromkeys(_MYPY_ERRORS, Severity.ERROR) | dict.fromkeys(_MYPY_REMARKS, Severity.INFO)
"""mypy's codes: what fails when the code runs is an error, what only asks for annotations a remark;
all others are warnings."""

BANDIT = {"HIGH": Severity.ERROR, "MEDIUM": Severity.WARNING, "LOW": Severity.INFO}
"""bandit's own severities."""

_STYLE_LETTERS_ONLY = {"F", "B", "S"}


def severity_of(code: str) -> Severity:
    """Return the severity of a flake8 or ruff code."""
    for prefix, severity in FAMILIES:
        rest = code.removeprefix(prefix)
        if rest == code:
            continue
        # "F" is pyflakes, but FURB, BLE, SIM and their like are other families.
        if prefix in _STYLE_LETTERS_ONLY and not rest[:1].isdigit():
            continue
        return severity
    return Severity.INFO
