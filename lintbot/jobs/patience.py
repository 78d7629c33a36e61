"""Shell: try again, as long and as often as it makes sense."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from lintbot.errors import TransientError

_log = logging.getLogger(__name__)

FIRST_DELAY_SECONDS = 1.0
MAX_DELAY_SECONDS = 30.0


def delay_seconds(error: TransientError, failures: int) -> float:
    """Return how long to wait: what the other side asked for, else 1, 2, 4, … 30 seconds."""
    if error.retry_after_seconds is not None:
        return max(0.0, error.retry_after_seconds)
    return float(min(FIRST_DELAY_SECONDS * 2**failures, MAX_DELAY_SECONDS))


async def persist(
    call: Callable[[], Awaitable[None]], what: str, run_id: str, patience_seconds: float
) -> bool:
    """Call until it succeeds; give up before a wait that would exceed the patience.

    Returns:
        Whether it succeeded. Errors are logged; only those that may pass are tried again.
    """
    left, failures = patience_seconds, 0
    while True:
        try:
            await call()
        except TransientError as error:
            delay = delay_seconds(error, failures)
            if delay > left:
                _log.warning("%s put off: %s", what, error, extra={"run_id": run_id})
                return False
            left -= delay
            failures += 1
            await asyncio.sleep(delay)
        else:
            return True
