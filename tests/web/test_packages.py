"""Pages, feeds and data of trust and of packages, over real HTTP."""

from __future__ import annotations

import csv
from dataclasses import replace

import feedparser
import pytest

from lintbot.model.package import EventKind, PackageEvent, Status
from lintbot.model.requirement import Dependency, State
from lintbot.model.trust import Cap
from tests.support.report_fakes import FakeCatalog
from tests.support.report_site import Client, a_site
from tests.support.report_values import a_judgement, a_repository, a_run
from tests.support.trust_values import (
    NOW,
    FakePackages,
    FakeReports,
    a_dependency,
    a_project,
    a_requirement,
    a_trust_report,
    seen,
)

HOSTILE = "<script>alert(1)</script>"
YANKED = PackageEvent(name="flask", kind=EventKind.YANKED, at=NOW, version="1.0", reason=HOSTILE)
ARCHIVED = PackageEvent(name="flask", kind=EventKind.ARCHIVED, at=NOW)


def a_catalog() -> FakeCatalog:
    catalog = FakeCatalog()
    catalog.add(a_repository(), a_run(a_judgement()))
    return catalog


async def get(client: Client, path: str, status: int = 200) -> str:
    async with client.get(path, allow_redirects=False) as response:
        text = await response.text()
        assert response.status == status, text
        return text


async def test_the_page_of_a_repository_shows_trust_beside_the_score():
    report = a_trust_report(a_dependency(State.VANISHED, "gone"), letter="C")
    reports = FakeReports({a_repository().id: report})
    async with a_site(a_catalog(), reports) as client:
        page = await get(client, "/gh/octo/project")
        assert '<section id="trust"' in page
        assert "<strong>C</strong> 7.4 of 10, 100 % known." in page
        assert '<a href="/pypi/gone">gone</a>' in page
        assert page.count("Formula, and how") + page.count(">Formula<") == len(report.signals)
        other = await get(client, "/gh/octo/project?branch=dev")
        assert 'id="trust"' not in other


async def test_too_little_known_has_no_letter_and_foreign_words_are_escaped():
    report = replace(
        a_trust_report(tenths=None, letter="?"), caps=(Cap(letter="F", reason=HOSTILE),)
    )
    async with a_site(a_catalog(), FakeReports({a_repository().id: report})) as client:
        page = await get(client, "/gh/octo/project")
        assert "No letter: only 0 %" in page
        assert page.count(">unknown<") >= len(report.signals)
        assert HOSTILE not in page


async def test_compare_has_a_row_for_each_signal():
    reports = FakeReports({a_repository().id: a_trust_report()})
    async with a_site(a_catalog(), reports) as client:
        page = await get(client, "/compare?repos=octo/project,octo/none")
        assert "Bus factor" in page
        assert "<strong>7.4</strong> B, 100 % known" in page
        table = await get(client, "/compare.csv?repos=octo/project,octo/none")
        head, known, unknown = csv.reader(table.splitlines())
        at = head.index("trust: bus-factor")
        assert (known[at], unknown[at]) == ("7.4", "unknown")
        assert known[head.index("trust letter")] == "B"
        data = await get(client, "/compare.json?repos=octo/project,octo/none")
        assert '"formula": "trust-1"' in data
    async with a_site(a_catalog()) as client:
        assert "Bus factor" not in await get(client, "/compare?repos=octo/project")


async def test_any_package_is_shown_with_facts_and_without_a_letter():
    project = a_project("1.0", "2.0", name="flask", status=Status.ARCHIVED, status_reason=HOSTILE)
    packages = FakePackages(
        wishes={"flask": (a_trust_report(letter="A+"), "", False)},
        seen={"flask": seen(project)},
        told=[YANKED, ARCHIVED],
    )
    async with a_site(a_catalog(), packages=packages) as client:
        page = await get(client, "/pypi/flask")
        assert "archived" in page
        assert "Bus factor" in page
        assert "A+" not in page
        assert HOSTILE not in page
        assert "alert(1)" in page
        assert await get(client, "/pypi/Flask", 301) is not None
        assert "is being made" in await get(client, "/pypi/unknown-so-far")
        packages.wishes["none"] = (None, "It has no source distribution.", False)
        assert "It has no source distribution." in await get(client, "/pypi/none")
        data = await get(client, "/api/v1/pypi/flask")
        assert '"presence": "found"' in data
        assert "letter" not in data
        assert '"presence": "unknown"' in await get(client, "/api/v1/pypi/none")
        await get(client, "/pypi/..%2Fetc", 404)
        await get(client, "/api/v1/pypi/a%20b", 404)
        assert "flask" in await get(client, "/pypi")
        await get(client, "/pypi?name=Flask", 303)


