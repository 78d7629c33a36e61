"""Pure: a finding is one thing that a tool said about one place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is; the gate and the score's weights go by it."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the most severe; for sorting."""
        return _RANK[self]


_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that one tool said.

    Attributes:
        tool: ``pylint``, ``flake8``, ``ruff``, ``mypy`` or ``bandit``.
        code: the tool's code, such as ``E501`` or ``W0611``.
        symbol: pylint's or bandit's readable name (``unused-import``), else empty.
        path: relative to the repository's root, POSIX.
        line: 1-based, within the file.
        column: 1-based, or None when the tool gave none.
        end_line: never before ``line``; None when the tool gave none.
        end_column: 1-based; None when the tool gave none.
        message: one line of untrusted text, at most 1,000 characters, no control characters.
        scope: the function or class it stands in, as pylint names it; else empty.
        fingerprint: 32 hexadecimal digits that survive moved lines; see ``pipeline.fingerprint``.
        environment: it only says that a dependency is not installed here; it never counts.
    """

    tool: str
    code: str
    symbol: str = ""
    severity: Severity
    path: str
    line: int
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    message: str
    scope: str = ""
    fingerprint: str = ""
    environment: bool = False

    def __post_init__(self) -> None:
        """Refuse places that no editor could open.

        Raises:
            ValueError: a line or column below 1, or an end before its start.
        """
        if self.line < 1 or (self.column is not None and self.column < 1):
            raise ValueError(f"a place is 1-based: {self.path}:{self.line}:{self.column}")
        if self.end_line is not None and self.end_line < self.line:
            raise ValueError(f"the end is before the start: {self.path}:{self.line}")

    @property
    def rule(self) -> str:
        """Tool and code, such as ``pylint:W0611``: the identity of a rule."""
        return f"{self.tool}:{self.code}"
