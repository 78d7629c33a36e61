"""The stand-in, asked by plain HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.github import Asker, Place, Receiver, open_asker, open_place, open_receiver


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with open_place(tmp_path) as place:
        yield place


@pytest.fixture
async def asker(place: Place) -> AsyncIterator[Asker]:
    async with open_asker(place) as asker:
        yield asker


@pytest.fixture
async def receiver(place: Place) -> AsyncIterator[Receiver]:
    async with open_receiver(place.github) as receiver:
        yield receiver
