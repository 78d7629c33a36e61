from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from lintbot.errors import GoneError, PermanentError, TransientError
from lintbot.github.client import AnswerCache, Client, open_session
from lintbot.github.forge import GitHubForge
from lintbot.model.check_run import Output
from lintbot.model.ids import LintRunId
from lintbot.standin.faults import (
    BAD_GATEWAY,
    DROP_AFTER,
    DROP_BEFORE,
    GARBLED,
    SERVER_ERROR,
    Fault,
    primary_limit,
    secondary_limit,
)
from tests.support.github import Place, commit

RUN = LintRunId("lint:1:abc:1")
OUTPUT = Output(title="t", summary="s")


@pytest.mark.parametrize(
    "fault",
    [SERVER_ERROR, BAD_GATEWAY, GARBLED, DROP_BEFORE, DROP_AFTER],
    ids=["500", "502", "json", "drop before", "drop after"],
)
@pytest.mark.parametrize("path", ["access_tokens", "check-runs"])
async def test_every_trouble_passes(
    place: Place, forge: GitHubForge, fault: Fault, path: str
) -> None:
    # More than once: the HTTP client itself asks again when a kept connection was closed.
    place.github.faults.add("*", path, fault, times=3)
    with pytest.raises(TransientError):
        await forge.find_check_run(place.target, RUN, place.head)
    place.github.faults.clear()
    assert await forge.find_check_run(place.target, RUN, place.head) is None


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize(("asked", "seconds"), [(7, 7), (None, 60)])
async def test_nothing_is_sent_while_a_limit_lasts(
    place: Place, forge: GitHubForge, status: int, asked: int | None, seconds: int
) -> None:
    limit = secondary_limit(status=status, retry_after_seconds=asked)
    place.github.faults.add("GET", "/check-runs", limit)
    for _ in range(3):
        with pytest.raises(TransientError) as raised:
            await forge.find_check_run(place.target, RUN, place.head)
        assert raised.value.retry_after_seconds == pytest.approx(seconds, abs=1)
    place.clock.ahead = timedelta(seconds=seconds + 1)
    assert await forge.find_check_run(place.target, RUN, place.head) is None


async def test_one_installations_limit_is_not_anothers(place: Place, forge: GitHubForge) -> None:
    other = await place.github.add_repository("you", "code")
    theirs, _ = await place.github.install("you")
    place.github.faults.add("GET", "/check-runs", secondary_limit())
    with pytest.raises(TransientError):
        await forge.find_check_run(place.target, RUN, place.head)
    place.installation = theirs
    sha = commit(other, {"a.py": ""})
    assert await forge.find_check_run(place.target_of(other), RUN, sha) is None


async def test_a_used_up_hour_tells_when_it_ends(place: Place, forge: GitHubForge) -> None:
    place.github.faults.add("GET", "/check-runs", primary_limit(int(time.time()) + 300))
    with pytest.raises(TransientError) as raised:
        await forge.find_check_run(place.target, RUN, place.head)
    assert raised.value.retry_after_seconds == pytest.approx(300, abs=3)


async def test_the_real_limit_of_the_stand_in_is_obeyed(place: Place, forge: GitHubForge) -> None:
    place.github.rate_limit.limit = 1
    await forge.create_check_run(place.target, RUN, place.head, "https://x.example/")
    with pytest.raises(TransientError) as raised:
        await forge.create_check_run(place.target, RUN, place.head, "https://x.example/")
    assert raised.value.retry_after_seconds == pytest.approx(3600, abs=10)


async def test_after_a_rename_the_old_name_still_works(place: Place, forge: GitHubForge) -> None:
    old = place.target
    posted = await forge.create_check_run(old, RUN, place.head, "https://x.example/")
    await place.github.rename(place.repository, "kode")
    assert await forge.find_check_run(old, RUN, place.head) == posted
    await forge.start_check_run(old, posted.id, OUTPUT)
    assert (await forge.create_check_run(old, RUN, place.head, "https://x.example/")).id > posted.id
    (newest, first) = place.github.world.runs_at(place.repository, place.head)
    assert (newest.status, first.status) == ("queued", "in_progress")


async def test_another_repository_under_the_old_name_is_not_ours(
    place: Place, forge: GitHubForge
) -> None:
    old = place.target
    await place.github.rename(place.repository, "kode")
    await place.github.add_repository("me", "code", private=True)
    with pytest.raises(GoneError):
        await forge.find_check_run(old, RUN, place.head)


