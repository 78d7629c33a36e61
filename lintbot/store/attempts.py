"""Shell: one more lint run of a commit (``ports.Attempts``)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from lintbot.model.ids import LintRunId, make_lint_run_id
from lintbot.model.jobs import LintJob, Trigger
from lintbot.ports import Clock
from lintbot.store.carry_out import Enqueue
from lintbot.store.database import Database
from lintbot.store.rows import job_to_row, row_to_job
from lintbot.store.statements import lock_repository
from lintbot.store.tables import branch_head, lint_run

FIRST_PRIORITY = 1
"""A person waits for it."""


class StoredAttempts:
    """Implements ``ports.Attempts`` on a database."""

    def __init__(self, database: Database, clock: Clock, enqueue: Enqueue) -> None:
        self._database = database
        self._clock = clock
        self._enqueue = enqueue

    def start(self, run_id: LintRunId) -> LintRunId | None:
        """Queue one more attempt; None when the run is unknown or an attempt is open."""
        with self._database.write() as connection:
            return self.start_within(connection, run_id)

    def resume(self, run_id: LintRunId) -> LintRunId | None:
        """Queue one more attempt as the event asked for it; None as in ``start``."""
        with self._database.write() as connection:
            return self.start_within(connection, run_id, wanted=False)

    def start_within(
        self, connection: sa.Connection, run_id: LintRunId, *, wanted: bool = True
    ) -> LintRunId | None:
        """Do the same in the caller's transaction; ``wanted``: by a person, in any case."""
        asked = connection.execute(lint_run.select().where(lint_run.c.run_id == run_id)).first()
        if asked is None:
            return None
        lock_repository(connection, self._database, asked.repository_id)
        of_commit = (
            lint_run.select()
            .where(lint_run.c.repository_id == asked.repository_id)
            .where(lint_run.c.head_sha == asked.head_sha)
            .order_by(lint_run.c.attempt.desc())
        )
        last = connection.execute(of_commit.limit(1)).one()
        if last.conclusion is None:
            return None
        job = _next_attempt(row_to_job(last), self._clock.now(), wanted=wanted)
        job = replace(job, branch=_branch_at(connection, job))
        connection.execute(lint_run.insert().values(**job_to_row(job)))
        self._enqueue.announce(connection, job)
        return job.run_id


def _next_attempt(last: LintJob, now: datetime, *, wanted: bool) -> LintJob:
    attempt = last.attempt + 1
    # Whether a push is wanted is asked again; a pull request is, and is announced like any run.
    again = wanted or last.trigger is Trigger.PULL_REQUEST
    return replace(
        last,
        run_id=make_lint_run_id(last.repository_id, last.head_sha, attempt),
        attempt=attempt,
        trigger=Trigger.RERUN if again else last.trigger,
        priority=FIRST_PRIORITY,
        received_at=now,
    )


def _branch_at(connection: sa.Connection, job: LintJob) -> str | None:
    """Return the job's branch if it is still there; else the re-run says nothing about it."""
    head = (
        sa.select(branch_head.c.sha)
        .where(branch_head.c.repository_id == job.repository_id)
        .where(branch_head.c.branch == job.branch)
    )
    return job.branch if connection.execute(head).scalar() == job.head_sha else None
