from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.chaos import Chaos
from tests.support.databases import migrate_all, postgres_database


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def chaos(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Chaos]:
    if request.param == "sqlite":
        yield from _chaos(f"sqlite:///{tmp_path / 'lintbot.sqlite'}", tmp_path)
    else:
        with postgres_database() as url:
            yield from _chaos(url, tmp_path)


@pytest.fixture
def sqlite_chaos(tmp_path: Path) -> Iterator[Chaos]:
    yield from _chaos(f"sqlite:///{tmp_path / 'lintbot.sqlite'}", tmp_path)


def _chaos(url: str, folder: Path) -> Iterator[Chaos]:
    made = Chaos(migrate_all(url), folder)
    yield made
    made.close()
