"""Pure: what one fixed rule set says of a tree, whatever the tree's own settings say."""

from __future__ import annotations

from dataclasses import dataclass

from lintbot.model.score import Score


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyCount:
    """How many findings one family of rules has, such as ``security``."""

    family: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NeutralProfile:
    """The same ruler for every repository, so that repositories can be compared.

    Attributes:
        name: of the rule set, with its version: ``neutral-1``. Only equal names compare.
        ruff_version: of the program that applied it; the last digits may differ between two.
        families: every family of the rule set in its order, also those without a finding.
        score: by the formula that weighs a repository's own findings too.
    """

    name: str
    ruff_version: str
    families: tuple[FamilyCount, ...]
    score: Score

    @property
    def findings(self) -> int:
        """How many there are in all families."""
        return sum(family.count for family in self.families)

    def per_thousand_lines(self, count: int) -> float:
        """Return a number of findings for every 1,000 lines of code."""
        return 1000 * count / self.score.code_lines
