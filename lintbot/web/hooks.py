"""Shell: webhooks. Read, verify, make durable, answer; nothing is linted here."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus

from aiohttp import web

from lintbot.errors import DeliveryError, ForgedDeliveryError, TransientError
from lintbot.intake.accept import Acceptor
from lintbot.model.events import Delivery, PlaceEvent
from lintbot.web.metrics import Metrics

_log = logging.getLogger(__name__)

OpenDelivery = Callable[[Mapping[str, str], bytes], Delivery]
"""Verifies and types one delivery (such as ``github.webhook.Webhook.open``)."""

MAX_BODY_BYTES = 25_000_000
"""GitHub sends no larger payload:
https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap"""
MAX_BYTES_IN_FLIGHT = 4 * MAX_BODY_BYTES
"""Bodies are read before anybody is verified, so strangers could fill our memory."""
READ_TIMEOUT_SECONDS = 10.0
RETRY_AFTER_SECONDS = 30.0
CONTENT_TYPES = ("application/json", "application/x-www-form-urlencoded")


class _RefusedError(Exception):
    """The request is answered with this status and sentence before anything is verified."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Hooks:
    """Answers for the webhooks.

    Args:
        acceptor: makes durable.
        metrics: counts the answers.
        on_places_changed: called when it may be another now who sees which repository.
    """

    def __init__(
        self,
        acceptor: Acceptor,
        metrics: Metrics,
        on_places_changed: Callable[[], None],
    ) -> None:
        self._acceptor = acceptor
        self._metrics = metrics
        self._on_places_changed = on_places_changed
        self._bytes_in_flight = 0

    async def receive(self, open_delivery: OpenDelivery, request: web.Request) -> web.Response:
        """Answer ``POST /webhooks/…``: 202 once the work is durably queued."""
        try:
            _check_head(request)
            delivery = open_delivery(request.headers, await self._read(request))
        except _RefusedError as error:
            return self._refuse(error.status, str(error))
        except ForgedDeliveryError as error:
            return self._refuse(HTTPStatus.UNAUTHORIZED, str(error))
        except DeliveryError as error:
            return self._refuse(HTTPStatus.BAD_REQUEST, str(error))
        return await self._accept(delivery)

    async def _accept(self, delivery: Delivery) -> web.Response:
        try:
            plan = await self._acceptor.accept(delivery)
        except TransientError as error:
            _log.error(
                "a delivery is lost unless it is sent again: %s", error, extra=_facts(delivery)
            )
            seconds = error.retry_after_seconds or RETRY_AFTER_SECONDS
            self._metrics.count_delivery(delivery.name, HTTPStatus.SERVICE_UNAVAILABLE)
            return _answer(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "it could not be stored; send it again",
                retry_after=seconds,
            )
        if isinstance(delivery.event, PlaceEvent):
            self._on_places_changed()
        status = HTTPStatus.ACCEPTED if plan is not None and plan.needs_work else HTTPStatus.OK
        outcome = plan.outcome if plan is not None else "this delivery was accepted before"
        _log.info("%s", outcome, extra=_facts(delivery) | {"status": status})
        self._metrics.count_delivery(delivery.name, status)
        return _answer(status, outcome)

    def _refuse(self, status: int, message: str) -> web.Response:
        _log.warning("a delivery is refused: %s", message, extra={"status": status})
        self._metrics.count_delivery("unverified", status)
        return _answer(
            status,
            message,
            retry_after=RETRY_AFTER_SECONDS if status == HTTPStatus.SERVICE_UNAVAILABLE else None,
        )

    async def _read(self, request: web.Request) -> bytes:
        """Return the body as it came.

        Raises:
            _RefusedError: it is too large, too slow, or ends too early.
        """
        chunks: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(READ_TIMEOUT_SECONDS):
                async for chunk in request.content.iter_any():
                    size += len(chunk)
                    self._bytes_in_flight += len(chunk)
                    self._check_size(size)
                    chunks.append(chunk)
        except TimeoutError as error:
            raise _RefusedError(
                HTTPStatus.REQUEST_TIMEOUT, "the body did not come in time"
            ) from error
        except (web.RequestPayloadError, ConnectionError) as error:
            raise _RefusedError(HTTPStatus.BAD_REQUEST, "the body ended too early") from error
        finally:
            self._bytes_in_flight -= size
        return b"".join(chunks)

    def _check_size(self, size: int) -> None:
        if size > MAX_BODY_BYTES:
            raise _too_large()
        if self._bytes_in_flight > MAX_BYTES_IN_FLIGHT:
            raise _RefusedError(
                HTTPStatus.SERVICE_UNAVAILABLE, "too many large deliveries at once; send it again"
            )


def hook_routes(
    openers: Mapping[str, OpenDelivery],
    acceptor: Acceptor,
    metrics: Metrics,
    on_places_changed: Callable[[], None],
) -> list[web.RouteDef]:
    """Return the route of each webhook: ``/webhooks/`` and its name."""
    hooks = Hooks(acceptor, metrics, on_places_changed)
    return [
        web.post(f"/webhooks/{name}", functools.partial(hooks.receive, opener))
        for name, opener in openers.items()
    ]


def _check_head(request: web.Request) -> None:
    """Refuse by the headers alone what need not be read.

    Raises:
        _RefusedError: it is too large or not JSON or form.
    """
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise _too_large()
    if request.content_type not in CONTENT_TYPES or "Content-Encoding" in request.headers:
        raise _RefusedError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"send {' or '.join(CONTENT_TYPES)}, not compressed"
        )


def _too_large() -> _RefusedError:
    return _RefusedError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is larger than {MAX_BODY_BYTES:,} bytes"
    )


def _facts(delivery: Delivery) -> dict[str, object]:
    return {"delivery": delivery.id, "event": delivery.name}


def _answer(status: int, message: str, *, retry_after: float | None = None) -> web.Response:
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after:.0f}"}
    return web.json_response({"message": message}, status=status, headers=headers)
