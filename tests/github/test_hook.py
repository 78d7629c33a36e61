"""Whether GitHub's deliveries arrive, as the doctor asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from lintbot.github.registration import Hook, try_hook
from tests.support.github import Place, Receiver, open_receiver


@pytest.fixture
async def receiver(place: Place) -> AsyncIterator[Receiver]:
    async with open_receiver(place.github) as receiver:
        yield receiver


async def look(place: Place) -> Hook:
    async def settle(_: float) -> None:
        await place.github.settle()

    now = place.clock.now()
    return await try_hook(place.credentials(), place.github.api_url, now=now, sleep=settle)


async def test_a_ping_is_sent_again_and_answered(place: Place, receiver: Receiver) -> None:
    await place.github.ping()
    await place.github.push(place.repository, "topic", place.first)
    hook = await look(place)
    assert hook == Hook(url=receiver.url, event="ping", answered=True)
    assert receiver.names().count("ping") == 2
    receiver.status = 500
    assert not (await look(place)).answered


async def test_without_a_ping_the_newest_delivery_tells(place: Place, receiver: Receiver) -> None:
    place.github.hooks.log.clear()
    assert (await look(place)).event == ""
    receiver.status = 401
    await place.github.push(place.repository, "topic", place.first, order=("push",))
    assert await look(place) == Hook(url=receiver.url, event="push", answered=False)
