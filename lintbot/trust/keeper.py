"""Shell: keeps reports and observations fresh, one thing at a time, for as long as a worker runs.

What is due stands in the database (a new commit was linted, a day is over, somebody asked), and
each piece is claimed for a while before it is done. So nothing is lost with a worker, and no
two workers do the same.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from lintbot.errors import LintbotError
from lintbot.ports import Clock, KnownAdvisories, PackageReports, Packages, TrustReports
from lintbot.trust.local_advisories import LocalAdvisories
from lintbot.trust.news import find_news
from lintbot.trust.package_reporter import PackageReporter
from lintbot.trust.reporter import Reporter
from lintbot.trust.watcher import Watcher

_log = logging.getLogger(__name__)

POLL_SECONDS = 2.0
"""Between two looks for work when there was none."""
PUT_OFF = timedelta(minutes=15)
TIDY_SECONDS = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """Works off what is due: reports of repositories, of packages, and the daily round."""

    reporter: Reporter
    package_reporter: PackageReporter
    watcher: Watcher
    reports: TrustReports
    packages: Packages
    package_reports: PackageReports
    advisories: LocalAdvisories
    known_advisories: KnownAdvisories
    clock: Clock

    async def run(self) -> None:
        """Work until cancelled; an error costs one piece of work, and the log tells it."""
        tasks = (
            (self.refresh_one, POLL_SECONDS),
            (self.report_one, POLL_SECONDS),
            (self.watcher.look_at_due, POLL_SECONDS),
            (self.read_advisories, TIDY_SECONDS),
            (self._tidy, TIDY_SECONDS),
        )
        await asyncio.gather(*(_repeat(do, pause) for do, pause in tasks))

    async def refresh_one(self) -> bool:
        """Make the report of one repository; tell whether one was due."""
        job = await asyncio.to_thread(self.reports.claim, self.clock.now())
        if job is None:
            return False
        try:
            # Another worker may have told of what is new, and this report says whom it concerns.
            await asyncio.to_thread(self.advisories.refresh)
            await self.reporter.refresh(job)
        except LintbotError as error:
            fields = {"repository_id": job.repository_id}
            _log.warning("no trust report: %s", error, extra=fields)
            until = self.clock.now() + PUT_OFF
            await asyncio.to_thread(self.reports.put_off, job.repository_id, until)
        return True

    async def report_one(self) -> bool:
        """Make the report of one package; tell whether somebody waited for one."""
        name = await asyncio.to_thread(self.package_reports.claim_wish, self.clock.now())
        if name is None:
            return False
        try:
            report, trouble = await self.package_reporter.make(name)
        except Exception:  # noqa: BLE001  whatever it is, an answer must be stored
            # Without an answer it would be claimed again and again, before all others.
            _log.exception("no report of a package", extra={"package": name})
            report, trouble = None, "lintbot failed to read it."
        await asyncio.to_thread(self.package_reports.save_report, name, report, trouble)
        return True

    async def read_advisories(self) -> bool:
        """Read the advisories if they are newer, and tell those that were not known."""
        await asyncio.to_thread(self.advisories.refresh)
        await asyncio.to_thread(self._tell_news)
        return False

    def _tell_news(self) -> None:
        by_name = self.advisories.by_name
        if not by_name:
            return
        news = find_news(by_name, self.known_advisories.load(), self.clock.now())
        if news.learned:
            for event in self.known_advisories.learn(news.learned, news.events):
                _log.info("package event", extra={"package": event.name, "kind": event.kind.value})

    async def _tidy(self) -> bool:
        await asyncio.to_thread(self.packages.delete_old, self.clock.now())
        return False


async def _repeat(do: Callable[[], Awaitable[bool]], pause_seconds: float) -> None:
    """Do it again and again, at once while there is work, else after a pause."""
    while True:
        try:
            worked = await do()
        except Exception as error:  # noqa: BLE001  one piece of work must not end all others
            expected = isinstance(error, LintbotError)
            _log.warning("trust work failed: %s", error, exc_info=None if expected else error)
            worked = False
        if not worked:
            await asyncio.sleep(pause_seconds)
