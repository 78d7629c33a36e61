"""Shell: a delivery is made durable before it is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from lintbot.errors import TransientError
from lintbot.intake.decide import decide
from lintbot.model.events import Delivery, Ignored, Ping
from lintbot.model.intake import Known, Plan
from lintbot.ports import Clock, Inbox

TIMEOUT_SECONDS = 8.0
"""GitHub gives up after 10 s:
https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks"""
THREADS = 2
"""Few: one database writes one transaction after the other, and the loop stays free anyway."""
RETRY_AFTER_SECONDS = 30.0


class Acceptor:
    """Hands deliveries to the inbox in threads of its own, so that pages never wait in line.

    Args:
        inbox: where deliveries become durable.
        clock: when they were accepted.
        threads: transactions at the same time.
        on_queued: called when there is work, and it is durable.
    """

    def __init__(
        self,
        inbox: Inbox,
        clock: Clock,
        *,
        threads: int = THREADS,
        timeout_seconds: float = TIMEOUT_SECONDS,
        on_queued: Callable[[], None] = lambda: None,
    ) -> None:
        self._inbox = inbox
        self._clock = clock
        self._timeout_seconds = timeout_seconds
        self._on_queued = on_queued
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="intake")

    async def accept(self, delivery: Delivery) -> Plan | None:
        """Decide what a delivery changes, and store that.

        A transaction that commits after the time-out is harmless: GitHub has seen a failure,
        the work is queued all the same, and a redelivery has the same id and counts once.

        Returns:
            The plan, or None when this delivery was accepted before.

        Raises:
            TransientError: it could not be made durable in time.
        """
        now = self._clock.now()
        if isinstance(delivery.event, Ignored | Ping):
            return decide(delivery.event, Known(), now)  # half of all deliveries change nothing
        work = asyncio.get_running_loop().run_in_executor(
            self._threads,
            self._inbox.accept,
            delivery,
            lambda known: decide(delivery.event, known, now),
        )
        try:
            plan = await asyncio.wait_for(work, self._timeout_seconds)
        except TimeoutError as error:
            raise TransientError(
                "the database did not answer in time", retry_after_seconds=RETRY_AFTER_SECONDS
            ) from error
        if plan is not None and plan.needs_work:
            self._on_queued()
        return plan

    def close(self) -> None:
        """Wait for transactions that have begun; forget those that have not."""
        self._threads.shutdown(wait=True, cancel_futures=True)
