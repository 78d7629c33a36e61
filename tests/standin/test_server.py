from __future__ import annotations

import asyncio
import base64
import os
import subprocess
from pathlib import Path

import aiohttp
import pytest

from lintbot.standin.faults import (
    BAD_GATEWAY,
    DROP_AFTER,
    DROP_BEFORE,
    Fault,
    Faults,
    latency,
    primary_limit,
    secondary_limit,
)
from lintbot.standin.server import StandIn
from tests.support.github import Asker, Place

RUNS = "/repos/me/code/check-runs"


def a_request(place: Place) -> dict[str, str]:
    return {"name": "lintbot", "head_sha": place.head}


async def test_each_has_a_port_of_its_own(tmp_path: Path) -> None:
    async with StandIn(tmp_path) as one, StandIn(tmp_path) as two:
        assert one.url != two.url
        assert one.api_url.startswith(one.url)
        assert one.app.private_key != two.app.private_key


async def test_a_port_can_be_chosen(tmp_path: Path) -> None:
    async with StandIn(tmp_path) as one:
        port = int(one.url.rsplit(":", 1)[1])
    async with StandIn(tmp_path, port=port) as again:
        assert again.url == one.url


async def test_a_fault_strikes_as_often_as_it_was_asked_to(place: Place, asker: Asker) -> None:
    place.github.faults.add("GET", "/repos/me/code$", BAD_GATEWAY, times=2)
    answers = [await asker.ask("GET", "/repos/me/code") for _ in range(3)]
    assert [status for status, _, _ in answers] == [502, 502, 200]
    assert answers[0][1].startswith(b"<!DOCTYPE html>")


async def test_a_fault_picks_its_requests(place: Place, asker: Asker) -> None:
    place.github.faults.add("PATCH", "check-runs", BAD_GATEWAY)
    place.github.faults.add("*", "per_page=7", BAD_GATEWAY)
    assert (await asker.ask("POST", RUNS, a_request(place)))[0] == 201
    assert (await asker.ask("GET", "/repos/me/code/pulls?per_page=7"))[0] == 502
    assert len(place.github.faults) == 1
    place.github.faults.clear()
    assert len(place.github.faults) == 0


@pytest.mark.parametrize(("fault", "made"), [(DROP_BEFORE, 0), (DROP_AFTER, 1)])
async def test_a_connection_drops_before_or_after_the_effect(
    place: Place, asker: Asker, fault: Fault, made: int
) -> None:
    place.github.faults.add("POST", "check-runs", fault)
    with pytest.raises(aiohttp.ClientError):
        await asker.ask("POST", RUNS, a_request(place))
    assert len(place.github.world.runs_at(place.repository, place.head)) == made


async def test_an_answer_can_be_late_or_held_back(place: Place, asker: Asker) -> None:
    gate = asyncio.Event()
    place.github.faults.add("GET", "code$", latency(0.01))
    place.github.faults.add("GET", "code$", Fault(hold=gate))
    assert (await asker.ask("GET", "/repos/me/code"))[0] == 200
    held = asyncio.create_task(asker.ask("GET", "/repos/me/code"))
    await asyncio.sleep(0.05)
    assert not held.done()
    gate.set()
    assert (await held)[0] == 200


async def test_limits_on_demand(place: Place, asker: Asker) -> None:
    faults = place.github.faults
    faults.add("GET", "code$", primary_limit(123))
    faults.add("GET", "code$", secondary_limit(status=429, retry_after_seconds=5))
    faults.add("GET", "code$", secondary_limit())
    shown = [await asker.ask("GET", "/repos/me/code") for _ in range(3)]
    assert [
        (status, h.get("Retry-After"), h.get("X-RateLimit-Reset")) for status, _, h in shown
    ] == [
        (403, None, "123"),
        (429, "5", None),
        (403, None, None),
    ]


