from __future__ import annotations

import time

import pytest

from lintbot.errors import SandboxUnavailableError, TransientError
from lintbot.model.service import ServiceFigures, percentile
from lintbot.web import health
from tests.support import payloads
from tests.support.hook_site import FakeInbox, a_hook_site, away

FIGURES = ServiceFigures(
    verdicts=2, p50_seconds=None, p95_seconds=31.25, waiting=3, stuck=0, missed=4, recovered=4
)


def test_percentiles_are_values_that_were_measured():
    assert percentile([], 0.5) is None
    assert [percentile([1.0, 2.0, 3.0], share) for share in (0, 0.5, 0.95, 1)] == [1, 2, 3, 3]
    assert percentile([float(n) for n in range(1, 101)], 0.95) == 95


async def test_alive_needs_nothing():
    async with (
        a_hook_site(FakeInbox(), probes={"database": away}) as client,
        client.get("/healthz") as response,
    ):
        assert response.status == 200


async def test_ready_says_so_in_words():
    probes = {"database": lambda: "reachable", "sandbox": lambda: "tier B"}
    async with a_hook_site(FakeInbox(), probes=probes) as client, client.get("/readyz") as response:
        assert response.status == 200
        assert await response.json() == {
            "ready": True,
            "database": "reachable",
            "sandbox": "tier B",
        }


async def test_not_ready_names_the_part_and_no_more():
    probes = {"database": away, "sandbox": lambda: "tier B"}
    async with a_hook_site(FakeInbox(), probes=probes) as client, client.get("/readyz") as response:
        assert response.status == 503
        answer = await response.json()
    assert (answer["ready"], answer["sandbox"]) == (False, "tier B")
    assert "db.internal" not in answer["database"]


async def test_what_the_sandbox_says_of_itself_is_for_everybody():
    def refused() -> str:
        raise SandboxUnavailableError("no sandbox holds on this server")

    probes = {"sandbox": refused}
    async with a_hook_site(FakeInbox(), probes=probes) as client, client.get("/readyz") as response:
        assert response.status == 503
        assert (await response.json())["sandbox"] == "no sandbox holds on this server"


async def test_a_probe_that_hangs_is_not_ready(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(health, "TIMEOUT_SECONDS", 0.02)

    def hang() -> str:
        time.sleep(0.2)
        return "never said"

    async with (
        a_hook_site(FakeInbox(), probes={"database": hang}) as client,
        client.get("/readyz") as response,
    ):
        assert response.status == 503


async def test_metrics_count_deliveries_by_answer():
    body = payloads.encoded(payloads.a_push())
    async with a_hook_site(FakeInbox(), read_figures=lambda: FIGURES) as client:
        for _ in range(2):
            await client.post(
                "/webhooks/github", data=body, headers=payloads.headers_for(body, "push")
            )
        await client.post("/webhooks/github", data=b"{}", headers=payloads.headers_for(b"", "evil"))
        async with client.get("/metrics") as response:
            assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            lines = (await response.text()).splitlines()
    assert 'lintbot_deliveries_total{event="push",status="202"} 1' in lines
    assert 'lintbot_deliveries_total{event="push",status="200"} 1' in lines
    assert 'lintbot_deliveries_total{event="unverified",status="401"} 1' in lines
    assert "lintbot_open_runs 3" in lines
    assert "lintbot_push_to_verdict_p95_seconds 31.25" in lines
    assert not [line for line in lines if "p50" in line], "what is not known is not zero"


async def test_metrics_go_on_without_the_database():
    def fail() -> ServiceFigures:
        raise TransientError("away")

    for read in (fail, None):
        async with (
            a_hook_site(FakeInbox(), read_figures=read) as client,
            client.get("/metrics") as response,
        ):
            assert response.status == 200
            assert "lintbot_open_runs" not in await response.text()
            for path in ("/status", "/status.json"):
                async with client.get(path) as answer:
                    assert answer.status == 503


async def test_status_is_read_once_for_all_who_ask():
    reads: list[int] = []

    def read() -> ServiceFigures:
        reads.append(1)
        return FIGURES

    async with a_hook_site(FakeInbox(), read_figures=read) as client:
        async with client.get("/status.json") as response:
            answer = await response.json()
        async with client.get("/status") as response:
            page = await response.text()
    assert (answer["p50_seconds"], answer["p95_seconds"], answer["stuck"]) == (None, 31.25, 0)
    assert "31.2 s" in page
    assert "unknown" in page
    assert "Stuck checks now</th><td>0<" in page
    assert reads == [1]
