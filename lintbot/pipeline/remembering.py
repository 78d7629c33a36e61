"""Shell: runs a linter with what earlier runs left, and keeps what it leaves."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import replace

from lintbot.ports import AGAIN, PLAIN, Memory, Sandbox, SandboxJob, SandboxResult

SHARES = min(os.cpu_count() or 1, 4)
"""Processes side by side, for a run of which nothing is known."""
MIN_SHARED_FILES = 40
"""Fewer are walked sooner than they are shared out."""
SHARED_SECONDS = 0.5
"""Of a run's time, for the shares; what they leave out is walked after them."""


async def run_remembering(
    sandbox: Sandbox, job: SandboxJob, memory: Memory, part: str, *, shares: bool
) -> SandboxResult:
    """Run a job with its memory.

    Args:
        sandbox: runs it.
        job: without memory.
        memory: of the lint run.
        part: under which name it is kept.
        shares: the linter can walk a share of the files.

    Raises:
        SandboxUnavailableError: no tier holds.
    """
    started = time.monotonic()
    known = await asyncio.to_thread(memory.recall, part)
    left: tuple[bytes, ...] = (known,) if known else ()
    many = sum(word.endswith(".py") for word in job.argv) >= MIN_SHARED_FILES
    if shares and many and not known and SHARES > 1:
        left = await _share_out(sandbox, job)

    async def run(left: tuple[bytes, ...] | None) -> SandboxResult:
        seconds = job.timeout_seconds - (time.monotonic() - started)
        return await sandbox.run(replace(job, memory=left, timeout_seconds=max(seconds, 1.0)))

    result = await run(left)
    if result.exit_code == AGAIN and left:
        result = await run(())
    if result.exit_code == PLAIN:
        result = await run(None)
    if result.memory:
        await asyncio.to_thread(memory.keep, part, result.memory)
    return result


async def _share_out(sandbox: Sandbox, job: SandboxJob) -> tuple[bytes, ...]:
    """Let each core walk its share of the files; return what each left."""
    seconds = job.timeout_seconds * SHARED_SECONDS
    shared = replace(job, memory=(), timeout_seconds=seconds)
    runs = (sandbox.run(replace(shared, share=(n, SHARES))) for n in range(SHARES))
    return tuple(result.memory for result in await asyncio.gather(*runs) if result.memory)
