"""Which advisories are news."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintbot.model.package import EventKind, PackageEvent
from lintbot.trust.advisories import Advisory, read_advisories
from lintbot.trust.news import describe, find_news
from tests.support.index import an_advisory
from tests.support.trust_values import NOW

KNOWN = {("flask", "PYSEC-1")}


def advisories(*records: object) -> dict[str, tuple[Advisory, ...]]:
    return read_advisories(records)


def titles(*records: object, known: set[tuple[str, str]] = KNOWN) -> list[str]:
    return [it.title for it in find_news(advisories(*records), known, NOW).events]


def test_the_first_reading_is_learned_and_nothing_of_it_told():
    everything = advisories(an_advisory("PYSEC-1", "Flask", "1.0"), an_advisory("B", "a", "1.0"))
    news = find_news(everything, set(), NOW)
    assert (news.learned, news.events) == ((("a", "B"), ("flask", "PYSEC-1")), ())
    again = find_news(everything, set(news.learned), NOW)
    assert (again.learned, again.events) == ((), ())


def test_what_was_not_known_is_told_with_the_versions_that_it_affects():
    new = an_advisory("PYSEC-2", "Flask", "2.0", summary="Cookies\nleak.")
    (event,) = find_news(advisories(new, an_advisory("PYSEC-1", "flask", "1")), KNOWN, NOW).events
    assert event == PackageEvent(
        name="flask",
        kind=EventKind.VULNERABLE,
        at=NOW,
        reason="Affected: before 2.0. Cookies leak.",
        advisory="PYSEC-2",
    )
    assert titles(an_advisory("PYSEC-1", "jinja2", "2.0")) == ["jinja2 vulnerable: PYSEC-1"]


def test_a_flaw_with_ids_in_several_databases_is_told_once_by_the_one_that_has_words():
    plain = an_advisory("PYSEC-2", "flask", "2.0", aliases=["CVE-2"])
    better = an_advisory("GHSA-2", "flask", "2.0", aliases=["CVE-2", "<x>"], summary="Cookies.")
    told = ["flask vulnerable: GHSA-2"]
    assert titles(plain, better) == titles(better, plain) == told
    assert titles(plain, known={*KNOWN, ("flask", "CVE-2")}) == []
    of_another = an_advisory("PYSEC-2", "jinja2", "2.0", aliases=["CVE-2"])
    assert titles(of_another, better) == [*told, "jinja2 vulnerable: PYSEC-2"]


def test_a_withdrawn_advisory_tells_nothing():
    assert titles(an_advisory("PYSEC-2", "flask", "2.0", withdrawn="2026-11-01T00:00:00Z")) == []


def test_several_entries_of_one_package_are_one_advisory():
    record = an_advisory("PYSEC-2", "flask", "2.0")
    record["affected"] += an_advisory("", "Flask", "3.0")["affected"]
    record["affected"] += [{"package": {"ecosystem": "PyPI", "name": "a b"}, "versions": ["1"]}]
    found = advisories(record)
    assert set(found) == {"flask"}
    (one,) = found["flask"]
    assert one.ranges == (("0", "2.0", False), ("0", "3.0", False))


@pytest.mark.parametrize(
    ("ranges", "versions", "words"),
    [
        ((), (), ""),
        ((("0", None, False),), (), "Affected: every version."),
        ((("2.0", "2.3", True),), ("1", "0"), "Affected: from 2.0, up to 2.3; 0; 1."),
        ((("2.0", None, False), ("0", "1", False)), (), "Affected: from 2.0; before 1."),
        ((("1", None, False),) * 4, (), "Affected: from 1; from 1; from 1; …."),
        ((), ("1", "2", "3", "4"), "Affected: 1; 2; 3; …."),
    ],
)
def test_the_versions_in_words(
    ranges: tuple[tuple[str, str | None, bool], ...], versions: tuple[str, ...], words: str
):
    advisory = Advisory(id="X", versions=frozenset(versions), ranges=ranges)
    assert describe(advisory) == words


@given(st.text(), st.text(), st.text())
def test_hostile_texts_are_one_line_and_an_id_fits_into_an_address(
    identifier: str, summary: str, version: str
):
    hostile = an_advisory(identifier, "flask", version, summary=summary, aliases=[summary, 5])
    for event in find_news(advisories(hostile), KNOWN, NOW).events:
        assert (event.reason + event.title).isprintable()
        assert len(event.reason) <= 200
        assert len(event.advisory) <= 100
        assert event.advisory.isascii()
        assert not set("/<>?&# ") & set(event.advisory)
