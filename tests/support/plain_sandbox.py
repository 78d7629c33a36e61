"""A Sandbox that only runs the real tools in a child process: for tests of what comes out."""

from __future__ import annotations

import asyncio
import sys

from lintbot.ports import Ending, SandboxJob, SandboxResult


class PlainSandbox:
    """No isolation at all: only for sources that the tests write themselves."""

    def __init__(self) -> None:
        self.jobs: list[SandboxJob] = []

    async def run(self, job: SandboxJob) -> SandboxResult:
        """Run one command as its console script would."""
        self.jobs.append(job)
        program, *rest = job.argv
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *(rest if program == "python3" else ["-m", *job.argv]),
            cwd=job.root / job.folder,
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(job.timeout_seconds):
                out, err = await process.communicate()
        except TimeoutError:
            process.kill()
            await process.wait()
            return SandboxResult(ending=Ending.TIMED_OUT, exit_code=None, stdout=b"", stderr=b"")
        code = process.returncode or 0
        if code < 0:
            return SandboxResult(
                ending=Ending.KILLED, exit_code=None, stdout=out, stderr=err, reason="killed"
            )
        return SandboxResult(ending=Ending.EXITED, exit_code=code, stdout=out, stderr=err)
