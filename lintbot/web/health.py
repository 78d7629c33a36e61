"""Shell: is it alive, can it work, how much has it done."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

from aiohttp import web

from lintbot.errors import LintbotError, SandboxUnavailableError
from lintbot.web.caching import NEVER
from lintbot.web.metrics import CONTENT_TYPE, Metrics

_log = logging.getLogger(__name__)

Probe = Callable[[], str]
"""Blocking: looks at one thing that lintbot needs; returns plain words or raises LintbotError."""
CountOpenRuns = Callable[[], int]
"""Blocking: the number of lint runs without a verdict."""

TIMEOUT_SECONDS = 3.0


class Health:
    """Answers for those who watch over lintbot.

    Args:
        probes: by name, such as ``database`` and ``sandbox``.
        metrics: what was counted.
        count_open_runs: None where nobody can be asked.
    """

    def __init__(
        self,
        probes: Mapping[str, Probe],
        metrics: Metrics,
        count_open_runs: CountOpenRuns | None,
    ) -> None:
        self._probes = probes
        self._metrics = metrics
        self._count_open_runs = count_open_runs

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
        text = self._metrics.render(await self._open_runs())
        headers = {"Content-Type": CONTENT_TYPE, "Cache-Control": NEVER}
        return web.Response(body=text.encode(), headers=headers)

    async def _open_runs(self) -> int | None:
        if self._count_open_runs is None:
            return None
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                return await asyncio.to_thread(self._count_open_runs)
        except (LintbotError, TimeoutError) as error:
            _log.warning("open lint runs cannot be counted: %s", error)
            return None


def health_routes(
    probes: Mapping[str, Probe], metrics: Metrics, count_open_runs: CountOpenRuns | None = None
) -> list[web.RouteDef]:
    """Return the routes for operators."""
    health = Health(probes, metrics, count_open_runs)
    return [
        web.get("/healthz", health.alive),
        web.get("/readyz", health.ready),
        web.get("/metrics", health.metrics),
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
