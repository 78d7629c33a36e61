"""Pure: a judgement without its findings, which are counted: what pages read first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lintbot.model.findings import Finding, Severity
from lintbot.model.ids import Sha
from lintbot.model.jobs import LintJob
from lintbot.model.lint import LintResult
from lintbot.model.lint_run import Judgement, Stage, Verdict
from lintbot.model.score import Score

MAX_FILES = 200
"""Files that an overview names, the worst first; the rest is only counted."""
MAX_MISSING = 100
"""Messages about what is not installed here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many findings of the head commit there are of a rule or in a file.

    Attributes:
        key: ``pylint:W0611`` or a path.
        name: pylint's readable name of a rule, else empty.
        worst: the most severe among them.
    """

    key: str
    name: str
    worst: Severity
    number: int
    new: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What a judgement says, but for the single findings.

    Attributes:
        result: with no finding in it.
        baseline_sha: the commit compared with; None when there was none.
        new: how many there are; so are ``unchanged``, ``fixed`` and ``environment``.
        rules: of the head commit, the most severe and frequent first; so are ``files``,
            but only ``MAX_FILES`` of ``file_count``.
        missing: what is not installed here, by message, the most frequent first.
    """

    result: LintResult
    baseline_sha: Sha | None
    score: Score | None
    new: int
    unchanged: int
    fixed: int
    environment: int
    rules: tuple[Count, ...]
    files: tuple[Count, ...]
    file_count: int
    missing: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOverview:
    """A lint run as lists and first pages show it.

    Attributes:
        verdict: None until it is decided.
        overview: None when the pipeline could not finish.
    """

    job: LintJob
    stage: Stage
    verdict: Verdict | None
    overview: Overview | None
    completed_at: datetime | None


def make_overview(judgement: Judgement) -> Overview:
    """Return the overview of a judgement."""
    comparison = judgement.comparison
    head = comparison.new + comparison.unchanged
    new_ids = {id(finding) for finding in comparison.new}
    files = _count([(it, it.path) for it in head], new_ids, named=False)
    missing = Counter(finding.message for finding in comparison.environment)
    return Overview(
        result=replace(judgement.result, findings=()),
        baseline_sha=comparison.baseline_sha,
        score=judgement.score,
        new=len(comparison.new),
        unchanged=len(comparison.unchanged),
        fixed=len(comparison.fixed),
        environment=len(comparison.environment),
        rules=_count([(it, it.rule) for it in head], new_ids, named=True),
        files=files[:MAX_FILES],
        file_count=len(files),
        missing=tuple(missing.most_common(MAX_MISSING)),
    )


def _count(
    keyed: Sequence[tuple[Finding, str]], new_ids: set[int], *, named: bool
) -> tuple[Count, ...]:
    numbers = Counter(key for _, key in keyed)
    new = Counter(key for finding, key in keyed if id(finding) in new_ids)
    worst: dict[str, Severity] = {}
    names: dict[str, str] = {}
    for finding, key in keyed:
        worst[key] = min(worst.get(key, finding.severity), finding.severity, key=lambda it: it.rank)
        names[key] = finding.symbol if named else ""
    counts = (
        Count(key=key, name=names[key], worst=worst[key], number=number, new=new[key])
        for key, number in numbers.items()
    )
    return tuple(sorted(counts, key=lambda it: (it.worst.rank, -it.number, it.key)))
