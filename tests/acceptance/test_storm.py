"""Everything goes wrong at once, in short; ``python -m benchmarks.storm`` is the long form."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.databases import postgres_database
from tests.support.storm import open_storm, run_storm


async def rage(url: str, seed: int) -> None:
    async with open_storm(url, repositories=6, workers=2, seed=seed) as storm:
        await run_storm(storm, pushes=14, seconds=10, kills=3)
        assert len(storm.pushed) == 14
        assert storm.killed.total() == 3
        assert storm.deliveries["lost"] >= 2
        assert storm.faults.struck.total() > 0


@pytest.mark.timeout(400)
async def test_nothing_is_lost_or_told_twice_on_sqlite(tmp_path: Path):
    await rage(f"sqlite:///{tmp_path / 'lintbot.sqlite'}", seed=1)


@pytest.mark.postgres
@pytest.mark.timeout(400)
async def test_nothing_is_lost_or_told_twice_on_postgres():
    with postgres_database() as url:
        await rage(url, seed=2)
