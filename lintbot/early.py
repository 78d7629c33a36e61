"""Shell: shows what is certain of a lint run while it still goes on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from lintbot.errors import LintbotError
from lintbot.model.early import EarlyFindings
from lintbot.model.ids import Sha
from lintbot.model.jobs import LintJob
from lintbot.model.lint import LintResult
from lintbot.pipeline.early import find_early
from lintbot.ports import Baselines, GitSource, Trees
from lintbot.report.publish import Publisher

_log = logging.getLogger(__name__)

AFTER_SECONDS = 2.0
"""A lint run that ends sooner says everything at once."""
EVERY_SECONDS = 5.0
"""Between two reports: each is a request to GitHub."""

Find = Callable[[LintResult, tuple[str, ...]], Awaitable[EarlyFindings | None]]
"""Find what is certain by a part of a result, and by the tools whose word is still missing."""
Show = Callable[[EarlyFindings], Awaitable[None]]


@dataclass(slots=True, kw_only=True)
class Certain:
    """Finds out what is certain of a lint run, and shows it.

    Attributes:
        baseline: the commit to compare with; None: there is none, so nothing can be new.
        base: its result, where it is remembered.
    """

    job: LintJob
    source: GitSource
    baseline: Sha | None
    base: LintResult | None
    trees: Trees
    baselines: Baselines
    publisher: Publisher
    _changed: frozenset[str] | None = field(default=None, init=False)

    async def find(self, part: LintResult, running: tuple[str, ...]) -> EarlyFindings | None:
        """Return what is new in a part of the result; else what is in changed files."""
        if self.baseline is None:
            return None
        accepted = await asyncio.to_thread(self.baselines.load, self.job.repository_id)
        return find_early(
            part,
            self.base,
            baseline_sha=self.baseline,
            accepted=accepted.fingerprints if accepted else frozenset(),
            changed=await self._find_changed(self.baseline),
            running=running,
        )

    async def show(self, early: EarlyFindings) -> None:
        """Show it in the check run."""
        await self.publisher.show_early(self.job, early)

    async def _find_changed(self, baseline: Sha) -> frozenset[str]:
        """Ask git once; where it could not tell, the next report asks again."""
        if self.base is not None:
            return frozenset()
        if self._changed is None:
            head = self.job.head_sha
            try:
                self._changed = await self.trees.find_changed(self.source, baseline, head)
            except LintbotError as error:
                _log.warning("changed files unknown: %s", error, extra={"run_id": self.job.run_id})
        return self._changed or frozenset()


class EarlyReport:
    """Shows the newest part of a result now and then, until the block ends.

    When the block has ended nothing is on its way any more, so nothing can arrive after the
    verdict.
    """

    def __init__(
        self,
        find: Find,
        show: Show,
        *,
        after_seconds: float = AFTER_SECONDS,
        every_seconds: float = EVERY_SECONDS,
    ) -> None:
        self._find = find
        self._show = show
        self._after_seconds = after_seconds
        self._every_seconds = every_seconds
        self._newest: tuple[LintResult, tuple[str, ...]] | None = None
        self._news = asyncio.Event()
        self._showing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def tell(self, part: LintResult, running: tuple[str, ...]) -> None:
        """Take note of what is known by now."""
        self._newest = part, running
        self._news.set()
        if self._task is None:
            self._task = asyncio.create_task(self._keep_showing())

    async def _keep_showing(self) -> None:
        await asyncio.sleep(self._after_seconds)
        while await self._news.wait():
            self._news.clear()
            early = await self._find(*self._newest) if self._newest else None
            if early is not None and early.findings:
                async with self._showing:
                    await self._show(early)
            await asyncio.sleep(self._every_seconds)

    async def __aenter__(self) -> Self:
        """Begin; nothing is shown before somebody tells something."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let what is on its way arrive, and show no more."""
        if self._task is None:
            return
        async with self._showing:
            self._task.cancel()
        await asyncio.wait({self._task})
        if not self._task.cancelled():
            _log.error("nothing more was shown early", exc_info=self._task.exception())
