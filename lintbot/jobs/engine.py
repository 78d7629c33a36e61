"""Shell: the durable job engine of one worker process; almost all we use of dbos is here."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer
from dbos import error as engine_errors

from lintbot.errors import TransientError, UserError
from lintbot.jobs.bell import Bell
from lintbot.jobs.client import QueueClient, queue_url
from lintbot.jobs.executor import ExecutorSlot
from lintbot.jobs.names import (
    APPLICATION,
    COMPARE_QUEUE,
    FIX_QUEUE,
    HUGE_QUEUE,
    LINT_QUEUES,
    PLAN_QUEUE,
    POST_QUEUE,
    VERSION,
)
from lintbot.jobs.periodic import Periodic
from lintbot.jobs.quiet import quieten
from lintbot.jobs.reaper import BEAT_SECONDS, DEAD_AFTER_SECONDS, Heartbeat, Reaper, connect
from lintbot.jobs.sweep import SWEEP_SECONDS, Sweeper
from lintbot.jobs.workflows import register
from lintbot.ports import Backlog, Clock, Handlers

_log = logging.getLogger(__name__)

_THREADS = 32
_POOL_SIZE = 5
_CANCEL_SECONDS = 2.0
"""For cancelled steps to kill their linters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOptions:
    """How one worker runs.

    Attributes:
        folder: where executor slots are kept, on this machine's own disk.
        executor_id: a fixed name instead of a slot; no other live worker may have it.
        slots: lint jobs of one account at the same time in this worker; a huge one has a slot of
            its own.
        account_slots: lint jobs of one account at the same time, over all workers. A plan may
            give an account twice as many of both.
        billed: accounts may have a plan.
        timeout_seconds: from delivery to verdict.
    """

    url: str
    folder: Path
    executor_id: str = ""
    slots: int = 2
    account_slots: int = 2
    billed: bool = False
    timeout_seconds: float = 300.0
    dead_after_seconds: float = DEAD_AFTER_SECONDS
    beat_seconds: float = BEAT_SECONDS
    sweep_seconds: float = SWEEP_SECONDS


def migrate_queue(url: str) -> None:
    """Create or upgrade the engine's tables.

    Raises:
        TransientError: the database is out of reach.
    """
    quieten()
    try:
        DBOS.migrate(queue_url(url))
    except sa.exc.DBAPIError as error:
        raise TransientError(f"the queue's tables cannot be migrated: {error.orig}") from error


class Engine:
    """Runs jobs in this process, on the event loop that starts it. One a process."""

    def __init__(
        self,
        options: EngineOptions,
        handlers: Handlers,
        backlog: Backlog,
        clock: Clock,
        bell: Bell | None = None,
    ) -> None:
        """Prepare.

        Args:
            options: how it runs.
            handlers: do the work.
            backlog: what the sweeper looks through.
            clock: the time.
            bell: that others in this process ring when they have enqueued something.
        """
        self._options = options
        self._bell = bell or Bell()
        self._handlers = handlers
        self._queue = QueueClient(options.url)
        self._slot = None if options.executor_id else ExecutorSlot(options.folder)
        self.executor_id = options.executor_id or (self._slot.id if self._slot else "")
        self._heartbeat = Heartbeat(connect(options.url), self.executor_id)
        reaper = Reaper(self._heartbeat, find_executors, take_over, options.dead_after_seconds)
        sweeper = Sweeper(
            backlog=backlog,
            queue=self._queue,
            clock=clock,
            timeout_seconds=options.timeout_seconds,
        )
        self._under_way: set[asyncio.Task[object]] = set()
        self._threads = (
            Periodic("reaper", reaper, options.beat_seconds),
            Periodic("sweeper", sweeper, options.sweep_seconds),
        )

    async def start(self) -> None:
        """Take jobs from now on. The engine binds itself to the running event loop.

        Raises:
            UserError: the database's schema is missing or old.
            TransientError: the database is out of reach.
        """
        await asyncio.to_thread(self._prepare)
        quieten()
        engine = DBOS(config=self._config())
        self._under_way = register(self._handlers, self._bell)
        DBOS.listen_queues(
            [
                *LINT_QUEUES.values(),
                HUGE_QUEUE,
                FIX_QUEUE,
                PLAN_QUEUE,
                POST_QUEUE,
                COMPARE_QUEUE,
            ]
        )
        DBOS.launch()
        for event in engine.background_thread_stop_events:
            self._bell.hang(event)
        for thread in self._threads:
            thread.start()
        _log.info("worker started", extra={"executor": self.executor_id})

    async def stop(self, grace_seconds: float) -> None:
        """Take no more jobs, let those under way end, then leave the rest to others.

        What is cancelled stays pending in the database: this worker takes it up when it
        comes back, another one as soon as it finds this one gone.
        """
        for thread in self._threads:
            await asyncio.to_thread(thread.stop)
        wait_seconds = math.ceil(grace_seconds + _CANCEL_SECONDS) if self._under_way else 0
        ending = asyncio.create_task(
            asyncio.to_thread(
                DBOS.destroy, destroy_registry=True, workflow_completion_timeout_sec=wait_seconds
            )
        )
        if self._under_way:
            await asyncio.wait([ending], timeout=grace_seconds)
            for task in self._under_way:
                task.cancel()
        await ending
        # The engine put its own pool under asyncio.to_thread, and has closed it now.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
        await asyncio.to_thread(self._leave)

    def _prepare(self) -> None:
        try:
            self._queue.register_queues(
                slots=self._options.slots,
                account_slots=self._options.account_slots,
                billed=self._options.billed,
            )
            self._heartbeat.beat()  # before the first job, or another worker takes us for dead
        except (sa.exc.DBAPIError, engine_errors.DBOSException) as error:
            if isinstance(error, sa.exc.DBAPIError) and error.statement is None:  # no connection
                raise TransientError(f"the database is out of reach: {error.orig}") from error
            raise UserError(f"the database is not ready, run `lintbot migrate`: {error}") from error

    def _leave(self) -> None:
        try:
            self._heartbeat.leave()
        except sa.exc.DBAPIError:
            _log.warning("cannot tell the other workers that this one leaves")
        self._heartbeat.close()
        self._queue.destroy()
        if self._slot is not None:
            self._slot.release()

    def _config(self) -> DBOSConfig:
        return DBOSConfig(
            name=APPLICATION,
            system_database_url=queue_url(self._options.url),
            application_version=VERSION,
            executor_id=self.executor_id,
            serializer=DBOSPortableJSONSerializer(),
            log_level="WARNING",
            run_migrations=False,
            sys_db_pool_size=_POOL_SIZE,
            max_executor_threads=_THREADS,
        )


def find_executors() -> Iterable[str]:
    """Return the executors of all jobs under way."""
    pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
    return {job.executor_id for job in pending if job.executor_id is not None}


def take_over(executor_ids: list[str]) -> None:
    """Put the jobs of dead executors back into their queues.

    The engine's own function, though a private one: tests/durability holds it in place, and
    the public way to the same end (a process that starts under the dead one's id).
    """
    DBOS._recover_pending_workflows(executor_ids)  # noqa: SLF001  see above
