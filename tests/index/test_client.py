"""What the index's client makes of good, bad and slow answers of a real server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lintbot.errors import LimitError, PermanentError
from lintbot.index import client
from lintbot.index.client import IndexClient, open_index
from lintbot.model.package import Found, Missing, Owners, Source, Unanswered, Unchanged
from tests.support.github import NoSleep
from tests.support.index import LocalIndex, a_local_index

DAY = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
async def index() -> AsyncIterator[LocalIndex]:
    async with a_local_index() as local:
        yield local


@pytest.fixture
async def asking(index: LocalIndex) -> AsyncIterator[IndexClient]:
    async with open_index(index.url) as asking:
        yield asking


async def test_a_project_and_the_next_time_nothing_new(index: LocalIndex, asking: IndexClient):
    index.list("flask", DAY, "1.0", "2.0")
    answer = await asking.look("flask")
    assert isinstance(answer, Found)
    assert [it.version for it in answer.project.releases] == ["1.0", "2.0"]
    assert answer.project.newest_upload == DAY
    assert await asking.look("flask", answer.etag) == Unchanged()
    assert await asking.look("nobody") == Missing()
    assert index.asked == [("flask", 200), ("flask", 304), ("nobody", 404)]
    assert index.agents == {client.USER_AGENT}


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("broken", "cannot be used"),
        ("html", "does not speak the JSON simple API"),
        ("huge", "over 32 MiB"),
        ("500", "status 500"),
        ("other", "another project"),
    ],
)
async def test_an_answer_that_cannot_be_used_is_none(
    index: LocalIndex, asking: IndexClient, fault: str, words: str
):
    index.list("flask", DAY, "1.0").fault = fault
    answer = await asking.look("flask")
    assert isinstance(answer, Unanswered)
    assert words in answer.reason


async def test_a_slow_answer_is_given_up(
    index: LocalIndex, asking: IndexClient, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(client, "TIMEOUT_SECONDS", 0.2)
    index.list("flask", DAY, "1.0").fault = "slow"
    answer = await asking.look("flask")
    assert isinstance(answer, Unanswered)
    assert "did not answer" in answer.reason


async def test_a_busy_index_is_left_alone_for_as_long_as_it_wants(index: LocalIndex):
    slept = NoSleep()
    async with open_index(index.url, sleep=slept, monotonic=lambda: 0.0) as asking:
        index.list("flask", DAY, "1.0").fault = "busy"
        await asking.look("flask")
        await asking.look("flask")
        await asking.look("flask")
    assert slept.seconds == [0.0, 120.0, 120.0]


async def test_owners_are_counted_where_the_index_tells(index: LocalIndex, asking: IndexClient):
    index.list("flask", DAY, "1.0").owners = ("ann", "bob")
    assert await asking.count_owners("flask") == Owners(2)
    assert await asking.count_owners("nobody") is None
    async with open_index(f"{index.url}/other") as elsewhere:
        assert await elsewhere.count_owners("flask") is None


async def test_an_index_that_is_away_is_no_answer():
    async with open_index("http://127.0.0.1:1/simple") as asking:
        assert isinstance(await asking.look("flask"), Unanswered)


async def test_a_download_is_what_the_index_says_or_nothing(
    index: LocalIndex, asking: IndexClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    index.list("flask", DAY).add("flask-1.0.tar.gz", DAY, b"content")
    answer = await asking.look("flask")
    assert isinstance(answer, Found)
    source = answer.project.source
    assert isinstance(source, Source)
    await asking.download(source, tmp_path / "good")
    assert (tmp_path / "good").read_bytes() == b"content"
    for other in (replace(source, sha256="0" * 64), replace(source, size=3)):
        with pytest.raises(PermanentError, match="not the one"):
            await asking.download(other, tmp_path / "bad")
    with pytest.raises(PermanentError, match="another kind"):
        await asking.download(replace(source, url="https://x.example/f"), tmp_path / "bad")
    monkeypatch.setattr(client, "MAX_SOURCE_BYTES", 3)
    with pytest.raises(LimitError):
        await asking.download(source, tmp_path / "bad")
