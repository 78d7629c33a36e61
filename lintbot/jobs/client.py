"""Shell: the queue as seen from a process that runs no jobs (``store.carry_out.Enqueue``)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from dbos import DBOSClient, DBOSPortableJSONSerializer

from lintbot.jobs.names import (
    APPLICATION,
    COMPARE_QUEUE,
    FIX_QUEUE,
    HUGE_QUEUE,
    LINT_QUEUES,
    LIVE,
    PLAN_QUEUE,
    POST_QUEUE,
    RUN_PREFIXES,
    TURN,
    act_options,
    announce_options,
    close_options,
    compare_options,
    encode_action,
    encode_job,
    follow_plan_options,
    lint_options,
    reconcile_plans_options,
    report_options,
)
from lintbot.model.actions import RequestedAction
from lintbot.model.erasure import Holding
from lintbot.model.ids import InstallationId, LintRunId
from lintbot.model.intake import PlanQuestion
from lintbot.model.jobs import LintJob
from lintbot.model.lint_run import Conclusion

POLL_SECONDS = 0.2
"""For what people wait for and another process has enqueued (``bell``); every look costs CPU time,
also when nothing waits."""
SLOW_POLL_SECONDS = 1.0
"""For what takes long anyway, or nobody waits for."""
HUGE_AT_ONCE = 1
"""Huge lint runs in one worker, beside its slots."""
FIXES_AT_ONCE = 1
"""Patches that one worker makes, beside its slots."""
PLANS_AT_ONCE = 8
"""Accounts about which one worker asks the biller at the same time; most of them wait."""
POSTS_AT_ONCE = 4
"""Check runs that one worker changes at the same time; they wait for GitHub, not for a CPU."""
COMPARE_POLL_SECONDS = 0.5
"""Nobody waits for it, and every look costs."""
DELETE_BATCH = 1000

_OVER = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]


class QueueClient:
    """Enqueues, looks and cleans up. It connects at its first use, never migrates, never waits."""

    def __init__(self, url: str) -> None:
        self._dbos = DBOSClient(
            system_database_url=queue_url(url),
            application_name=APPLICATION,
            serializer=DBOSPortableJSONSerializer(),
            retry_connection_errors=False,
            lazy=True,
        )

    def announce(self, connection: sa.Connection, job: LintJob) -> None:
        """Enqueue a lint run in the caller's transaction."""
        self._dbos.enqueue_in_transaction(connection, announce_options(job), encode_job(job))

    def close(
        self, connection: sa.Connection, run_id: LintRunId, conclusion: Conclusion, reason: str
    ) -> None:
        """Enqueue the end of a lint run in the caller's transaction."""
        options = close_options(run_id, conclusion)
        self._dbos.enqueue_in_transaction(connection, options, run_id, conclusion.value, reason, "")

    def act(self, connection: sa.Connection, action: RequestedAction) -> None:
        """Enqueue what a person asked for in the caller's transaction."""
        options, encoded = act_options(action), encode_action(action)
        self._dbos.enqueue_in_transaction(connection, options, encoded, 0)

    def compare(
        self, connection: sa.Connection, installation_id: InstallationId, asked_at: datetime
    ) -> None:
        """Enqueue a look at an installation's repositories in the caller's transaction."""
        options = compare_options(installation_id, asked_at.isoformat())
        arguments = (installation_id, asked_at.isoformat(), 0)
        self._dbos.enqueue_in_transaction(connection, options, *arguments)

    def follow_plan(self, connection: sa.Connection, question: PlanQuestion, occasion: str) -> None:
        """Enqueue asking the biller about one account in the caller's transaction."""
        options = follow_plan_options(question.account_id, occasion)
        values = (question.account_id, question.bought, occasion, 0)
        self._dbos.enqueue_in_transaction(connection, options, *values)

    def enqueue_plans(self, hour: int) -> None:
        """Enqueue asking the biller about all accounts; the same hour twice is one."""
        self._dbos.enqueue(reconcile_plans_options(hour))

    def enqueue_lint(self, job: LintJob) -> None:
        """Enqueue the linting of a run whose announcement was lost, as if there was no plan."""
        self._dbos.enqueue(lint_options(job), encode_job(job))

    def enqueue_close(
        self,
        run_id: LintRunId,
        conclusion: Conclusion,
        reason: str,
        *,
        reference: str = "",
        attempt: int = 0,
    ) -> None:
        """Enqueue the end of a lint run; the same attempt twice is one."""
        options = close_options(run_id, conclusion, attempt)
        self._dbos.enqueue(options, run_id, conclusion.value, reason, reference)

    def enqueue_report(self, run_id: LintRunId, attempt: int) -> None:
        """Enqueue the posting of a stored verdict; the same attempt twice is one."""
        self._dbos.enqueue(report_options(run_id, attempt), run_id)

    def find_statuses(self, ids: Sequence[str]) -> dict[str, str]:
        """Return the engine's status of those jobs that it knows."""
        if not ids:
            return {}
        found = self._dbos.list_workflows(
            workflow_ids=list(ids), load_input=False, load_output=False
        )
        return {workflow.workflow_id: workflow.status for workflow in found}

    def waits(self, run_id: LintRunId) -> bool:
        """Tell whether a lint job that gave its slot back has another turn."""
        return bool(
            self._dbos.list_workflows(
                workflow_id_prefix=run_id + TURN, status=LIVE, load_input=False, load_output=False
            )
        )

    def delete_old(self, before: datetime) -> None:
        """Delete finished jobs that were created before then, a thousand at a time."""
        while True:
            old = self._dbos.list_workflows(
                status=_OVER,
                end_time=before.isoformat(),
                limit=DELETE_BATCH,
                load_input=False,
                load_output=False,
            )
            if not old:
                return
            self._dbos.delete_workflows([workflow.workflow_id for workflow in old])

    def forget(self, holding: Holding) -> int:
        """Stop and delete every job of an account: also what is over names commits and people."""
        prefixes = [
            *(f"{kind}lint:{number}:" for number in holding.repositories for kind in RUN_PREFIXES),
            *(f"compare:{number}:" for number in holding.installations),
            f"plan:{holding.account_id}:",
        ]
        ids = [
            workflow.workflow_id
            for prefix in prefixes
            for workflow in self._dbos.list_workflows(
                workflow_id_prefix=prefix, load_input=False, load_output=False
            )
        ]
        for start in range(0, len(ids), DELETE_BATCH):
            batch = ids[start : start + DELETE_BATCH]
            self._dbos.cancel_workflows(batch)
            self._dbos.delete_workflows(batch)
        return len(ids)

    def register_queues(self, *, slots: int, account_slots: int, billed: bool) -> None:
        """Store the queues' limits, before a worker begins to look for them."""
        for share, name in LINT_QUEUES.items():
            self._dbos.register_queue(
                name,
                # One more than an account may take: the first push of another need not wait.
                worker_concurrency=slots * share + 1,
                partition_worker_concurrency=min(slots, account_slots) * share,
                partition_concurrency=account_slots * share,
                # Where nothing is billed, only what waited before the change can be there.
                polling_interval_sec=POLL_SECONDS if billed or share == 1 else SLOW_POLL_SECONDS,
            )
        self._dbos.register_queue(
            HUGE_QUEUE,
            worker_concurrency=HUGE_AT_ONCE,
            partition_concurrency=HUGE_AT_ONCE,
            polling_interval_sec=SLOW_POLL_SECONDS,
        )
        self._dbos.register_queue(
            FIX_QUEUE,
            worker_concurrency=FIXES_AT_ONCE,
            partition_concurrency=FIXES_AT_ONCE,
            polling_interval_sec=SLOW_POLL_SECONDS,
        )
        self._dbos.register_queue(
            POST_QUEUE,
            worker_concurrency=POSTS_AT_ONCE,
            partition_concurrency=1,
            polling_interval_sec=POLL_SECONDS,
        )
        self._dbos.register_queue(
            COMPARE_QUEUE, worker_concurrency=1, polling_interval_sec=COMPARE_POLL_SECONDS
        )
        self._dbos.register_queue(
            PLAN_QUEUE, worker_concurrency=PLANS_AT_ONCE, polling_interval_sec=SLOW_POLL_SECONDS
        )

    def destroy(self) -> None:
        """Close every connection."""
        self._dbos.destroy()


def queue_url(url: str) -> str:
    """Return the database's address as the engine wants it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
