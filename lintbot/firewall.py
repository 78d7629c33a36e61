"""Shell: a new version of a tool fails no check for two weeks by what only it says."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from lintbot.errors import LintbotError
from lintbot.model.jobs import LintJob
from lintbot.model.lint import LintResult
from lintbot.model.lint_run import Judgement
from lintbot.pipeline.upgrades import (
    Upgrade,
    describe_unknown,
    find_upgrades,
    spare,
    with_older_kits,
)
from lintbot.ports import Catalog, Checkout, Clock, GitSource, Trees

_log = logging.getLogger(__name__)

HISTORY_RUNS = 300
"""Of the default branch; a version that they all have is not new."""
MIN_SECONDS = 10.0
"""Less is not worth judging once more for."""


class LintAgain(Protocol):
    """Lint a checkout with some tools only, in the versions of another result."""

    def __call__(
        self, checkout: Checkout, seconds: float, /, *, as_in: LintResult, only: frozenset[str]
    ) -> Awaitable[LintResult]:
        """Lint it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Firewall:
    """Asks the versions from before about a commit that is about to fail."""

    catalog: Catalog
    trees: Trees
    lint_again: LintAgain
    clock: Clock

    async def spare(
        self, job: LintJob, source: GitSource, branch: str, judgement: Judgement, seconds: float
    ) -> Judgement:
        """Return the judgement without the new findings that only a new version says.

        Args:
            job: of the commit.
            source: where to fetch it from.
            branch: the default one, whose lint runs tell which versions are new.
            judgement: with new findings.
            seconds: that are left.
        """
        history = await asyncio.to_thread(
            self.catalog.history, job.repository_id, branch, HISTORY_RUNS
        )
        said = {it.tool for it in judgement.comparison.new}
        head = judgement.result
        every = find_upgrades(history, head, self.clock.now())
        upgrades = [it for it in every if it.tool in said]
        if not upgrades:
            return judgement
        only = frozenset(it.tool for it in upgrades)
        if seconds <= MIN_SECONDS:
            return _with_unknown(judgement, upgrades)
        try:
            async with asyncio.timeout(seconds), self.trees.checkout(source, job.head_sha) as tree:
                as_in = with_older_kits(head, upgrades)
                older = await self.lint_again(tree, seconds, as_in=as_in, only=only)
        except (LintbotError, TimeoutError) as error:
            _log.warning("no older version was asked: %s", error, extra={"run_id": job.run_id})
            return _with_unknown(judgement, upgrades)
        return spare(judgement, older, upgrades)


def _with_unknown(judgement: Judgement, upgrades: Sequence[Upgrade]) -> Judgement:
    notes = (*judgement.notes, *map(describe_unknown, upgrades))
    return replace(judgement, notes=notes)
