"""Pure: a lint run is our result for one commit; a verdict is what the check run will say."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from lintbot.model.comparison import Comparison
from lintbot.model.jobs import LintJob
from lintbot.model.lint import LintResult
from lintbot.model.repository_settings import RepositorySettings
from lintbot.model.requirement import DependencyAlarm
from lintbot.model.score import Score


class Conclusion(StrEnum):
    """GitHub's words for how a check run ends, as far as lintbot uses them."""

    SUCCESS = "success"
    FAILURE = "failure"
    NEUTRAL = "neutral"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"


class Stage(StrEnum):
    """How far a lint run has come; people see it while they wait."""

    QUEUED = "queued"
    CHECKOUT = "checkout"
    LINT = "lint"
    BASELINE = "baseline"
    REPORT = "report"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the check run will say, decided once and stored before anything is posted.

    Attributes:
        reason: one sentence in plain words when there is no comparison to show, or when
            something is missing from it; empty for an ordinary success or failure.
        reference: the number under which the log explains an unexpected error; else empty.
        withheld: nothing was fetched, for the repository is private and has no plan.
    """

    conclusion: Conclusion
    reason: str = ""
    reference: str = ""
    withheld: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the pipeline found out about a commit.

    Attributes:
        score: None when there was nothing to score (no Python code).
        settings: those that the verdict was made with.
        notes: plain sentences that belong to the verdict: which settings and which accepted
            baseline it was made with, and what this commit changes of them.
        dependencies: what is alarming about requirements; shown, and no part of the score.
    """

    result: LintResult
    comparison: Comparison
    score: Score | None
    settings: RepositorySettings = field(default_factory=RepositorySettings)
    notes: tuple[str, ...] = ()
    dependencies: tuple[DependencyAlarm, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LintRun:
    """Everything stored about one lint run.

    Attributes:
        verdict: None until it is decided; decided once, never changed.
        judgement: None when the pipeline could not finish.
        posted_at: when the completed check run was confirmed by GitHub, aware UTC.
    """

    job: LintJob
    stage: Stage
    verdict: Verdict | None = None
    judgement: Judgement | None = None
    check_run_id: int | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    posted_at: datetime | None = None
