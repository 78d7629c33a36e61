"""Pure: two results side by side."""

from __future__ import annotations

from dataclasses import dataclass

from lintbot.model.findings import Finding
from lintbot.model.ids import Sha


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Head against baseline. Environment findings are on no side.

    Attributes:
        baseline_sha: the commit compared with; None when there was none to compare with.
            Then every finding is ``unchanged``: a first run accuses nobody.
        new: in head only.
        unchanged: in both, as they stand in head.
        fixed: in the baseline only.
        accepted: how many of the unchanged would be new, had nobody accepted them.
        upgrade: those of the unchanged that would be new, were they not said by a new version of a
            tool only.
        environment: in head, about what is not installed here.
    """

    baseline_sha: Sha | None
    new: tuple[Finding, ...]
    unchanged: tuple[Finding, ...]
    fixed: tuple[Finding, ...]
    environment: tuple[Finding, ...] = ()
    accepted: int = 0
    upgrade: tuple[Finding, ...] = ()
