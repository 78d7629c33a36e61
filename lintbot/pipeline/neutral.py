"""Pure: the neutral profile. docs/score.md documents it, and a test compares the two.

The rules are listed one by one, so that a new ruff adds none: a changed list gets a new name.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from lintbot.model.findings import Severity
from lintbot.model.neutral import FamilyCount, NeutralProfile
from lintbot.pipeline.score import weigh
from lintbot.pipeline.tools.severity import severity_of

NAME: Final = "neutral-1"

_SYNTAX: Final = "invalid-syntax"
_RULES: Final = {
    "syntax": "E902",  # ruff says what it cannot parse whatever is selected
    "pyflakes": """
        F401 F402 F404 F406 F407 F501 F502 F503 F504 F505 F506 F507 F508 F509 F521 F522 F523 F524
        F525 F601 F602 F621 F622 F631 F632 F633 F634 F701 F702 F704 F706 F707 F722 F811 F821 F822
        F823 F841 F842 F901""",
    "comparisons": "E711 E712 E713 E714 E721 E722 PLW0128 PLW0129 PLW0177 PLW0711 W605",
    "bugbear": """
        B002 B003 B004 B005 B006 B012 B013 B014 B015 B016 B017 B018 B020 B021 B022 B023 B025 B026
        B029 B030 B031 B032 B033 B034 B035 B039 B904""",
    "pylint errors": """
        PLE0100 PLE0101 PLE0115 PLE0116 PLE0117 PLE0118 PLE0237 PLE0241 PLE0302 PLE0303 PLE0304
        PLE0305 PLE0307 PLE0308 PLE0309 PLE0604 PLE0605 PLE0643 PLE0704 PLE1132 PLE1142 PLE1205
        PLE1206 PLE1300 PLE1307 PLE1310 PLE1507 PLE1519 PLE1520 PLE1700 PLE2502 PLE2510 PLE2512
        PLE2513 PLE2514 PLE2515""",
    "async": "ASYNC100 ASYNC105 ASYNC210 ASYNC212 ASYNC220 ASYNC221 ASYNC222 ASYNC251 RUF006",
    "security": "S102 S202 S306 S307 S323 S324 S501 S502 S506 S507 S602 S605 S609 S612 S701",
    "leftovers": "T100",
    "complexity": "C901",
}

FAMILIES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {family: tuple(codes.split()) for family, codes in _RULES.items()}
)
"""The rules by family. Left out: what is taste or layout, and what depends on a Python version."""

COMMAND: Final = (
    *("ruff", "check", "--isolated", "--no-cache", "--no-fix", "--no-preview"),
    *("--ignore-noqa", "--no-respect-gitignore", "--target-version=py314"),
    *("--config=include=['*.py']", "--config=exclude=[]"),
    f"--select={','.join(code for codes in FAMILIES.values() for code in codes)}",
    "--per-file-ignores=__init__.py:F401",  # there an import is an export
    *("--statistics", "--output-format=json", "."),
)
"""Nothing in it comes from the repository, and nothing of the repository's settings is read."""

_FAMILY_OF: Final = {code: family for family, codes in FAMILIES.items() for code in codes} | {
    _SYNTAX: "syntax"
}


def read_profile(stdout: str, *, ruff_version: str, code_lines: int) -> NeutralProfile | None:
    """Return the profile that ruff's statistics give; None when they are not what it prints.

    Args:
        stdout: of a run that ruff ended well; it prints nothing where nothing is found.
        ruff_version: of that ruff.
        code_lines: of all files that it judged.
    """
    families: Counter[str] = Counter()
    severities: Counter[Severity] = Counter()
    try:
        statistics = json.loads(stdout.strip() or "[]")
        if not isinstance(statistics, list):
            return None
        for item in statistics:
            code, count = item["code"] or _SYNTAX, int(item["count"])
            families[_FAMILY_OF[code]] += count
            severities[severity_of(code)] += count
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return NeutralProfile(
        name=NAME,
        ruff_version=ruff_version,
        families=tuple(FamilyCount(family=it, count=families[it]) for it in FAMILIES),
        score=weigh(severities, code_lines=code_lines),
    )
