"""Badges over HTTP: always a picture."""

from __future__ import annotations

import asyncio
import threading
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yarl import URL

from lintbot.errors import TransientError
from lintbot.model.lint_run import LintRun
from lintbot.web import badges as badges_module
from lintbot.web.badges import FRESH_SECONDS, Badges
from tests.support.report_fakes import FakeCatalog
from tests.support.report_site import Client, a_site
from tests.support.report_values import (
    a_job,
    a_judgement,
    a_repository,
    a_run,
    a_score,
    a_sha,
    a_summary,
)


def a_catalog(*runs: LintRun) -> FakeCatalog:
    catalog = FakeCatalog()
    catalog.add(a_repository(), *(runs or (a_run(a_judgement()),)))
    catalog.add(a_repository(id=8, name="secret", private=True), a_run(a_judgement()))
    catalog.add(a_repository(id=9, name="fresh"))
    return catalog


async def _svg(client: Client, path: str) -> str:
    async with client.get(URL(path, encoded=True), allow_redirects=False) as response:
        assert response.status == 200
        assert response.content_type == "image/svg+xml"
        body = await response.read()
    ET.fromstring(body)
    return body.decode()


def no_trust(_: object) -> None:
    return None


async def test_score_of_the_default_branch() -> None:
    async with a_site(a_catalog()) as client:
        svg = await _svg(client, "/badge/Octo/Project.svg")
        assert f"lint: 9.42/10 (grade A, commit {a_sha()[:7]}, 2026-11-24 12:00 UTC)" in svg
        assert "#67ac09" in svg


async def test_headers_let_a_proxy_keep_it_but_ask() -> None:
    async with a_site(a_catalog()) as client:
        async with client.get("/badge/octo/project.svg") as response:
            headers = response.headers
        assert "no-cache" in headers["Cache-Control"]
        assert "Set-Cookie" not in headers
        tag = {"If-None-Match": headers["ETag"]}
        async with client.get("/badge/octo/project.svg", headers=tag) as response:
            assert response.status == 304
            assert response.headers["ETag"] == headers["ETag"]
            assert await response.read() == b""
        async with client.head("/badge/octo/project.svg") as response:
            assert response.status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/badge/octo/nothing.svg",
        "/badge/octo/secret.svg",
        "/badge/octo/secret.svg?token=guess",
        "/badge/nobody/x.svg",
        "/badge/octo.svg",
        "/badge/.svg",
        "/badge/",
        "/badge/octo/project",
        "/badge/octo/project.png",
        "/badge/a/b/c.svg",
        "/badge/%00/%00.svg",
        "/badge/%ff/%fe.svg",
        "/badge/..%2f..%2f/etc.svg",
        f"/badge/{'a' * 300}/x.svg",
        "/badge/octo/project.svg?metric=trust&label=lint",
        "/badge/octo/project.svg?branch=no-such-branch",
        "/badge/octo/project.svg?branch=%00",
        f"/badge/octo/project.svg?branch={'b' * 400}",
    ],
)
async def test_what_is_unknown_private_or_malformed_is_the_same_grey(path: str) -> None:
    async with a_site(a_catalog()) as client:
        assert await _svg(client, path) == await _svg(client, "/badge/no/body.svg")


async def test_private_and_unknown_have_the_same_headers() -> None:
    async with a_site(a_catalog()) as client:
        seen = []
        for path in ("/badge/octo/secret.svg", "/badge/octo/nothing.svg"):
            async with client.get(path) as response:
                seen.append({k: v for k, v in response.headers.items() if k != "Date"})
        assert seen[0] == seen[1]


async def test_style_label_metric_and_branch() -> None:
    other = a_run(a_judgement(score=a_score(100, grade="F")), job=a_job(branch="dev/x"))
    async with a_site(a_catalog(a_run(a_judgement()), other)) as client:
        assert "crispEdges" in await _svg(client, "/badge/octo/project.svg?style=flat-square")
        assert "LINT: 9.42/10" not in await _svg(client, "/badge/octo/project.svg?style=nonsense")
        assert ">code &lt;b&gt;</text>" in await _svg(
            client, "/badge/octo/project.svg?label=code%20%3Cb%3E"
        )
        assert ">bus-factor<" in await _svg(client, "/badge/octo/project.svg?metric=bus-factor")
        assert "1.00/10" in await _svg(client, "/badge/octo/project.svg?branch=dev/x")
        assert ">lint<" not in await _svg(client, "/badge/octo/project.svg?label=")


