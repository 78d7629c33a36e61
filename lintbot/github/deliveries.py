"""Shell: GitHub's log of the webhook's deliveries (``ports.DeliveryLog``).

https://docs.github.com/en/webhooks/using-webhooks/automatically-redelivering-failed-deliveries-for-a-github-app-webhook
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from lintbot.github.as_app import AppRequests
from lintbot.github.values import read_moment
from lintbot.model.ids import DeliveryId
from lintbot.model.recovery import LoggedDelivery

_OK: Final = range(200, 300)


@dataclass(frozen=True, slots=True)
class HookDeliveries:
    """The log, asked for as the App."""

    requests: AppRequests

    async def list_since(self, since: datetime) -> tuple[LoggedDelivery, ...]:
        """Return every attempt since then, newest first."""
        path = "/app/hook/deliveries{?per_page}"
        log = await self.requests.pages(
            path, take_while=lambda it: _moment(it) >= since, per_page="100"
        )
        return tuple(_attempt(it) for it in log)

    async def redeliver(self, id_: int) -> None:
        """Have GitHub send a delivery again."""
        await self.requests.post("/app/hook/deliveries/{id}/attempts", {}, id=str(id_))


def _attempt(listed: dict[str, Any]) -> LoggedDelivery:
    return LoggedDelivery(
        id=listed["id"],
        guid=DeliveryId(listed["guid"]),
        event=listed["event"],
        delivered_at=_moment(listed),
        succeeded=listed["status_code"] in _OK,
    )


def _moment(listed: dict[str, Any]) -> datetime:
    return read_moment(listed["delivered_at"])
