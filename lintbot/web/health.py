"""Shell: is it alive, can it work, how much has it done."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from lintbot.errors import LintbotError, SandboxUnavailableError
from lintbot.model.service import ServiceFigures
from lintbot.report.pages import render_unavailable
from lintbot.report.status import render_status, status_json
from lintbot.web.answers import UNAVAILABLE
from lintbot.web.caching import NEVER
from lintbot.web.html import Html
from lintbot.web.metrics import CONTENT_TYPE, Metrics

_log = logging.getLogger(__name__)

Probe = Callable[[], str]
"""Blocking: looks at one thing that lintbot needs; returns plain words or raises LintbotError."""
ReadFigures = Callable[[], ServiceFigures]
"""Blocking: reads how lintbot keeps its promises."""

TIMEOUT_SECONDS = 3.0
FIGURES_SECONDS = 5.0
"""How long figures are shown again unread: anybody may ask for them, as often as they like."""


class Health:
    """Answers for those who watch over lintbot.

    Args:
        probes: by name, such as ``database`` and ``sandbox``.
        metrics: what was counted.
        read_figures: None where nobody can be asked.
        monotonic: seconds that only grow.
    """

    def __init__(
        self,
        probes: Mapping[str, Probe],
        metrics: Metrics,
        read_figures: ReadFigures | None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._probes = probes
        self._metrics = metrics
        self._read_figures = read_figures
        self._monotonic = monotonic
        self._reading = asyncio.Lock()
        self._known: tuple[float, ServiceFigures] | None = None

    async def alive(self, _request: web.Request) -> web.Response:
        """Answer ``GET /healthz``: the process runs its event loop."""
        return web.json_response({"alive": True}, headers={"Cache-Control": NEVER})

    async def ready(self, _request: web.Request) -> web.Response:
        """Answer ``GET /readyz``: 200 if every probe is content, else 503; words for each."""
        found = await asyncio.gather(*(_ask(name, probe) for name, probe in self._probes.items()))
        ready = all(good for good, _ in found)
        words = {name: text for name, (_, text) in zip(self._probes, found, strict=True)}
        return web.json_response(
            {"ready": ready} | words,
            status=200 if ready else 503,
            headers={"Cache-Control": NEVER},
        )

    async def metrics(self, _request: web.Request) -> web.Response:
        """Answer ``GET /metrics`` for Prometheus."""
        text = self._metrics.render(await self._figures())
        headers = {"Content-Type": CONTENT_TYPE, "Cache-Control": NEVER}
        return web.Response(body=text.encode(), headers=headers)

    async def status_json(self, _request: web.Request) -> web.Response:
        """Answer ``GET /status.json``."""
        figures = await self._figures()
        if figures is None:
            return web.json_response(
                {"error": "the figures cannot be read now"},
                status=UNAVAILABLE,
                headers={"Cache-Control": NEVER},
            )
        return web.json_response(status_json(figures), headers={"Cache-Control": NEVER})

    def make_status(self, html: Html) -> Callable[[web.Request], Awaitable[web.Response]]:
        """Return what answers ``GET /status``, for people."""

        async def answer(request: web.Request) -> web.Response:
            figures = await self._figures()
            if figures is None:
                return html.answer(request, render_unavailable(html.site), status=UNAVAILABLE)
            return html.answer(request, render_status(html.site, figures))

        return answer

    async def _figures(self) -> ServiceFigures | None:
        if self._read_figures is None:
            return None
        async with self._reading:
            if self._known is None or self._known[0] < self._monotonic():
                try:
                    async with asyncio.timeout(TIMEOUT_SECONDS):
                        figures = await asyncio.to_thread(self._read_figures)
                except (LintbotError, TimeoutError) as error:
                    _log.warning("the service's figures cannot be read: %s", error)
                    return None
                self._known = (self._monotonic() + FIGURES_SECONDS, figures)
            return self._known[1]


def health_routes(
    probes: Mapping[str, Probe], metrics: Metrics, read_figures: ReadFigures | None, html: Html
) -> list[web.RouteDef]:
    """Return the routes for operators, and for whoever wonders."""
    health = Health(probes, metrics, read_figures)
    return [
        web.get("/healthz", health.alive),
        web.get("/readyz", health.ready),
        web.get("/metrics", health.metrics),
        web.get("/status", health.make_status(html)),
        web.get("/status.json", health.status_json),
    ]


async def _ask(name: str, probe: Probe) -> tuple[bool, str]:
    """Return whether a probe is content, and its words.

    What the outside world said may name hosts and paths, so it stays in the log; what lintbot
    says of its own sandbox is meant for everybody.
    """
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            return True, await asyncio.to_thread(probe)
    except SandboxUnavailableError as error:
        return False, str(error)
    except (LintbotError, TimeoutError) as error:
        _log.warning("not ready: %s: %s", name, error)
        return False, "out of reach; the log says why"
