"""Pure: families of rules, and where their documentation is."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

_LETTERS = re.compile(r"[A-Z]+")

_NAMES: Final = MappingProxyType(
    {
        "pylint F": "pylint: fatal",
        "pylint E": "pylint: errors",
        "pylint W": "pylint: warnings",
        "pylint C": "pylint: conventions",
        "pylint R": "pylint: refactoring",
        "pylint I": "pylint: information",
        "flake8 E": "pycodestyle: errors",
        "flake8 W": "pycodestyle: warnings",
        "flake8 F": "pyflakes",
        "flake8 C": "mccabe: complexity",
    }
)
_PYLINT_KINDS: Final = MappingProxyType(
    {
        "F": "fatal",
        "E": "error",
        "W": "warning",
        "C": "convention",
        "R": "refactor",
        "I": "information",
    }
)
_PYLINT = "https://pylint.readthedocs.io/en/stable/user_guide/messages"
_LISTS: Final = (
    (r"flake8:[EW]\d", "https://pycodestyle.pycqa.org/en/latest/intro.html#error-codes"),
    (r"flake8:(F|C9)\d", "https://flake8.pycqa.org/en/latest/user/error-codes.html"),
    (r"mypy:", "https://mypy.readthedocs.io/en/stable/error_code_list.html"),
    (r"bandit:", "https://bandit.readthedocs.io/en/latest/plugins/index.html"),
)
"""Where one page has all rules of a tool."""


def split_rule(rule: str) -> tuple[str, str]:
    """Return tool and code of a rule such as ``pylint:W0611``."""
    tool, _, code = rule.partition(":")
    return tool, code


def family_of(rule: str) -> str:
    """Return the family of a rule in words: rules of one family find faults of one kind."""
    tool, code = split_rule(rule)
    letters = _LETTERS.match(code)
    key = f"{tool} {letters[0]}" if letters else tool
    return _NAMES.get(key, key)


def documentation_url(rule: str, name: str) -> str:
    """Return where a rule is documented; empty when nobody can tell (a plugin's).

    Args:
        rule: such as ``pylint:W0611``.
        name: its readable name, if it has one.
    """
    tool, code = split_rule(rule)
    if tool == "pylint" and name and code[:1] in _PYLINT_KINDS:
        return f"{_PYLINT}/{_PYLINT_KINDS[code[0]]}/{quote(name)}.html"
    if tool == "ruff":
        return f"https://docs.astral.sh/ruff/rules/{quote(name or code)}/"
    return next((url for pattern, url in _LISTS if re.match(pattern, rule)), "")
