"""Shell: asks a job to attack its own sandbox. Versions and files in /proc prove nothing."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lintbot.errors import SandboxUnavailableError
from lintbot.ports import Ending, SandboxJob, SandboxResult
from lintbot.sandbox.jail.selftest import SELF_TEST
from lintbot.sandbox.job_run import run_job
from lintbot.sandbox.job_server import JobServer
from lintbot.sandbox.launch import Launcher
from lintbot.sandbox.limits import Limits
from lintbot.sandbox.requests import make_request
from lintbot.sandbox.toolenv import JAIL_PACKAGE, ToolEnvironment

_SECONDS = 20.0


async def check_server(server: JobServer, launcher: Launcher, limits: Limits) -> None:
    """Run the self-test inside the server and as a program of its own.

    Raises:
        SandboxUnavailableError: an attack succeeded, or the self-test could not run.
    """
    with _canary() as canary:
        for command in (_in_process(), _as_program(launcher.tools)):
            argv = (*command, str(canary))
            root = launcher.place(launcher.checkouts)
            job = SandboxJob(argv=argv, root=root, timeout_seconds=_SECONDS)
            body = make_request(job, limits, None)
            _judge(await run_job(server, body, limits, _SECONDS))


def _in_process() -> tuple[str, ...]:
    return (SELF_TEST,)


def _as_program(tools: ToolEnvironment) -> tuple[str, ...]:
    return (str(tools.python), "-IS", str(tools.jail / JAIL_PACKAGE / "selftest.py"))


@contextmanager
def _canary() -> Iterator[Path]:
    """Yield a file outside the checkouts that anybody may read and write but for the sandbox."""
    aside = Path(tempfile.mkdtemp(prefix="lintbot-canary-"))
    try:
        canary = aside / "canary"
        canary.write_bytes(b"")
        canary.chmod(0o666)
        aside.chmod(0o1777)  # so that it is the sandbox that protects it
        yield canary
    finally:
        shutil.rmtree(aside)


def _judge(result: SandboxResult) -> None:
    if result.ending is not Ending.EXITED or result.exit_code != 0:
        words = result.reason or result.stderr.decode(errors="replace")[-300:]
        raise SandboxUnavailableError(f"the self-test did not run: {words}")
    report = json.loads(result.stdout)
    if report["open"]:
        raise SandboxUnavailableError(f"the self-test could {', '.join(report['open'])}")
    if not report["readable"]:
        raise SandboxUnavailableError("the self-test could not read the checkouts")
