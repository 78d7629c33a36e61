"""Shell: signs and delivers webhooks, and keeps the log of deliveries.

https://docs.github.com/en/webhooks/webhook-events-and-payloads#delivery-headers
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp

from lintbot.standin.shapes import stamp
from lintbot.standin.state import App, utc_now

TIMEOUT_SECONDS: Final = 10.0
ALWAYS: Final = frozenset(
    {"github_app_authorization", "installation", "installation_repositories", "ping"}
)
"""Events that cannot be subscribed to: every App gets them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """One line of the delivery log.

    Attributes:
        guid: the ``X-GitHub-Delivery`` header; a redelivery has the same.
        status_code: the answer's, or 0 when there was none.
    """

    id: int
    guid: str
    app: App
    event: str
    payload: dict[str, Any] = field(repr=False)
    delivered_at: datetime = field(default_factory=utc_now)
    redelivery: bool = False
    duration_seconds: float = 0.0
    status: str = ""
    status_code: int = 0
    request_headers: dict[str, str] = field(default_factory=dict, repr=False)
    response_headers: dict[str, str] = field(default_factory=dict, repr=False)
    response_body: str = ""

    @property
    def succeeded(self) -> bool:
        """Whether the answer was 2xx."""
        return 200 <= self.status_code < 300  # noqa: PLR2004

    def listed(self) -> dict[str, Any]:
        """``hook-delivery-item``."""
        return {
            "id": self.id,
            "guid": self.guid,
            "delivered_at": stamp(self.delivered_at),
            "redelivery": self.redelivery,
            "duration": round(self.duration_seconds, 2),
            "status": self.status,
            "status_code": self.status_code,
            "event": self.event,
            "action": self.payload.get("action"),
            "installation_id": (self.payload.get("installation") or {}).get("id"),
            "repository_id": (self.payload.get("repository") or {}).get("id"),
            "throttled_at": None,
        }

    def full(self) -> dict[str, Any]:
        """``hook-delivery``."""
        response = {"headers": self.response_headers, "payload": self.response_body}
        return {
            **self.listed(),
            "url": self.app.hook_url or "",
            "request": {"headers": self.request_headers, "payload": self.payload},
            "response": response,
        }


class Hooks:
    """Delivers webhooks to Apps."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self._ids = itertools.count(1)
        self._lose: Counter[str] = Counter()
        self.log: list[Delivered] = []

    def lose(self, times: int = 1, event: str = "") -> None:
        """Let the next deliveries fail without reaching anybody.

        Args:
            times: how many.
            event: only first deliveries of this one; empty: whatever is next.
        """
        self._lose[event] += times

    async def send(self, app: App, event: str, payload: dict[str, Any]) -> Delivered | None:
        """Deliver an event, unless the App is not subscribed to it."""
        if event not in ALWAYS and event not in app.events:
            return None
        delivery = Delivered(
            id=next(self._ids), guid=str(uuid.uuid4()), app=app, event=event, payload=payload
        )
        return await self._deliver(delivery)

    async def again(self, delivery: Delivered) -> Delivered:
        """Deliver once more, under the same guid."""
        return await self._deliver(
            replace(delivery, id=next(self._ids), redelivery=True, delivered_at=utc_now())
        )

    async def _deliver(self, delivery: Delivered) -> Delivered:
        body, content_type = encode(delivery.payload, delivery.app.hook_content_type)
        headers = make_headers(delivery.app, delivery.event, delivery.guid, body)
        headers["Content-Type"] = content_type
        started = time.monotonic()
        answered = await self._post(replace(delivery, request_headers=headers), body)
        done = replace(answered, duration_seconds=time.monotonic() - started)
        self.log.append(done)
        return done

    def _is_lost(self, delivery: Delivered) -> bool:
        for event in ("",) if delivery.redelivery else ("", delivery.event):
            if self._lose[event] > 0:
                self._lose[event] -= 1
                return True
        return False

    async def _post(self, delivery: Delivered, body: bytes) -> Delivered:
        url = delivery.app.hook_url
        if self._is_lost(delivery) or url is None:
            return replace(delivery, status="failed to connect to host")
        try:
            async with (
                asyncio.timeout(TIMEOUT_SECONDS),
                self._session.post(
                    url, data=body, headers=delivery.request_headers, allow_redirects=False
                ) as response,
            ):
                text = await response.text(errors="replace")
                return replace(
                    delivery,
                    status=response.reason or "OK",
                    status_code=response.status,
                    response_headers=dict(response.headers),
                    response_body=text,
                )
        except TimeoutError:
            return replace(delivery, status="timed out")
        except aiohttp.ClientError as error:
            return replace(delivery, status=f"failed to connect to host: {type(error).__name__}")


def encode(payload: dict[str, Any], content_type: str) -> tuple[bytes, str]:
    """Return the raw body, over which the signature goes, and its content type."""
    text = json.dumps(payload, separators=(",", ":"))
    if content_type == "form":
        return urlencode({"payload": text}).encode(), "application/x-www-form-urlencoded"
    return text.encode(), "application/json"


def make_headers(app: App, event: str, guid: str, body: bytes) -> dict[str, str]:
    """Return the headers of a delivery: both signatures, as GitHub sends them."""
    secret = app.webhook_secret.encode()
    return {
        "Accept": "*/*",
        "User-Agent": "GitHub-Hookshot/044aadd",
        "X-GitHub-Delivery": guid,
        "X-GitHub-Event": event,
        "X-GitHub-Hook-ID": str(app.id),
        "X-GitHub-Hook-Installation-Target-ID": str(app.id),
        "X-GitHub-Hook-Installation-Target-Type": "integration",
        "X-Hub-Signature": "sha1=" + hmac.new(secret, body, hashlib.sha1).hexdigest(),
        "X-Hub-Signature-256": "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest(),
    }
