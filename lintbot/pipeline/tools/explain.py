"""Pure: what tools say of their own rules.

pylint prints its messages with ``--list-msgs``, ruff its rules as JSON; flake8 and its plugins
explain theirs only in their documentation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from lintbot.model.source import Explanation

MAX_RULES = 5_000
MAX_CHARACTERS = 20_000
"""Of one explanation."""

_PYLINT_HEAD = re.compile(r"^:([a-z0-9-]+) \(([A-Z]\d{4})\): \*(.*)\*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Explainer:
    """How a tool is asked.

    Attributes:
        parse: (output, version) -> explanations; nothing readable gives none.
    """

    argv: tuple[str, ...]
    threads: bool
    parse: Callable[[str, str], tuple[Explanation, ...]]


def parse_pylint(output: str, version: str) -> tuple[Explanation, ...]:
    """Return what ``pylint --list-msgs`` prints: a head line, then an indented paragraph."""
    explanations: list[Explanation] = []
    head: re.Match[str] | None = None
    text: list[str] = []
    for line in [*output.splitlines(), ":"]:
        if line.startswith(" ") and head:
            text.append(line.strip())
            continue
        if head:
            explanations.append(_pylint_rule(head, " ".join(text), version))
        head, text = _PYLINT_HEAD.match(line), []
    return tuple(explanations[:MAX_RULES])


def _pylint_rule(head: re.Match[str], text: str, version: str) -> Explanation:
    return Explanation(
        tool="pylint",
        version=version,
        code=head[2],
        name=head[1],
        summary=head[3],
        text=text[:MAX_CHARACTERS],
        markdown=False,
    )


def parse_ruff(output: str, version: str) -> tuple[Explanation, ...]:
    """Return what ``ruff rule --all --output-format json`` prints."""
    try:
        rules = json.loads(output)
    except (ValueError, RecursionError):
        return ()
    if not isinstance(rules, list):
        return ()
    found = (_ruff_rule(rule, version) for rule in rules[:MAX_RULES] if isinstance(rule, dict))
    return tuple(rule for rule in found if rule.code)


def _ruff_rule(rule: dict[str, Any], version: str) -> Explanation:
    return Explanation(
        tool="ruff",
        version=version,
        code=str(rule.get("code") or ""),
        name=str(rule.get("name") or ""),
        summary=str(rule.get("summary") or ""),
        text=str(rule.get("explanation") or "")[:MAX_CHARACTERS],
        markdown=True,
    )


EXPLAINERS: Final[Mapping[str, Explainer]] = MappingProxyType(
    {
        "pylint": Explainer(
            argv=("pylint", "--rcfile=/dev/null", "--list-msgs"),
            threads=False,
            parse=parse_pylint,
        ),
        "ruff": Explainer(
            argv=("ruff", "rule", "--all", "--output-format", "json"),
            threads=True,
            parse=parse_ruff,
        ),
    }
)
"""By tool."""
