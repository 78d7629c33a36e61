"""Pure: the score. docs/score.md explains it with a worked example that a test recomputes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from lintbot.model.findings import Severity
from lintbot.model.lint import LintResult
from lintbot.model.score import WEIGHTS, Score

FORMULA = "lint-1"

GRADES = ((950, "A+"), (900, "A"), (800, "B"), (650, "C"), (500, "D"), (0, "F"))
"""From so many hundredths on."""


def score(result: LintResult) -> Score | None:
    """Return the score of a tree; None when it holds no Python file, or no linter may run.

    Environment findings do not count.
    """
    if result.python_files == 0 or not result.tools:
        return None
    counts = Counter(f.severity for f in result.findings if not f.environment)
    return weigh(counts, code_lines=result.code_lines, partial=result.partial)


def weigh(counts: Mapping[Severity, int], *, code_lines: int, partial: bool = False) -> Score:
    """Return the score of so many findings in so many lines of code.

    Integers only, so that every machine gives the same digits; division rounds down, so that
    only a tree without findings has 10.00.
    """
    found = tuple(counts.get(it, 0) for it in (Severity.ERROR, Severity.WARNING, Severity.INFO))
    points = sum(weight * count for weight, count in zip(WEIGHTS[FORMULA], found, strict=True))
    lines = max(code_lines, 1)
    hundredths = 1000 * lines // (lines + points)
    return Score(
        hundredths=hundredths,
        grade=grade(hundredths),
        formula=FORMULA,
        errors=found[0],
        warnings=found[1],
        infos=found[2],
        code_lines=lines,
        partial=partial,
    )


def grade(hundredths: int) -> str:
    """Return the letter of a score."""
    return next(letter for least, letter in GRADES if hundredths >= least)


def count_code_lines(lines: list[str]) -> int:
    """Count lines that are neither blank nor only a comment."""
    return sum(1 for line in lines if (text := line.strip()) and not text.startswith("#"))
