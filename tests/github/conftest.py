"""The client against the stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lintbot.github.forge import GitHubForge
from tests.support.github import Place, open_place


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with open_place(tmp_path) as place:
        yield place


@pytest.fixture
async def forge(place: Place) -> AsyncIterator[GitHubForge]:
    async with place.forge() as forge:
        yield forge