async def test_a_token_is_sent_to_no_other_host(place: Place, forge: GitHubForge) -> None:
    seen: list[str] = []

    async def spy(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization", ""))
        return web.json_response({"total_count": 0, "check_runs": []})

    app = web.Application()
    app.router.add_get("/{any:.*}", spy)
    async with TestServer(app) as elsewhere:
        away = {"Location": str(elsewhere.make_url("/repos/me/code/check-runs"))}
        place.github.faults.add("GET", "/check-runs", Fault(status=301, headers=away, body=b"{}"))
        with pytest.raises(PermanentError, match="another host"):
            await forge.find_check_run(place.target, RUN, place.head)
        more = {"Link": f'<{elsewhere.make_url("/page2")}>; rel="next"'}
        page = Fault(status=200, headers=more, body=b'{"total_count": 0, "check_runs": []}')
        place.github.faults.add("GET", "/check-runs", page)
        with pytest.raises(PermanentError, match="another host"):
            await forge.find_check_run(place.target, RUN, place.head)
    assert seen == []


async def test_redirects_in_circles_end(place: Place, forge: GitHubForge) -> None:
    again = Fault(status=307, headers={"Location": "/api/v3/repos/me/code/check-runs"}, body=b"{}")
    place.github.faults.add("GET", "/check-runs", again, times=20)
    with pytest.raises(TransientError, match="in circles"):
        await forge.find_check_run(place.target, RUN, place.head)


async def test_a_known_answer_is_asked_for_at_no_cost(place: Place, forge: GitHubForge) -> None:
    key = str(place.installation.id)
    assert await forge.find_check_run(place.target, RUN, place.head) is None
    used = place.github.rate_limit.used[key]
    assert await forge.find_check_run(place.target, RUN, place.head) is None
    assert place.github.rate_limit.used[key] == used
    posted = await forge.create_check_run(place.target, RUN, place.head, "https://x.example/")
    assert await forge.find_check_run(place.target, RUN, place.head) == posted


class Recorder:
    """A tiny GitHub that remembers what it was sent."""

    def __init__(self) -> None:
        self.headers: list[dict[str, str]] = []
        self.body = b'{"answer": 1}'
        self.delay_seconds = 0.0

    async def answer(self, request: web.Request) -> web.Response:
        self.headers.append({k.lower(): v for k, v in request.headers.items()})
        await asyncio.sleep(self.delay_seconds)
        return web.Response(body=self.body, content_type="application/json", headers={"ETag": "1"})

    def server(self) -> TestServer:
        app = web.Application()
        app.router.add_get("/thing", self.answer)
        return TestServer(app)


async def test_every_request_says_who_asks_and_in_which_version() -> None:
    recorder = Recorder()
    async with recorder.server() as server, open_session() as session:
        await Client(session, str(server.make_url("/"))).getitem("/thing", oauth_token="t")
    (sent,) = recorder.headers
    assert sent["user-agent"] == "lintbot"
    assert sent["x-github-api-version"] == "2022-11-28"
    assert sent["accept"] == "application/vnd.github.v3+json"
    assert sent["authorization"] == "token t"


async def test_answers_are_kept_apart_and_bounded() -> None:
    recorder, cache = Recorder(), AnswerCache(size=2)
    async with recorder.server() as server, open_session() as session:
        for owner in ("1", "2", "2", "3"):
            client = Client(session, str(server.make_url("/")), cache.view(owner))
            await client.getitem("/thing", oauth_token="t")
    assert ["if-none-match" in sent for sent in recorder.headers] == [False, False, True, False]
    assert len(cache) == 2


async def test_a_view_of_the_cache_is_a_mapping() -> None:
    cache = AnswerCache()
    one, two = cache.view("1"), cache.view("2")
    one["/a"] = two["/b"] = ("tag", None, {}, None)
    assert (list(one), len(one), list(two)) == (["/a"], 1, ["/b"])
    del one["/a"]
    assert (len(one), len(two)) == (0, 1)


async def test_large_answers_are_not_kept() -> None:
    recorder, cache = Recorder(), AnswerCache()
    recorder.body = b'{"answer": "' + b"x" * 70_000 + b'"}'
    async with recorder.server() as server, open_session() as session:
        client = Client(session, str(server.make_url("/")), cache.view("1"))
        await client.getitem("/thing", oauth_token="t")
    assert len(cache) == 0


async def test_a_github_that_does_not_answer_is_given_up() -> None:
    recorder = Recorder()
    recorder.delay_seconds = 5.0
    timeout = aiohttp.ClientTimeout(total=0.1)
    async with recorder.server() as server, aiohttp.ClientSession(timeout=timeout) as session:
        with pytest.raises(TransientError, match="did not answer in time"):
            await Client(session, str(server.make_url("/"))).getitem("/thing", oauth_token="t")


async def test_a_github_that_is_not_there_may_come_back() -> None:
    async with open_session() as session:
        with pytest.raises(TransientError, match="connection to GitHub broke"):
            await Client(session, "http://127.0.0.1:9/api").getitem("/thing", oauth_token="t")
