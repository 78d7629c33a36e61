"""The API held against its own OpenAPI document, and against what people may type."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case

from lintbot.standin.state import Repository
from lintbot.store.trust import StoredTrust
from tests.support.people import Browser, Town, open_town
from tests.support.trust_values import a_trust_report

EXAMPLES = settings(
    max_examples=12,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True)
class Place:
    town: Town
    repository: Repository
    sha: str
    owner: Browser


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """One private repository with two commits, a trust report, and its owner signed in."""
    async with open_town(tmp_path, recheck_seconds=600.0) as town:
        await town.github.install("owner")
        repository = await town.github.add_repository("owner", "secret", private=True)
        await town.push(repository)
        sha = await town.push(repository)
        trust = StoredTrust(town.database, town.clock)
        job = trust.claim(town.clock.now() + timedelta(hours=1))
        assert job is not None
        trust.save(job, a_trust_report(), ())
        yield Place(town, repository, sha, await town.visitor("owner"))


async def test_every_answer_is_what_the_document_says(place: Place) -> None:
    url = str(place.town.client.make_url("/api/v1/openapi.json"))
    real = {"owner": "owner", "repo": "secret", "sha": place.sha, "name": "flask"}
    cookie = {"Cookie": "; ".join(f"{k}={v}" for k, v in place.owner.cookies.items())}
    judged: list[str] = []
    statuses: set[int] = set()

    def judge() -> None:
        for found in schemathesis.openapi.from_url(url).get_all_operations():
            operation = found.ok()

            @EXAMPLES
            @given(case=operation.as_strategy(), lead=st.booleans(), signed_in=st.booleans())
            def check(case: Case, lead: bool, signed_in: bool) -> None:
                if lead:
                    names = {k: v for k, v in real.items() if k in case.path_parameters}
                    case.path_parameters.update(names)
                response = case.call_and_validate(headers=cookie if signed_in else None)
                statuses.add(response.status_code)

            check()
            named = {k: v for k, v in real.items() if f"{{{k}}}" in operation.path}
            query = {"repos": "owner/secret"} if operation.path == "/compare.json" else {}
            plain = operation.Case(path_parameters=named, query=query)
            assert plain.call_and_validate(headers=cookie).status_code == 200
            judged.append(operation.path)

    await asyncio.to_thread(judge)
    routed = {it.canonical for it in place.town.client.app.router.resources()}
    api = {path for path in routed if path.startswith("/api/")} - {"/api/v1/openapi.json"}
    assert api | {"/compare.json", "/badge/{owner}/{repo}.json"} == set(judged)
    assert statuses <= {200, 400, 404}


async def test_lists_come_page_by_page(place: Place) -> None:
    owner, here = place.owner, "/api/v1/repos/owner/secret"
    first = await owner.get(f"{here}/runs?per_page=1")
    assert (first.json["page"], len(first.json["items"])) == (1, 1)
    link = first.headers["Link"]
    assert link == f'<{here}/runs?per_page=1&page=2>; rel="next"'
    second = await owner.get(link.partition("<")[2].partition(">")[0])
    assert second.json["items"] != first.json["items"]
    assert "Link" not in second.headers
    findings = (await owner.get(f"{here}/runs/{place.sha}/findings?side=new")).json
    assert (findings["total"], findings["items"][0]["rule"]) == (1, "pylint:W0611")
    assert (await owner.get(f"{here}/runs/{place.sha}/findings?rule=x")).json["items"] == []
    account = (await owner.get("/api/v1/accounts/owner")).json
    assert [it["repository"] for it in account["items"]] == ["owner/secret"]
    again = await owner.get(
        f"{here}/runs", **{"If-None-Match": (await owner.get(f"{here}/runs")).headers["ETag"]}
    )
    assert again.status == 304


@pytest.mark.parametrize(
    "query", ["page=0", "page=x", "per_page=101", "side=left", "severity=bad", "page=9999999"]
)
async def test_what_makes_no_sense_is_told_alike_for_all(place: Place, query: str) -> None:
    path = f"runs/{place.sha}/findings?{query}"
    told = [
        (await browser.get(f"/api/v1/repos/owner/{name}/{path}")).told()
        for browser in (place.owner, place.town.browser())
        for name in ("secret", "unknown")
    ]
    assert told[0][0] == 400
    assert told == [told[0]] * 4
