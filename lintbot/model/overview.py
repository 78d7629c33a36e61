"""Pure: a judgement without its findings, which are counted: what pages read first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from lintbot.model.comparison import Comparison
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

    @property
    def found(self) -> int:
        """Findings of the head commit, without environment findings."""
        return self.new + self.unchanged


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
    files = count_files(comparison)
    return Overview(
        result=replace(judgement.result, findings=()),
        baseline_sha=comparison.baseline_sha,
        score=judgement.score,
        new=len(comparison.new),
        unchanged=len(comparison.unchanged),
        fixed=len(comparison.fixed),
        environment=len(comparison.environment),
        rules=count_rules(comparison),
        files=files[:MAX_FILES],
        file_count=len(files),
        missing=count_messages(comparison.environment)[:MAX_MISSING],
    )


def count_rules(comparison: Comparison) -> tuple[Count, ...]:
    """Return the findings of the head commit by rule, the most severe and frequent first."""
    return _count(comparison, lambda it: it.rule, lambda it: it.symbol)


def count_files(comparison: Comparison) -> tuple[Count, ...]:
    """Return the findings of the head commit by file, the most severe and frequent first."""
    return _count(comparison, lambda it: it.path, lambda _: "")


def count_messages(findings: Iterable[Finding]) -> tuple[tuple[str, int], ...]:
    """Return the findings by message, the most frequent first."""
    return tuple(Counter(finding.message for finding in findings).most_common())


_Text = Callable[[Finding], str]


def _count(comparison: Comparison, key_of: _Text, name_of: _Text) -> tuple[Count, ...]:
    found = (*comparison.new, *comparison.unchanged)
    keys = [key_of(it) for it in found]
    numbers, new = Counter(keys), Counter(keys[: len(comparison.new)])
    names = dict(zip(keys, map(name_of, found), strict=True))
    worst: dict[str, Severity] = {}
    for key, severity in set(zip(keys, (it.severity for it in found), strict=True)):
        worst[key] = min(worst.get(key, severity), severity, key=lambda it: it.rank)
    counts = (
        Count(key=key, name=names[key], worst=worst[key], number=number, new=new[key])
        for key, number in numbers.items()
    )
    return tuple(sorted(counts, key=lambda it: (it.worst.rank, -it.number, it.key)))
