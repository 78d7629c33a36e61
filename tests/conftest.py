"""Fixtures for every room, and the order of the tests."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# A busy machine is slow, not wrong: no test of laws has a deadline.
settings.register_profile("lintbot", deadline=None)
settings.load_profile("lintbot")

SLOW = {"acceptance", "commands", "durability", "hostile", "jobs"}
"""Folders whose tests start lintbot, or one sandbox after the other."""


def pytest_xdist_auto_num_workers() -> int:
    """Return two more than there are cores: a test that starts lintbot mostly waits for it."""
    return len(os.sched_getaffinity(0)) + 2


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, or one process is left with it at the end."""
    items.sort(key=lambda item: SLOW.isdisjoint(item.path.parts))
