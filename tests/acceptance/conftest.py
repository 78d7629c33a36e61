"""One GitHub and one ``lintbot serve`` for all of these tests; each test has its own account."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.app import Deployment, open_deployment
from tests.support.index import LocalIndex, a_local_index, write_advisories

WAITS = "test_a_limit_without_retry_after_is_sat_out"
"""A minute, which the tests before it shorten."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let every test here run on the event loop on which GitHub runs; those that wait, last."""
    ours = [item for item in items if item.path.parent.name == "acceptance"]
    for item in ours:
        item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
    places = [number for number, item in enumerate(items) if item in ours]
    ours.sort(key=lambda item: item.name == WAITS)
    for number, item in zip(places, ours, strict=True):
        items[number] = item


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def town() -> AsyncIterator[Deployment]:
    """GitHub, and a place for lintbots to run beside one another."""
    async with open_deployment() as deployment:
        yield deployment


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def lintbot(town: Deployment, index: LocalIndex) -> AsyncIterator[Deployment]:
    """``lintbot serve`` on SQLite, for tests that do it no harm."""
    advisories = write_advisories(town.folder / "all.zip", "t-vulnerable", "1.0")
    settings = {"LINTBOT_PACKAGE_INDEX_URL": index.url, "LINTBOT_OSV_FILE": str(advisories)}
    async with town.running("serve", **settings):
        yield town


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def index() -> AsyncIterator[LocalIndex]:
    """The package index that ``lintbot`` asks; each test lists packages of its own."""
    async with a_local_index() as local:
        yield local
