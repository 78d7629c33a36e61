"""Where something of the sandbox breaks, nothing runs, and the next job is judged anew."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lintbot.errors import SandboxUnavailableError
from lintbot.ports import Ending, SandboxJob
from lintbot.sandbox import Tier, launch
from lintbot.sandbox.job_run import run_job
from lintbot.sandbox.job_server import Ended
from lintbot.sandbox.limits import Limits
from lintbot.sandbox.tiers import LAYERS
from tests.hostile.conftest import OpenSandbox
from tests.support.app import until

pytestmark = pytest.mark.timeout(300)
SLEEP = ("python3", "-c", "import os, time; os.write(1, b'here'); time.sleep(60)")


def _a_job(checkout: Path, argv: tuple[str, ...], seconds: float = 30) -> SandboxJob:
    return SandboxJob(argv=argv, root=checkout, timeout_seconds=seconds)


def _find_children() -> set[int]:
    """Return the numbers of this process's children."""
    return set(_children())


def _children() -> Iterator[int]:
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                parent = path.joinpath("stat").read_text().rpartition(")")[2].split()[1]
            except OSError:
                continue
            if int(parent) == os.getpid():
                yield int(path.name)


async def _until_asleep() -> None:
    await until(lambda: any(map(_is_asleep, Path("/proc").iterdir())), "the job runs", 20)


async def _kill_all_but(others: set[int]) -> None:
    await _until_asleep()
    for pid in _find_children() - others:
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("mode", ["A", "B", "C"])
async def test_a_job_ends_with_its_server_and_the_next_one_gets_another(
    open_sandbox: OpenSandbox, checkout: Path, mode: str
) -> None:
    others = _find_children()
    async with open_sandbox(mode) as sandbox:
        job = _a_job(checkout, SLEEP)
        result, _ = await asyncio.gather(sandbox.run(job), _kill_all_but(others))
        assert result.ending is Ending.KILLED
        assert result.reason == "the job server ended while it ran"
        healthy = await sandbox.run(_a_job(checkout, ("python3", "-c", "print(1)")))
        assert (healthy.ending, healthy.stdout) == (Ending.EXITED, b"1\n")
    assert _find_children() <= others


@pytest.mark.parametrize("mode", ["A", "B", "C"])
async def test_cancelling_kills(open_sandbox: OpenSandbox, checkout: Path, mode: str) -> None:
    async with open_sandbox(mode) as sandbox:
        run = asyncio.create_task(sandbox.run(_a_job(checkout, SLEEP)))
        await _until_asleep()
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        assert not any(_is_asleep(path) for path in Path("/proc").iterdir())


def _is_asleep(path: Path) -> bool:
    try:
        return b"os.write(1, b'here')" in path.joinpath("cmdline").read_bytes()
    except OSError:
        return False


@pytest.mark.parametrize("mode", ["A", "B"])
@pytest.mark.parametrize("script", ["exit 0", "exit 1", "shift $#; exec sleep 0.1"])
async def test_a_broken_bubblewrap_holds_nothing(
    open_sandbox: OpenSandbox,
    checkout: Path,
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
    script: str,
) -> None:
    program = checkout.parents[1] / "bwrap"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(launch, "find_bubblewrap", lambda: program)
    async with open_sandbox(mode) as sandbox:
        assert sandbox.tier is None
        with pytest.raises(SandboxUnavailableError, match="did not start"):
            await sandbox.run(_a_job(checkout, SLEEP))


async def test_a_bubblewrap_that_isolates_nothing_is_found_out(
    open_sandbox: OpenSandbox, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In tier B it stands alone before the file system."""
    program = checkout.parents[1] / "bwrap"
    program.write_text('#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done; shift; exec "$@"\n')
    program.chmod(0o755)
    monkeypatch.setattr(launch, "find_bubblewrap", lambda: program)
    async with open_sandbox("B") as sandbox:
        assert sandbox.tier is None
        assert "read a file outside the checkout" in sandbox.describe()[0].words


@pytest.mark.parametrize("layer", ["landlock", "seccomp"])
async def test_a_missing_layer_is_found_out_by_the_self_test(
    open_sandbox: OpenSandbox, checkout: Path, monkeypatch: pytest.MonkeyPatch, layer: str
) -> None:
    without = replace(LAYERS[Tier.C], **{layer: False})
    monkeypatch.setitem(LAYERS, Tier.C, without)
    async with open_sandbox("C") as sandbox:
        assert sandbox.tier is None
        assert sandbox.describe()[0].words.startswith("the self-test could ")
        with pytest.raises(SandboxUnavailableError):
            await sandbox.run(_a_job(checkout, SLEEP))


async def test_a_layer_that_goes_missing_later_stops_the_linting(
    open_sandbox: OpenSandbox, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_sandbox("B") as sandbox:
        assert await sandbox.probe() is Tier.B
        monkeypatch.setattr(launch, "find_bubblewrap", lambda: None)
        with pytest.raises(SandboxUnavailableError, match="bubblewrap is not installed"):
            await sandbox.run(_a_job(checkout, SLEEP))
        assert sandbox.tier is None
        with pytest.raises(SandboxUnavailableError):
            await sandbox.run(_a_job(checkout, SLEEP))
        monkeypatch.undo()
        assert await sandbox.probe() is Tier.B
        assert (await sandbox.run(_a_job(checkout, ("true",)))).exit_code == 0


async def test_a_checkout_elsewhere_is_refused(open_sandbox: OpenSandbox, checkout: Path) -> None:
    async with open_sandbox("B") as sandbox:
        for root in (checkout.parents[1], Path("/etc"), checkout / ".." / ".." / "tools"):
            with pytest.raises(ValueError, match="below the folder of the checkouts"):
                await sandbox.run(_a_job(root, SLEEP))


class _UnreadyServer:
    """Says that a job ended well though it was never confined."""

    def __init__(self, words: bytes) -> None:
        self.words = words

    async def run(
        self, descriptors: Any, _stop: asyncio.Future[Any], on_sent: Callable[[], object]
    ) -> Ended:
        os.write(descriptors[1], b"all is well")
        os.write(descriptors[3], self.words)
        on_sent()
        return Ended(status=0, cpu_seconds=0.0, max_rss_bytes=0)


@pytest.mark.parametrize("words", [b"", b"OSError: no", b"\xff"])
async def test_without_ready_nothing_ran(words: bytes) -> None:
    result = await run_job(_UnreadyServer(words), b"{}", Limits(), 5)  # type: ignore[arg-type]
    assert result.ending is Ending.NO_SANDBOX
    assert result.exit_code is None
    assert result.reason == (
        words.decode(errors="replace") or "the job ended before it was confined"
    )
