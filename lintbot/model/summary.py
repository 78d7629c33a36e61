"""Pure: a lint run without its findings, for lists and trends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from lintbot.model.ids import LintRunId, Sha
from lintbot.model.lint_run import Conclusion, Stage
from lintbot.model.neutral import NeutralProfile
from lintbot.model.score import Score


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """One line of a history.

    Attributes:
        conclusion: None while it runs.
        new: how many findings are new; None when nothing was compared. So is ``fixed``.
        versions: of the tools that ran and of their plugins, by name; empty when that is not known.
        neutral: None when it was not measured.
    """

    run_id: LintRunId
    sha: Sha
    branch: str | None
    stage: Stage
    conclusion: Conclusion | None
    score: Score | None
    new: int | None
    fixed: int | None
    received_at: datetime
    versions: Mapping[str, str] = field(default_factory=dict)
    neutral: NeutralProfile | None = None
