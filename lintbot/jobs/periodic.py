"""Shell: do something every few seconds, come what may."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

_log = logging.getLogger(__name__)


class Periodic:
    """A daemon thread that calls a function, waits, and calls it again.

    A thread and not a task: it must go on while the event loop is busy.
    """

    def __init__(self, name: str, call: Callable[[], None], interval_seconds: float) -> None:
        self._call = call
        self._interval_seconds = interval_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout_seconds: float = 10.0) -> None:
        """End after the call that is under way."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)

    def _run(self) -> None:
        while not self._stop.wait(self._interval_seconds):
            try:
                self._call()
            except Exception:  # noqa: BLE001  the database may be away; the next call finds out
                _log.exception("%s failed, will try again", self._thread.name)