async def test_an_hours_requests_are_counted_for_each_installation(
    place: Place, asker: Asker
) -> None:
    await place.github.install("you")
    place.github.rate_limit.limit = 2
    await asker.ask("GET", "/repos/me/code")
    _, _, headers = await asker.ask("GET", "/repos/me/code")
    assert headers["X-RateLimit-Remaining"] == "0"
    status, content, headers = await asker.ask("GET", "/repos/me/code")
    assert (status, headers["X-RateLimit-Remaining"]) == (403, "0")
    assert content["message"].startswith("API rate limit exceeded")
    assert (await asker.ask_as_app("GET", "/app"))[0] == 200


async def test_asking_for_the_limit_is_free(place: Place, asker: Asker) -> None:
    before = place.github.rate_limit.used.total()
    _, shown, _ = await asker.ask("GET", "/rate_limit")
    assert shown["rate"]["remaining"] == 5000 - shown["rate"]["used"]
    assert place.github.rate_limit.used.total() == before
    assert (await asker.ask("GET", "/zen"))[1].startswith(b"Anything added")


async def test_what_has_not_changed_is_free(place: Place, asker: Asker) -> None:
    _, _, first = await asker.ask("GET", "/repos/me/code")
    known = {"If-None-Match": first["ETag"]}
    status, content, second = await asker.ask("GET", "/repos/me/code", **known)
    assert (status, content) == (304, b"")
    assert second["X-RateLimit-Remaining"] == first["X-RateLimit-Remaining"]
    await place.github.archive(place.repository)
    assert (await asker.ask("GET", "/repos/me/code", **known))[0] == 200


def test_the_first_fault_that_fits_is_taken() -> None:
    faults = Faults()
    faults.add("GET", "a", BAD_GATEWAY)
    faults.add("*", "a", DROP_BEFORE)
    assert faults.take("GET", "/a") is BAD_GATEWAY
    assert faults.take("GET", "/b") is None
    assert faults.take("GET", "/a") is DROP_BEFORE
    assert faults.take("GET", "/a") is None


async def clone(place: Place, token: str, name: str, into: Path) -> int:
    basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    process = await asyncio.create_subprocess_exec(
        *("git", "clone", "--quiet", f"{place.github.url}/{name}.git", str(into)),
        env={
            "PATH": os.environ["PATH"],
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "http.extraHeader",
            "GIT_CONFIG_VALUE_0": f"Authorization: Basic {basic}",
        },
        stderr=asyncio.subprocess.DEVNULL,
    )
    return await process.wait()


async def test_git_reads_what_the_token_may_read(
    place: Place, asker: Asker, tmp_path: Path
) -> None:
    assert await clone(place, asker.token, "me/code", tmp_path / "1") == 0
    assert (tmp_path / "1" / "b.py").read_text() == "y = 1\n"
    narrow = await asker.mint(place.installation, permissions={"checks": "write"})
    for number, token in enumerate((narrow, "ghs_wrong"), start=2):
        assert await clone(place, token, "me/code", tmp_path / str(number)) != 0
    assert await clone(place, asker.token, "me/none", tmp_path / "4") != 0


async def test_git_follows_a_rename(place: Place, asker: Asker, tmp_path: Path) -> None:
    await place.github.rename(place.repository, "kode")
    assert await clone(place, asker.token, "me/code", tmp_path / "1") == 0


async def test_git_reads_no_more_when_the_token_has_ended(
    place: Place, asker: Asker, tmp_path: Path
) -> None:
    place.github.expire_tokens()
    assert await clone(place, asker.token, "me/code", tmp_path / "1") != 0


async def test_a_repository_can_be_brought_along(place: Place, tmp_path: Path) -> None:
    await asyncio.to_thread(
        subprocess.run, ["git", "init", "-q", "--bare", str(tmp_path / "own.git")], check=True
    )
    own = await place.github.add_repository("me", "own", tmp_path / "own.git")
    assert own.path == tmp_path / "own.git"
