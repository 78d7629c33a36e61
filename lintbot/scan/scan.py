"""Shell: lint a local folder, compare, score, and tell it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from lintbot.model.findings import Severity
from lintbot.model.ids import Sha
from lintbot.model.lint import LintResult
from lintbot.model.lint_run import Judgement, Verdict
from lintbot.ports import Checkout


class FailOn(StrEnum):
    """What makes the exit status 1."""

    NEW = "new"
    """A new finding at the gate; without a commit to compare with, any finding at the gate."""
    ERROR = "error"
    """Any finding of severity error."""
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What was found.

    Attributes:
        failed: by the rule that was asked for.
    """

    judgement: Judgement
    verdict: Verdict
    failed: bool


Lay = Callable[[Sha | None], AbstractAsyncContextManager[Checkout]]
"""Lay out a commit of the folder, or (None) the folder as it is."""
Judge = Callable[[LintResult, LintResult | None, Sha | None], tuple[Judgement, Verdict]]


class Lint(Protocol):
    """Lint a checkout within so many seconds; with another's result, by the same versions."""

    def __call__(
        self, checkout: Checkout, seconds: float, /, *, as_in: LintResult | None = None
    ) -> Awaitable[LintResult]:
        """Lint it."""
        ...


async def run_scan(  # noqa: PLR0913  each is one decision of the caller
    *, lay: Lay, lint: Lint, judge: Judge, base: Sha | None, fail_on: FailOn, timeout_seconds: float
) -> Scan:
    """Lint the folder, and the commit to compare with if there is one.

    Raises:
        LimitError, UserError: the folder cannot be read.
        SandboxUnavailableError: no sandbox holds on this machine.
    """
    async with lay(None) as checkout:
        head = await lint(checkout, timeout_seconds)
    before = None
    if base is not None:
        async with lay(base) as checkout:
            before = await lint(checkout, timeout_seconds, as_in=head)
    judgement, verdict = judge(head, before, base)
    return Scan(judgement=judgement, verdict=verdict, failed=has_failed(judgement, fail_on))


def has_failed(judgement: Judgement, fail_on: FailOn) -> bool:
    """Tell whether the exit status is 1."""
    comparison = judgement.comparison
    everything = (*comparison.new, *comparison.unchanged)
    match fail_on:
        case FailOn.NONE:
            return False
        case FailOn.ERROR:
            return any(f.severity is Severity.ERROR for f in everything)
        case FailOn.NEW:
            counted = everything if comparison.baseline_sha is None else comparison.new
            return any(judgement.settings.gate.stops(f.severity) for f in counted)
