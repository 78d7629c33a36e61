"""Shell: troubles on demand. Each waits in a queue for the next request that it fits."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

BAD_GATEWAY_PAGE: Final = b"<!DOCTYPE html><html><title>Unicorn!</title><body>502</body></html>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One trouble.

    Attributes:
        delay_seconds: before anything else happens.
        hold: wait for this before anything else happens.
        after: do what was asked first; the trouble hits the answer only.
        drop: close the connection without an answer.
        status: answer this instead; None leaves the answer alone.
    """

    delay_seconds: float = 0.0
    hold: asyncio.Event | None = None
    after: bool = False
    drop: bool = False
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    body: bytes = b""


SERVER_ERROR: Final = Fault(status=500, body=b'{"message":"Server Error"}')
SERVER_ERROR_AFTER: Final = Fault(status=500, body=b'{"message":"Server Error"}', after=True)
BAD_GATEWAY: Final = Fault(status=502, content_type="text/html", body=BAD_GATEWAY_PAGE)
GARBLED: Final = Fault(status=200, body=b'{"id": 1, "na')
DROP_BEFORE: Final = Fault(drop=True)
DROP_AFTER: Final = Fault(drop=True, after=True)


def primary_limit(reset_epoch_seconds: int, *, status: int = 403) -> Fault:
    """The hour's requests are used up."""
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset_epoch_seconds)}
    body = b'{"message":"API rate limit exceeded for installation ID 1."}'
    return Fault(status=status, headers=headers, body=body)


def secondary_limit(*, status: int = 403, retry_after_seconds: int | None = None) -> Fault:
    """Too much in too short a time; GitHub does not always say for how long."""
    headers = {} if retry_after_seconds is None else {"Retry-After": str(retry_after_seconds)}
    body = b'{"message":"You have exceeded a secondary rate limit. Please wait a few minutes."}'
    return Fault(status=status, headers=headers, body=body)


def latency(seconds: float) -> Fault:
    """The right answer, late."""
    return Fault(delay_seconds=seconds)


@dataclass(slots=True)
class _Waiting:
    method: str
    path: re.Pattern[str]
    fault: Fault
    times: int


class Faults:
    """The queue; the first that fits is taken."""

    def __init__(self) -> None:
        self._queue: list[_Waiting] = []

    def add(self, method: str, path: str, fault: Fault, times: int = 1) -> None:
        """Trouble the next requests.

        Args:
            method: such as ``POST``; ``*`` for any.
            path: a regular expression, searched for in the path with its query.
            fault: what happens.
            times: to how many requests.
        """
        self._queue.append(_Waiting(method, re.compile(path), fault, times))

    def take(self, method: str, path: str) -> Fault | None:
        """Return the trouble that a request runs into, if any."""
        for waiting in self._queue:
            if waiting.method in {"*", method} and waiting.path.search(path):
                waiting.times -= 1
                if waiting.times <= 0:
                    self._queue.remove(waiting)
                return waiting.fault
        return None

    def clear(self) -> None:
        """End all troubles."""
        self._queue.clear()

    def __len__(self) -> int:
        """Return how many troubles wait: 0 when all have struck."""
        return len(self._queue)
