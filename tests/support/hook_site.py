"""The whole web half over real HTTP, with an inbox in memory."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from lintbot.errors import TransientError
from lintbot.github.marketplace import MarketplaceWebhook
from lintbot.github.webhook import Webhook
from lintbot.intake.accept import Acceptor
from lintbot.model.events import Delivery
from lintbot.model.intake import Known, Plan
from lintbot.ports import Inbox
from lintbot.web.app import Parts, make_app
from lintbot.web.health import Probe, ReadFigures
from lintbot.web.install import FindSlug
from tests.support.deliveries import RealClock
from tests.support.payloads import APP_ID, SECRET
from tests.support.report_fakes import FakeCatalog
from tests.support.trust_values import FakePackages, FakeReports

MARKETPLACE_SECRET = "the listing's own secret"
Client = TestClient[web.Request, web.Application]


@dataclass
class FakeInbox:
    """Remembers deliveries by id; ``failure`` is raised, ``gate`` holds every caller back."""

    plans: dict[str, Plan] = field(default_factory=dict)
    failure: Exception | None = None
    gate: threading.Event | None = None

    def accept(self, delivery: Delivery, decide: Callable[[Known], Plan]) -> Plan | None:
        if self.gate is not None:
            assert self.gate.wait(20)
        if self.failure is not None:
            raise self.failure
        if delivery.id in self.plans:
            return None
        self.plans[delivery.id] = decide(Known())
        return self.plans[delivery.id]


def away() -> str:
    raise TransientError("connection to db.internal refused for user lintbot")


@asynccontextmanager
async def a_hook_app(
    inbox: Inbox,
    *,
    catalog: FakeCatalog | None = None,
    secrets: tuple[str, ...] = (SECRET,),
    timeout_seconds: float = 8.0,
    probes: Mapping[str, Probe] | None = None,
    read_figures: ReadFigures | None = None,
    find_slug: FindSlug | None = None,
    routes: tuple[web.RouteDef, ...] = (),
) -> AsyncIterator[web.Application]:
    acceptor = Acceptor(inbox, RealClock(), timeout_seconds=timeout_seconds)
    catalog = catalog or FakeCatalog()
    parts = Parts(
        hooks={
            "github": Webhook(secrets=secrets, app_id=APP_ID).open,
            "marketplace": MarketplaceWebhook(secrets=(MARKETPLACE_SECRET,)).open,
        },
        acceptor=acceptor,
        trust=FakeReports(),
        packages=FakePackages(),
        catalog=catalog,
        reports=catalog,
        public_url="https://lint.example",
        github_url="https://github.example",
        find_slug=find_slug,
        probes=probes or {},
        read_figures=read_figures,
    )
    app = make_app(parts)
    app.add_routes(routes)
    try:
        yield app
    finally:
        acceptor.close()


@asynccontextmanager
async def a_hook_site(inbox: Inbox, **parts: Any) -> AsyncIterator[Client]:
    """Take what ``a_hook_app`` takes."""
    async with a_hook_app(inbox, **parts) as app, TestClient(TestServer(app)) as client:
        yield client
