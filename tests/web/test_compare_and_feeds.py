"""Comparisons and feeds over HTTP."""

from __future__ import annotations

import csv
import io

import feedparser
import pytest

from lintbot.errors import TransientError
from tests.support.report_fakes import FakeCatalog
from tests.support.report_site import Client, a_site
from tests.support.report_values import (
    a_comparison,
    a_finding,
    a_job,
    a_judgement,
    a_profile,
    a_repository,
    a_run,
    a_score,
    a_sha,
)

COMPARED = "/compare?repos=octo/project,octo/secret,%20octo/nothing,octo/fresh"


def a_catalog() -> FakeCatalog:
    comparison = a_comparison(unchanged=(a_finding(1, code="<b>"),))
    judgement = a_judgement(comparison, neutral=a_profile())
    older = a_judgement(comparison, score=a_score(500))
    catalog = FakeCatalog()
    for repository in (a_repository(), a_repository(id=8, name="secret", private=True)):
        catalog.add(repository, a_run(judgement), a_run(older, job=a_job(head_sha=a_sha("older"))))
    catalog.add(a_repository(id=9, name="fresh"))
    return catalog


async def _get(client: Client, path: str, status: int = 200) -> tuple[str, str]:
    async with client.get(path) as response:
        assert response.status == status
        return await response.text(), response.content_type


async def test_repositories_side_by_side() -> None:
    async with a_site(a_catalog()) as client:
        html, _ = await _get(client, COMPARED)
        assert html.count('<th scope="col">') == 4
        assert "<b>" not in html
        assert "<strong>9.42</strong> A" in html
        assert "+4.42" in html
        assert "by the neutral profile (neutral-1)" in html
        text, kind = await _get(client, COMPARED.replace("compare", "compare.csv"))
        assert kind == "text/csv"
        rows = list(csv.reader(io.StringIO(text)))
        assert [row[:2] for row in rows[1:]] == [
            ["octo/project", "9.42"],
            ["octo/secret", "unknown"],
            ["octo/nothing", "unknown"],
            ["octo/fresh", "unknown"],
        ]


async def test_a_private_repository_looks_like_none_in_every_form() -> None:
    async with a_site(a_catalog()) as client:
        for form in ("", ".json", ".csv"):
            secret, _ = await _get(client, f"/compare{form}?repos=octo/secret")
            none, _ = await _get(client, f"/compare{form}?repos=octo/nobody")
            assert secret.replace("octo/secret", "").replace("octo%2Fsecret", "") == none.replace(
                "octo/nobody", ""
            ).replace("octo%2Fnobody", "")


@pytest.mark.parametrize(
    ("repos", "why"),
    [
        ("%20,", "Name at least one repository"),
        (",".join(f"o/{number}" for number in range(11)), "These are 11 repositories; 10 fit"),
        ("<b>/x", "is no repository"),
    ],
)
async def test_what_cannot_be_compared_is_told(repos: str, why: str) -> None:
    async with a_site(a_catalog()) as client:
        for form in (".json", ".csv", ""):
            text, _ = await _get(client, f"/compare{form}?repos={repos}", 400)
            assert why in text
            assert "<b>" not in text or form != ""


async def test_the_form_alone() -> None:
    async with a_site(a_catalog()) as client:
        html, _ = await _get(client, "/compare")
        assert "<table" not in html
        assert 'name="repos"' in html


async def test_feeds_are_found_read_and_revalidated() -> None:
    async with a_site(a_catalog()) as client:
        for page in ("/gh/octo/project", "/gh/octo"):
            html, _ = await _get(client, page)
            assert f'type="application/atom+xml" title="lintbot: {page[4:]}"' in html
            assert f'href="{page}/feed.atom"' in html
            async with client.get(f"{page}/feed.atom") as response:
                assert response.content_type == "application/atom+xml"
                tag = response.headers["ETag"]
                read = feedparser.parse(await response.read())
            assert not read.bozo
            assert "Score 5.00 → 9.42, grade A" in read.entries[0].title
            again = {"If-None-Match": tag}
            async with client.get(f"{page}/feed.atom", headers=again) as response:
                assert response.status == 304
            async with client.get(f"{page}/feed.json") as response:
                assert response.content_type == "application/feed+json"
                told = await response.json(content_type=None)
            assert [it["id"] for it in told["items"]] == [it.id for it in read.entries]
        assert "secret" not in str(told)


@pytest.mark.parametrize("form", ["atom", "json"])
async def test_feeds_of_what_nobody_may_see_are_one_answer(form: str) -> None:
    paths = ("octo/secret", "octo/nothing", "nobody", "o%20o", "o%20o/x")
    async with a_site(a_catalog()) as client:
        answers = {await _get(client, f"/gh/{path}/feed.{form}", 404) for path in paths}
    assert len(answers) == 1


async def test_an_account_without_news_has_an_empty_feed() -> None:
    catalog = FakeCatalog()
    catalog.add(a_repository())
    async with a_site(catalog) as client:
        text, _ = await _get(client, "/gh/octo/feed.atom")
        assert feedparser.parse(text).entries == []


async def test_the_database_is_away() -> None:
    catalog = a_catalog()
    catalog.failure = TransientError("no database")
    async with a_site(catalog) as client:
        for path in (
            "/compare?repos=a/b",
            "/compare.json?repos=a/b",
            "/compare.csv?repos=a/b",
            "/gh/octo",
            "/gh/octo/feed.atom",
            "/gh/octo/project/feed.json",
        ):
            async with client.get(path) as response:
                assert response.status == 503
                assert response.headers["Retry-After"]


async def test_documents_are_pages() -> None:
    async with a_site(a_catalog()) as client:
        for name in ("", "/score", "/badge", "/configuration", "/permissions", "/what-it-is-not"):
            html, _ = await _get(client, f"/docs{name}")
            assert html.count("<h1") == 1