async def test_feeds_of_one_package_of_all_and_of_a_repository():
    packages = FakePackages(told=[YANKED, ARCHIVED])
    async with a_site(a_catalog(), packages=packages) as client:
        one = feedparser.parse(await get(client, "/pypi/flask/feed.atom"))
        assert not one.bozo
        assert {it.title for it in one.entries} == {"flask 1.0 yanked", "flask archived"}
        assert "The index says" in "".join(it.content[0].value for it in one.entries)
        every = feedparser.parse(await get(client, "/pypi/feed.atom"))
        assert [it.title for it in every.entries] == ["flask 1.0 yanked"]
        own = feedparser.parse(await get(client, "/gh/octo/project/feed.atom"))
        assert "Dependency flask 1.0 yanked" in [it.title for it in own.entries]
        ids = {it.id for feed in (one, every, own) for it in feed.entries}
        assert len(ids) >= 4
        assert '"version": "https://jsonfeed.org' in await get(client, "/pypi/feed.json")
        await get(client, "/pypi/a%20b/feed.atom", 404)


async def test_a_vulnerability_is_told_to_those_whom_it_concerns():
    told = PackageEvent(
        name="flask", kind=EventKind.VULNERABLE, at=NOW, reason=HOSTILE, advisory="PYSEC-1"
    )
    packages = FakePackages(told=[told, replace(told, advisory="PYSEC-2")])
    reports = FakeReports()
    titles = ["Dependency flask vulnerable: PYSEC-1", "Dependency flask vulnerable: PYSEC-2"]
    async with a_site(a_catalog(), reports, packages=packages) as client:
        one = feedparser.parse(await get(client, "/pypi/flask/feed.atom"))
        assert not one.bozo
        assert {it.title for it in one.entries} == {it.removeprefix("Dependency ") for it in titles}
        assert len({it.id for it in one.entries}) == len(titles)
        text = one.entries[0].content[0].value
        assert f"The advisory says: {HOSTILE} Source: https://osv.dev/vulnerability/PYSEC-" in text
        page = await get(client, "/pypi/flask")
        assert HOSTILE not in page
        assert '<a href="https://osv.dev/vulnerability/PYSEC-1"' in page
        assert feedparser.parse(await get(client, "/pypi/feed.atom")).entries == []
        for advisories, concerned in (
            (None, []),
            ({}, titles),
            ({"flask": ()}, []),
            ({"flask": ("PYSEC-2",), "other": ("PYSEC-1",)}, titles[1:]),
        ):
            if advisories is not None:
                report = replace(a_trust_report(), advisories=advisories)
                reports.reports[a_repository().id] = report
            own = feedparser.parse(await get(client, "/gh/octo/project/feed.atom"))
            assert sorted(it.title for it in own.entries if "flask" in it.title) == concerned


@pytest.mark.parametrize("kind", [EventKind.YANKED, EventKind.DELETED])
async def test_a_release_that_is_gone_is_told_to_those_who_may_get_it(kind: EventKind):
    told = PackageEvent(name="flask", kind=kind, at=NOW, version="2.0")
    reports = FakeReports()
    pin = a_requirement("flask", pinned="1.0", locked=True)
    async with a_site(a_catalog(), reports, packages=FakePackages(told=[told])) as client:
        for pins, judged, concerned in (
            (None, (), True),
            ({}, (), True),
            ({"flask": ()}, (), False),
            ({"flask": ()}, (pin,), False),
            ({"flask": ()}, (replace(pin, pinned="2"),), True),
            ({"flask": ()}, (replace(pin, pinned=None, locked=False), pin), True),
            ({"flask": ()}, (replace(pin, name="other", pinned="2.0"),), False),
        ):
            if pins is not None:
                found = tuple(
                    Dependency(requirement=it, state=State.FOUND, words="") for it in judged
                )
                report = replace(a_trust_report(), advisories=pins, dependencies=found)
                reports.reports[a_repository().id] = report
            own = feedparser.parse(await get(client, "/gh/octo/project/feed.atom"))
            titles = [it.title for it in own.entries if "flask" in it.title]
            assert titles == ([f"Dependency flask 2.0 {kind}"] if concerned else [])


async def test_a_project_that_seeks_a_co_maintainer_says_so_in_its_feed():
    report = replace(a_trust_report(), seeks_since=NOW)
    async with a_site(a_catalog(), FakeReports({a_repository().id: report})) as client:
        feed = feedparser.parse(await get(client, "/gh/octo/project/feed.atom"))
        (entry,) = [it for it in feed.entries if "co-maintainer" in it.title]
        assert "a fact; a fact." in entry.content[0].value
