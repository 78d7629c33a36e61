"""Tiers, limits, requests, and streams: the small pure pieces."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintbot.ports import Profile, SandboxJob
from lintbot.sandbox.jail.program import parse_request
from lintbot.sandbox.limits import Limits
from lintbot.sandbox.requests import count_tasks, make_request
from lintbot.sandbox.streams import BoundedStream
from lintbot.sandbox.tiers import LAYERS, Tier, parse_mode


def test_auto_tries_the_strongest_first_and_never_goes_without() -> None:
    assert parse_mode("auto") == (Tier.A, Tier.B, Tier.C)


@given(st.sampled_from(["A", "a", "B", "b", "C", "c", "none", "NONE", "None"]))
def test_a_named_tier_is_the_only_one(mode: str) -> None:
    assert [tier.lower() for tier in parse_mode(mode)] == [mode.lower()]


@given(st.text(max_size=6))
def test_anything_else_is_refused(mode: str) -> None:
    if mode.lower() not in {"auto", "a", "b", "c", "none"}:
        with pytest.raises(ValueError, match="auto, A, B, C or none"):
            parse_mode(mode)


def test_every_tier_filters_system_calls_and_closes_the_files() -> None:
    for tier in parse_mode("auto"):
        assert LAYERS[tier].seccomp
        assert LAYERS[tier].landlock or LAYERS[tier].bubblewrap
        assert LAYERS[tier].landlock or not LAYERS[tier].shared  # else it saw other checkouts


@given(st.floats(0.01, 10_000), st.sampled_from(Profile))
def test_processor_time_never_ends_a_job_before_the_clock(seconds: float, profile: Profile) -> None:
    limits = Limits()
    assert limits.cpu_seconds(seconds, profile) >= seconds
    assert limits.cpu_seconds(seconds, profile) <= 2 * seconds + 2


@given(
    st.lists(st.text(st.characters(exclude_characters="\0")), min_size=1, max_size=4),
    st.floats(0.1, 1000),
    st.sampled_from(Profile),
)
def test_a_request_arrives_as_it_was_sent(
    argv: list[str], seconds: float, profile: Profile
) -> None:
    job = SandboxJob(argv=tuple(argv), root=Path("/a/b"), timeout_seconds=seconds, profile=profile)
    request = parse_request(make_request(job, Limits(), None))
    assert (request.argv, request.root) == (tuple(argv), "/a/b")
    assert request.threads == (profile is Profile.THREADS)
    assert request.in_process == (argv[0] in {"pylint", "flake8"})
    assert request.limits.user_tasks is None


def test_threads_are_counted_on_top_of_what_the_user_runs() -> None:
    own = count_tasks(os.geteuid())
    assert own >= 1
    job = SandboxJob(argv=("ruff",), root=Path("/a"), timeout_seconds=1, profile=Profile.THREADS)
    tasks = parse_request(make_request(job, Limits(threads=7), os.geteuid())).limits.user_tasks
    assert tasks is not None
    assert tasks >= 7


@pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 5000])
async def test_a_stream_keeps_its_limit_and_tells(size: int) -> None:
    told: list[bool] = []
    stream = BoundedStream(10, lambda: told.append(True))
    writing = await stream.open()
    os.write(writing, b"x" * size)
    os.close(writing)
    assert await stream.finish() == b"x" * min(size, 10)
    assert stream.truncated == (size > 10) == bool(told)


async def test_a_held_stream_is_not_waited_for() -> None:
    stream = BoundedStream(10, lambda: None)
    writing = await stream.open()
    os.write(writing, b"some")
    async with asyncio.timeout(5):
        assert await stream.finish() == b"some"
    await asyncio.sleep(0)
    os.close(writing)
