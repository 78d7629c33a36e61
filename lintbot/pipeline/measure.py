"""Shell: takes the neutral profile of a checkout."""

from __future__ import annotations

from lintbot.model.neutral import NeutralProfile
from lintbot.pipeline.neutral import COMMAND, read_profile
from lintbot.ports import Checkout, Ending, Profile, Sandbox, SandboxJob


async def measure(
    sandbox: Sandbox, checkout: Checkout, *, ruff_version: str, code_lines: int, seconds: float
) -> NeutralProfile | None:
    """Return the neutral profile; None without code or time, or when ruff was stopped.

    No verdict hangs on it.

    Raises:
        SandboxUnavailableError: no sandbox holds.
    """
    if code_lines == 0 or seconds <= 0:
        return None
    job = SandboxJob(
        argv=COMMAND, root=checkout.root, timeout_seconds=seconds, profile=Profile.THREADS
    )
    result = await sandbox.run(job)
    if result.ending is not Ending.EXITED or result.exit_code not in {0, 1}:
        return None
    text = result.stdout.decode(errors="replace")
    return read_profile(text, ruff_version=ruff_version, code_lines=code_lines)
