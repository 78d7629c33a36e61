"""Pure: the score value. The formula is in ``pipeline.score``, explained in docs/score.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

WEIGHTS: Final[Mapping[str, tuple[int, int, int]]] = MappingProxyType({"lint-1": (10, 4, 1)})
"""The points of an error, a warning and a remark, by formula, as ``pipeline.score`` counts
them and the pages explain them. A formula that was ever used stays here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A score with the arithmetic that gave it.

    Attributes:
        hundredths: 0 to 1000, that is 0.00 to 10.00; an integer, so that it is exact.
        grade: ``A+``, ``A``, ``B``, ``C``, ``D`` or ``F``.
        formula: the formula's name and version, such as ``lint-1``.
        errors: findings counted at this severity (no environment findings); so are
            ``warnings`` and ``infos``.
        code_lines: the size that the findings are weighed against, at least 1.
        partial: a tool failed on something: the score may be better than the truth.
    """

    hundredths: int
    grade: str
    formula: str
    errors: int
    warnings: int
    infos: int
    code_lines: int
    partial: bool

    def __post_init__(self) -> None:
        """Refuse a score outside 0.00 to 10.00.

        Raises:
            ValueError: it is outside.
        """
        if not 0 <= self.hundredths <= 1000:  # noqa: PLR2004
            raise ValueError(f"a score is 0 to 1000 hundredths, not {self.hundredths}")

    @property
    def points(self) -> int:
        """The ``P`` of the formula ``10 * L / (L + P)``: what the findings weigh together."""
        error, warning, info = WEIGHTS[self.formula]
        return error * self.errors + warning * self.warnings + info * self.infos

    def __str__(self) -> str:
        """``9.42``: two digits, never rounded up."""
        return f"{self.hundredths // 100}.{self.hundredths % 100:02d}"
