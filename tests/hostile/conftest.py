"""Fixtures of the hostile room: built once for all its tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from lintbot.sandbox import LayeredSandbox, Limits
from lintbot.sandbox.layered import Options
from lintbot.sandbox.tiers import parse_mode
from tests.hostile.driver import LIMITS, TOOLS
from tests.hostile.setups import Range, Setup, a_range, an_open_folder, need_layers

OpenSandbox = Callable[..., AbstractAsyncContextManager[LayeredSandbox]]
LACKING = {"A": "nothing", "B": "landlock", "C": "namespaces", "auto": "nothing", "none": "both"}


@pytest.fixture(scope="session")
def firing_range() -> Iterator[Range]:
    with a_range() as firing:
        yield firing


@pytest.fixture
def checkout() -> Iterator[Path]:
    """A folder that any user can reach, in another that is the sandbox's."""
    with an_open_folder() as folder:
        jobs = folder / "jobs"
        jobs.mkdir(mode=0o755)
        (jobs / "checkout").mkdir(mode=0o755)
        yield jobs / "checkout"


@pytest.fixture
def open_sandbox(firing_range: Range, checkout: Path) -> OpenSandbox:
    """Start a sandbox of this process and end it; cold, because that is quicker."""

    @asynccontextmanager
    async def open_it(
        mode: str, *, limits: Limits = LIMITS, warm: bool = False
    ) -> AsyncIterator[LayeredSandbox]:
        need_layers(Setup("root" if firing_range.as_root else "user", LACKING[mode]))
        sandbox = LayeredSandbox(
            Options(
                tiers=parse_mode(mode),
                checkouts=checkout.parent,
                tools_folder=firing_range.tools.root.parent,
                limits=limits,
                tools=TOOLS,
                warm=warm,
            )
        )
        try:
            await sandbox.start()
            yield sandbox
        finally:
            await sandbox.aclose()

    return open_it
