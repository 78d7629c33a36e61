"""Feeds: what happened, under ids that never change."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import feedparser
from hypothesis import given
from hypothesis import strategies as st

from lintbot.model.findings import Finding
from lintbot.model.lint_run import Conclusion, LintRun, Verdict
from lintbot.model.overview import RunOverview
from lintbot.report.feed import (
    MAX_ENTRIES,
    MAX_NAMED_RULES,
    account_feed,
    feed_json,
    make_entries,
    render_atom,
    repository_feed,
)
from tests.support.report_fakes import overview_of
from tests.support.report_values import (
    NOON,
    a_comparison,
    a_finding,
    a_job,
    a_judgement,
    a_repository,
    a_run,
    a_score,
    a_sha,
    a_tool,
)

URL = "https://lint.example"
REPOSITORY = a_repository()


def a_commit(number: int, hundredths: int = 942, **changes: object) -> RunOverview:
    """Return what one commit's run tells a feed; ``new`` and ``unchanged`` are findings."""
    partial = bool(changes.pop("partial", False))
    tools = changes.pop("tools", (a_tool(),))
    comparison = a_comparison(**{k: changes.pop(k) for k in ("new", "unchanged") if k in changes})
    judgement = a_judgement(comparison, score=a_score(hundredths, partial=partial), tools=tools)
    return overview_of(a_run(judgement, job=job_of(number), **changes))


def job_of(number: int):
    sha = a_sha(f"commit {number}")
    at = NOON + timedelta(hours=number)
    return a_job(head_sha=sha, run_id=f"lint:7:{sha}:1", received_at=at)


def entries(*newest_first: RunOverview) -> list[tuple[str, str]]:
    made = make_entries(URL, REPOSITORY, newest_first)
    return [(entry.title, entry.text) for entry in made]


def test_a_score_that_changes_is_an_entry_and_one_that_stays_is_none():
    assert entries(a_commit(3, 942), a_commit(2, 942), a_commit(1, 900)) == [
        (
            "Score 9.00 → 9.42, grade A",
            f"Commit {a_sha('commit 2')[:7]}. Score 9.00 → 9.42, grade A.",
        )
    ]


def test_a_partial_score_says_so():
    (entry,) = entries(a_commit(2, 900, partial=True), a_commit(1, 942))
    assert entry[1].endswith("It is partial: not everything could be judged.")


def test_a_failed_check_and_rules_seen_first():
    new = (a_finding(1), a_finding(2, tool="flake8", code="E501", symbol=""))
    titles = [title for title, _ in entries(a_commit(2, new=new), a_commit(1))]
    assert titles == [
        "The check failed: 2 new findings",
        "2 rules with first findings: flake8:E501, pylint:W0611 unused-import",
    ]


def test_many_first_rules_are_counted():
    new = tuple(a_finding(n, code=f"X{n:03}", symbol="") for n in range(MAX_NAMED_RULES + 5))
    verdict = Verdict(conclusion=Conclusion.SUCCESS)
    ((title, _),) = entries(a_commit(2, new=new, verdict=verdict), a_commit(1))
    assert title.endswith(" and 5 more")
    assert title.startswith(f"{MAX_NAMED_RULES + 5} rules")


def test_other_tools_are_told():
    ((title, _),) = entries(a_commit(2, tools=(a_tool(version="4.2.0"),)), a_commit(1))
    assert title == "Other tools: pylint 4.1.4 → 4.2.0"


def test_a_run_without_a_result_is_passed_over():
    nothing = overview_of(replace(a_run(None), job=job_of(2)))
    assert [title for title, _ in entries(a_commit(3, 700), nothing, a_commit(1, 900))] == [
        "Score 9.00 → 7.00, grade A"
    ]


def test_ids_stay_when_the_repository_is_renamed_and_newer_runs_come():
    runs = (a_commit(2, 700), a_commit(1, 900))
    before = repository_feed(URL, REPOSITORY, runs)
    renamed = a_repository(name="renamed")
    after = repository_feed(URL, renamed, (a_commit(3, 800), *runs))
    assert before.id == after.id
    assert before.entries[0].id == after.entries[1].id
    assert after.updated == NOON + timedelta(hours=3)


def test_feedparser_reads_it():
    hostile = a_finding(1, code="<b>\u202e\x0b", symbol="&")
    runs = (a_commit(2, 700, new=(hostile,)), a_commit(1, 900))
    feed = repository_feed(URL, a_repository(name="a&b"), runs)
    read = feedparser.parse(render_atom(feed))
    assert not read.bozo
    assert read.version == "atom10"
    assert read.feed.title == "lintbot: octo/a&b"
    assert read.feed.id == feed.id
    assert [it.id for it in read.entries] == [it.id for it in feed.entries]
    assert [it.link for it in read.entries] == [it.url for it in feed.entries]
    assert read.entries[0].updated_parsed[:4] == (2026, 11, 24, 14)
    assert {it.rel: it.href for it in read.feed.links} == {
        "self": "https://lint.example/gh/octo/a%26b/feed.atom",
        "alternate": "https://lint.example/gh/octo/a%26b",
    }
    assert "\u202e" not in str(read.entries)


def test_json_feed_says_the_same():
    feed = repository_feed(URL, REPOSITORY, (a_commit(2, 700), a_commit(1, 900)))
    told = feed_json(feed)
    assert told["version"] == "https://jsonfeed.org/version/1.1"
    assert told["feed_url"] == "https://lint.example/gh/octo/project/feed.json"
    assert [(it["id"], it["title"]) for it in told["items"]] == [
        (it.id, it.title) for it in feed.entries
    ]


def test_nothing_happened_yet():
    feed = repository_feed(URL, REPOSITORY, ())
    assert feedparser.parse(render_atom(feed)).feed.updated == "2026-01-01T00:00:00+00:00"


def test_the_feed_of_an_account_names_repositories_newest_first_and_ends():
    runs = [a_commit(n, 500 + n) for n in range(MAX_ENTRIES + 9, 0, -1)]
    other = a_repository(id=8, name="other")
    feed = account_feed(URL, [(REPOSITORY, runs), (other, [a_commit(99, 1), a_commit(98, 2)])])
    assert len(feed.entries) == MAX_ENTRIES
    assert feed.entries[0].title.startswith("octo/other: Score 0.02 → 0.01")
    assert len({it.id for it in feed.entries}) == MAX_ENTRIES


@given(st.text(max_size=40))
def test_any_text_gives_xml_that_can_be_read(text: str):
    finding: Finding = a_finding(1, code="X1", symbol=text)
    runs: tuple[LintRun, ...] = (a_commit(2, new=(finding,)), a_commit(1))
    feed = repository_feed(URL, REPOSITORY, runs)
    assert not feedparser.parse(render_atom(feed)).bozo