async def test_before_the_first_score() -> None:
    catalog = a_catalog()
    repository = a_repository(id=9, name="fresh")
    async with a_site(catalog) as client:
        assert "pending" in await _svg(client, "/badge/octo/fresh.svg")
    catalog.summaries[repository.id] = [a_summary(score=None)]
    async with a_site(catalog) as client:
        assert "not judged" in await _svg(client, "/badge/octo/fresh.svg")


async def test_endpoint_json() -> None:
    async with a_site(a_catalog()) as client:
        async with client.get("/badge/octo/project.json?label=quality") as response:
            assert response.content_type == "application/json"
            assert await response.json() == {
                "schemaVersion": 1,
                "label": "quality",
                "message": "9.42/10",
                "color": "green",
            }
        async with client.get("/badge/octo/secret.json") as response:
            assert response.status == 200
            assert (await response.json())["message"] == "unknown"


@pytest.mark.parametrize("failure", [TransientError("no database"), RuntimeError("a bug")])
async def test_the_last_value_stays_while_the_database_is_away(failure: Exception) -> None:
    now = [0.0]
    catalog = a_catalog()
    badges = Badges(catalog, lambda: now[0], load_trust=no_trust)
    before = await _ask(badges)
    catalog.failure = failure
    now[0] += FRESH_SECONDS + 1
    assert await _ask(badges) == before
    assert b"unknown" in await _ask(badges, "octo/other.svg")
    assert b"9.42" in await _ask(badges, "octo/project.svg", "style=plastic")


async def test_a_stored_lint_run_shows_in_every_process_within_seconds() -> None:
    now = [0.0]
    catalog = a_catalog()
    processes = [Badges(catalog, lambda: now[0], load_trust=no_trust) for _ in range(2)]
    for badges in processes:
        assert b"9.42" in await _ask(badges)
    catalog.add(a_repository(), a_run(a_judgement(score=a_score(1000, grade="A+"))))
    assert b"9.42" in await _ask(processes[0])
    now[0] += FRESH_SECONDS + 0.1
    for badges in processes:
        assert b"10.00" in await _ask(badges)


async def test_answers_come_from_memory() -> None:
    catalog = a_catalog()
    badges = Badges(catalog, load_trust=no_trust)
    await asyncio.gather(*(_ask(badges) for _ in range(50)))
    for query in ("", "style=plastic", "label=x", "style=nonsense"):
        await _ask(badges, query=query)
    assert catalog.reads == 1


async def test_a_database_that_hangs_does_not_hang_the_badge(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(badges_module, "READ_TIMEOUT_SECONDS", 0.05)
    catalog, hang = a_catalog(), threading.Event()
    find = catalog.find_repository
    catalog.find_repository = lambda owner, name: (hang.wait(10), find(owner, name))[1]
    badges = Badges(catalog, load_trust=no_trust)
    assert b"unknown" in await _ask(badges)
    hang.set()


async def _ask(badges: Badges, path: str = "octo/project.svg", query: str = "") -> bytes:
    request = make_mocked_request("GET", f"/badge/{path}?{query}", match_info={"path": path})
    response = await badges.answer(request)
    assert response.status == 200
    assert isinstance(response.body, bytes)
    return response.body


VALUE = st.text(max_size=30) | st.sampled_from(["\x00", "\ud800", "%", "main", "flat", "lint"])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.text(max_size=30),
    query=st.dictionaries(st.sampled_from(["branch", "style", "label", "metric", "token"]), VALUE),
    raw=st.binary(max_size=6),
)
def test_any_request_is_answered_with_a_picture(
    path: str, query: dict[str, str], raw: bytes
) -> None:
    async def check() -> None:
        text = "&".join(f"{k}={quote(v, errors='surrogatepass')}" for k, v in query.items())
        target = quote(path, errors="surrogatepass") + quote(raw)
        async with a_site(a_catalog()) as client:
            await _svg(client, f"/badge/{target}?{text}")

    asyncio.run(check())
