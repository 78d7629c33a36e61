"""Shell: nothing stays open. Looks every few seconds for what fell between two stools."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lintbot.jobs.client import QueueClient
from lintbot.jobs.names import FIRST_RETRY, LIVE, make_reference, retry_number
from lintbot.jobs.workflows import FAILED
from lintbot.model.jobs import LintJob
from lintbot.model.lint_run import Conclusion
from lintbot.ports import Backlog, Clock

_log = logging.getLogger(__name__)

SWEEP_SECONDS = 3.0
POST_WINDOW = timedelta(hours=24)
"""A verdict that GitHub did not take for so long is not offered again."""
KEEP_JOBS = timedelta(days=14)
RETENTION_EVERY = timedelta(hours=1)
"""And so often the biller is asked about all accounts, by one of the workers."""


@dataclass(slots=True, kw_only=True)
class Sweeper:
    """Closes overdue and lost lint runs, has forgotten reports posted, deletes what is old.

    Attributes:
        timeout_seconds: from delivery to verdict.
    """

    backlog: Backlog
    queue: QueueClient
    clock: Clock
    timeout_seconds: float
    _retained_at: datetime | None = field(default=None, init=False)

    def __call__(self) -> None:
        """Do one round."""
        now = self.clock.now()
        waiting = self.backlog.find_open(now - min(FIRST_RETRY, self._timeout))
        self._close_overdue(waiting, now)
        self._mend_lost([job for job in waiting if job.received_at + self._timeout > now])
        for run in self.backlog.find_unposted(now - POST_WINDOW, now - FIRST_RETRY):
            self.queue.enqueue_report(run.run_id, retry_number(now - run.completed_at))
        if self._retained_at is None or now - self._retained_at > RETENTION_EVERY:
            self._retained_at = now
            self.backlog.delete_old(now)
            self.queue.delete_old(now - KEEP_JOBS)
            self.queue.enqueue_plans(int(now.timestamp() // RETENTION_EVERY.total_seconds()))

    @property
    def _timeout(self) -> timedelta:
        return timedelta(seconds=self.timeout_seconds)

    def _close_overdue(self, waiting: tuple[LintJob, ...], now: datetime) -> None:
        reason = f"There was no verdict within {self.timeout_seconds:.0f} seconds of the push."
        for job in waiting:
            late = now - job.received_at - self._timeout
            if late >= timedelta():
                self.queue.enqueue_close(
                    job.run_id, Conclusion.TIMED_OUT, reason, attempt=retry_number(late)
                )

    def _mend_lost(self, waiting: list[LintJob]) -> None:
        """Give each waiting run that no job stands for its job back, or an end."""
        ids = [name for job in waiting for name in (job.run_id, f"announce:{job.run_id}")]
        statuses = self.queue.find_statuses(ids)
        for job in waiting:
            lint, announce = (statuses.get(n) for n in (job.run_id, f"announce:{job.run_id}"))
            if lint is None and announce not in LIVE:
                _log.warning("enqueueing a lost lint job", extra={"run_id": job.run_id})
                self.queue.enqueue_lint(job)
            elif lint is not None and lint not in LIVE and not self.queue.waits(job.run_id):
                self._give_up(job, lint)

    def _give_up(self, job: LintJob, status: str) -> None:
        reference = make_reference(job.run_id)
        fields = {"run_id": job.run_id, "reference": reference}
        _log.error("a lint job ended as %s without a verdict", status, extra=fields)
        self.queue.enqueue_close(job.run_id, Conclusion.NEUTRAL, FAILED, reference=reference)
