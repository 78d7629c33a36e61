"""Pure: what the sources say: tests, documentation, types."""

from __future__ import annotations

import re
from fractions import Fraction

from lintbot.model.counts import Counts
from lintbot.model.trust import Signal
from lintbot.requirements.documents import get
from lintbot.trust.arithmetic import percent, share, tenths, unknown
from lintbot.trust.facts import Facts

README_BYTES = 800
_RUNS_TESTS = re.compile(
    r"\b(?:pytest|tox|nox|unittest|nosetests|hatch test|make test|pdm test|scripts/tests?)\b"
)
_RUNS_MAKE = re.compile(r"^[ \t]*+(?:-[ \t]*+)?(?:run:[ \t]*+)?(?:\|[ \t]*+)?make\b", re.MULTILINE)
_SITE = re.compile(r"(?:^|/)(?:mkdocs\.ya?ml|\.readthedocs\.ya?ml|docs?/(?:[\w-]+/)?conf\.py)\Z")
_NOT_COUNTED = "The Python files could not be counted."


def tests(facts: Facts) -> Signal:
    """Ask for tests that check something, their size, and a CI that runs them."""
    counts = facts.counts
    if counts is None:
        return unknown("tests", _NOT_COUNTED)
    size = min(Fraction(1), share(2 * counts.test_statements, counts.statements))
    in_ci = any(_RUNS_TESTS.search(text) for text in facts.ci) or _makes_tests(facts)
    exist = counts.tests > 0
    advice = []
    if not in_ci:
        advice.append("Run the tests in CI on every push.")
    if size < 1:
        advice.append("Write tests; half as many statements as the code has are full marks.")
    return Signal(
        name="tests",
        tenths=tenths(3 * exist + 4 * size * exist + 3 * (in_ci and exist)),
        facts=(
            f"{counts.tests:,} tests that check something",
            f"{counts.test_statements:,} statements in tests, {counts.statements:,} in the code",
            f"run by CI: {'yes' if in_ci else 'no'}",
            *_unread(counts),
        ),
        advice=tuple(advice),
    )


def _makes_tests(facts: Facts) -> bool:
    """Tell whether a CI runs make, and the Makefile runs tests."""
    makefile = facts.texts.get("Makefile", "")
    by_make = any(_RUNS_MAKE.search(text) for text in facts.ci)
    return by_make and _RUNS_TESTS.search(makefile) is not None


def docs(facts: Facts) -> Signal:
    """Ask for docstrings that say something, a README, a site and a changelog."""
    counts = facts.counts
    if counts is None:
        return unknown("docs", _NOT_COUNTED)
    readme = next((t for p, t in facts.texts.items() if p.lower().startswith("readme")), "")
    has_readme = len(readme.encode()) > README_BYTES
    has_site = any(_SITE.search(path) for path in facts.paths) or _names_site(facts)
    has_log = facts.find("changelog", "changes", "history", "news", "release-notes") is not None
    explained = share(counts.explained, counts.public)
    missing = (
        (explained < 1, "Say in docstrings what a name does, in three words or more."),
        (not has_readme, f"Write a README of more than {README_BYTES} bytes."),
        (not has_site, "Publish documentation and name it in the project's links."),
        (not has_log, "Keep a changelog."),
    )
    return Signal(
        name="docs",
        tenths=tenths(6 * explained + Fraction(3, 2) * (has_readme + has_site) + has_log),
        facts=(
            f"{percent(counts.explained, counts.public)} of {counts.public:,} names explained",
            f"README over {README_BYTES} bytes: {'yes' if has_readme else 'no'}",
            f"documentation site: {'yes' if has_site else 'no'}",
            f"changelog: {'yes' if has_log else 'no'}",
            *_unread(counts),
        ),
        advice=tuple(words for is_missing, words in missing if is_missing),
    )


def _names_site(facts: Facts) -> bool:
    """Tell whether the project's links name documentation, by the well-known labels."""
    urls = get(facts.pyproject, "project", "urls", default={})
    return any(str(label).lower() in {"docs", "documentation"} for label in urls)


def typing(facts: Facts) -> Signal:
    """Ask for a marker and for types."""
    counts = facts.counts
    if counts is None:
        return unknown("typing", _NOT_COUNTED)
    if counts.functions == 0:
        return unknown("typing", "There is no function.")
    marked = any(path.rpartition("/")[2] == "py.typed" for path in facts.paths)
    advice = []
    if not marked and facts.is_library:
        advice.append("Add an empty file py.typed to the package.")
    if counts.typed < counts.functions:
        advice.append("Write the types of arguments and results.")
    return Signal(
        name="typing",
        tenths=tenths(4 * marked + 6 * share(counts.typed, counts.functions)),
        facts=(
            f"py.typed: {'yes' if marked else 'no'}",
            f"{percent(counts.typed, counts.functions)} of {counts.functions:,} functions typed",
        ),
        advice=tuple(advice),
    )


def _unread(counts: Counts) -> tuple[str, ...]:
    return (f"{counts.unread:,} files could not be read as Python 3",) if counts.unread else ()
