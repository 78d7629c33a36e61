"""kill -9 at every moment, with real parts: nothing accepted is lost, nothing is told twice.

``python -m benchmarks.chaos`` does the same fifty times.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.app import Deployment
from tests.support.databases import postgres_database
from tests.support.torture import open_torture


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    if request.param == "sqlite":
        yield request.param, f"sqlite:///{tmp_path / 'lintbot.sqlite'}"
    else:
        with postgres_database() as url:
            yield request.param, url


@pytest.mark.timeout(180)
async def test_every_accepted_push_ends_in_one_check_run(
    town: Deployment, database: tuple[str, str]
):
    name, url = database
    with town.beside(url) as deployment:
        owners = (f"killed-{name}", f"killed-too-{name}")
        async with open_torture(
            deployment, split=name == "postgres", seed=1, owners=owners
        ) as torture:
            for moment in ("accepted", "lint", "posting"):
                await torture.kill(moment)
            await torture.recover(60)
            torture.check()
            assert torture.killed.total() == 3


@pytest.mark.postgres
@pytest.mark.timeout(180)
async def test_a_worker_that_never_returns_is_replaced(town: Deployment):
    with postgres_database() as url, town.beside(url) as deployment:
        async with open_torture(deployment, split=True, seed=1, owners=("replaced",)) as torture:
            assert await torture.replace_worker() < 30
            torture.check()
