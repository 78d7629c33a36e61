"""Shell: has a queue looked at as soon as this process has put something into it.

The engine's threads look at their queues some times a second, and a verdict waits for three of
these looks, one after the other. Between two looks a thread waits for nothing but the event that
tells it to stop; so that event is where it can be called sooner. What other processes enqueue is
found as ever, and so is everything if the engine should wait for something else one day.
"""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

BREATH_SECONDS = 0.02
"""Between two looks in any case: a storm of jobs is no reason to do nothing but look."""
THREAD_PREFIX = "queue-worker-"
"""Before the queue's name in the name of the thread that looks at it: the engine's word."""


class Bell:
    """Calls the threads of one engine. It may be rung before the engine starts, and without one."""

    def __init__(self) -> None:
        self._rung: Counter[str] = Counter()
        self._heard: Counter[str] = Counter()
        self._changed = threading.Condition()

    def ring(self, queue: str) -> None:
        """Have a queue looked at; what was put there is committed."""
        with self._changed:
            self._rung[queue] += 1
            self._changed.notify_all()

    def hang(self, stopping: threading.Event) -> None:
        """Let whoever waits for this event hear."""
        event: Any = stopping  # its methods are replaced below
        wait, stop = stopping.wait, stopping.set

        def wait_or_hear(timeout: float) -> bool:
            """Wait as the event does, or until the queue of the thread that waits is called."""
            if wait(min(BREATH_SECONDS, timeout)):
                return True
            queue = threading.current_thread().name.removeprefix(THREAD_PREFIX)
            with self._changed:
                self._changed.wait_for(
                    lambda: stopping.is_set() or self._rung[queue] > self._heard[queue],
                    max(timeout - BREATH_SECONDS, 0),
                )
                self._heard[queue] = self._rung[queue]
            return stopping.is_set()

        def stop_and_tell() -> None:
            stop()
            with self._changed:
                self._changed.notify_all()

        event.wait, event.set = wait_or_hear, stop_and_tell
