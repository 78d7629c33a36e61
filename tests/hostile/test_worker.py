"""One worker: what a job does is the next one's concern in no way."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from lintbot.ports import Ending, Profile, SandboxJob, SandboxResult
from lintbot.sandbox import LayeredSandbox, Limits
from lintbot.sandbox.jail.kernel import PR_SET_DUMPABLE, prctl
from lintbot.sandbox.jail.server import NICENESS
from lintbot.sandbox.launch import make_environment
from lintbot.sandbox.toolenv import ToolEnvironment
from tests.hostile.conftest import OpenSandbox
from tests.hostile.setups import Range

pytestmark = pytest.mark.timeout(300)
MIB = 1024 * 1024
PR_GET_DUMPABLE = 3
SMALL = Limits(memory_bytes=384 * MIB, output_bytes=MIB)
EATERS = {
    "it needed more than 384 MiB of memory": "[bytearray(16 * 1024 ** 2) for _ in range(99)]",
    "it used more processor time than it may": (
        "import resource; most = resource.getrlimit(resource.RLIMIT_CPU)[1]; "
        "resource.setrlimit(resource.RLIMIT_CPU, (1, most)); sum(iter(int, 1))"
    ),
    "it wrote more than 1 MiB to one stream": ("import os\nwhile True: os.write(1, b'x' * 65536)"),
    "it was ended by signal SIGSEGV": "import ctypes; ctypes.string_at(0)",
    "it was ended by signal SIGKILL": "import os; os.kill(os.getpid(), 9)",
    "it ran longer than 1.5 seconds": "import time; time.sleep(60)",
}


def _hook(code: str) -> tuple[str, ...]:
    """Return a pylint command whose configuration is code."""
    return ("pylint", "-j1", "--rcfile=/dev/null", f"--init-hook={code}", "module.py")


@pytest.mark.parametrize("mode", ["A", "C"])
async def test_a_greedy_job_is_named_and_the_next_one_is_unharmed(
    open_sandbox: OpenSandbox, checkout: Path, mode: str
) -> None:
    (checkout / "module.py").write_text('"""A module."""\n')
    async with open_sandbox(mode, limits=SMALL) as sandbox:
        for reason, code in EATERS.items():
            seconds = 1.5 if "1.5" in reason else 60
            greedy = await _run(sandbox, checkout, _hook(code), seconds)
            assert greedy.reason == reason
            assert greedy.ending in {Ending.KILLED, Ending.TIMED_OUT}
            assert len(greedy.stdout) <= MIB
        healthy = await _run(sandbox, checkout, ("pylint", "-j1", "module.py"), 60)
        assert (healthy.ending, healthy.exit_code) == (Ending.EXITED, 0)


async def _run(
    sandbox: LayeredSandbox, checkout: Path, argv: tuple[str, ...], seconds: float = 30
) -> SandboxResult:
    return await sandbox.run(SandboxJob(argv=argv, root=checkout, timeout_seconds=seconds))


async def test_a_job_that_gives_way_has_the_least_priority_among_the_others(
    open_sandbox: OpenSandbox, checkout: Path
) -> None:
    """In one session with them: some kernels share the processors out to sessions first."""
    code = "import os; print(os.getpriority(os.PRIO_PROCESS, 0), os.getsid(0), os.getpgid(0))"
    job = SandboxJob(argv=("python3", "-c", code), root=checkout, timeout_seconds=30)
    async with open_sandbox("A") as sandbox:
        usual, patient = [
            (await sandbox.run(replace(job, gives_way=gives_way))).stdout.split()
            for gives_way in (False, True)
        ]
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert [int(usual[0]), int(patient[0])] == [min(own + NICENESS, 19), 19]
    assert usual[1] == patient[1] != str(os.getsid(0)).encode()
    assert usual[2] != patient[2]


async def test_jobs_leave_nothing_behind(open_sandbox: OpenSandbox, checkout: Path) -> None:
    async with open_sandbox("auto") as sandbox:
        before = _count()
        for _ in range(5):
            jobs = [_run(sandbox, checkout, ("true",)) for _ in range(8)]
            results = await asyncio.gather(*jobs)
            assert {result.exit_code for result in results} == {0}
        assert _count() == before


async def test_the_application_hides_itself(open_sandbox: OpenSandbox) -> None:
    prctl(PR_SET_DUMPABLE, 1)
    async with open_sandbox("C"):
        assert prctl(PR_GET_DUMPABLE) == 0


def _count() -> tuple[int, int, int]:
    tasks = sum(path.name.isdigit() for path in Path("/proc", str(os.getpid()), "task").iterdir())
    mounts = Path("/proc/self/mountinfo").read_text().count("\n")
    return len(list(Path("/proc/self/fd").iterdir())), tasks, mounts


async def test_a_worn_server_is_replaced(
    open_sandbox: OpenSandbox, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_sandbox("A") as sandbox:
        servers = sandbox._servers
        monkeypatch.setattr(servers, "_jobs_per_server", 5)  # two of them are self-tests
        seen = set()
        for _ in range(4):
            await _run(sandbox, checkout, ("true",))
            seen.add(id(servers._current))  # type: ignore[union-attr]
        assert len(seen) == 2


# --- what a linter finds does not depend on the server's memory

MODULES = {
    "plain.py": "import os, sys\n\ndef f(x):\n    return x.y\n",
    "names.py": "from collections import namedtuple\nP = namedtuple('P', 'a b')\nprint(P(1).c)\n",
    "shapes.py": "import dataclasses\n@dataclasses.dataclass\nclass A:\n    b: int\nA(1).z()\n",
    "broken.py": "def f(:\n",
    "missing.py": "import nowhere\nfrom os import nothing\nnowhere.f()\n",
    "logging.py": "def getLogger(): ...\n",
    "user.py": "import logging\nlogging.getLogger().info('%s', 1)\nlogging.error(1)\n",
    "enums.py": "from enum import Enum\nclass E(Enum):\n    A = 1\nprint(E.B)\nE.A = 2\n",
}
COMMANDS = (
    ("pylint", "-j1", "--persistent=n", "--output-format=json2", *MODULES),
    ("pylint", "-j1", "--persistent=n", "--load-plugins=pylint.extensions.docparams", "plain.py"),
    ("pylint", "-j1", "--persistent=n", "--extension-pkg-allow-list=math", "names.py", "user.py"),
    ("flake8", "-j1", *MODULES),
    ("flake8", "-j1", "--max-complexity=1", "--show-source", "plain.py", "broken.py"),
)


@pytest.mark.parametrize("shadowed", [True, False])
async def test_warm_and_cold_find_the_same(
    open_sandbox: OpenSandbox, checkout: Path, firing_range: Range, shadowed: bool
) -> None:
    commands = list(COMMANDS if shadowed else COMMANDS[::3])
    for name, text in MODULES.items():
        if shadowed or name != "logging.py":
            (checkout / name).write_text(text)
        else:
            commands = [tuple(word for word in words if word != name) for words in commands]
    cold = await asyncio.gather(*(_run_cold(firing_range.tools, checkout, c) for c in commands))
    async with open_sandbox("auto", warm=True) as sandbox:
        for command, (status, output) in [
            *zip(commands, cold, strict=True),
            (commands[0], cold[0]),
        ]:
            warm = await _run(sandbox, checkout, command)
            assert (warm.exit_code, _meaning(warm.stdout)) == (status, _meaning(output))
            assert len(output) > 100


def _meaning(output: bytes) -> object:
    """What is reported: pylint's JSON in its order (indents mean nothing), other text as it is."""
    return list(json.loads(output).items()) if output.startswith(b"{") else output


async def _run_cold(
    tools: ToolEnvironment, checkout: Path, command: tuple[str, ...]
) -> tuple[int | None, bytes]:
    program = shutil.which(command[0], path=str(tools.programs))
    assert program
    process = await asyncio.create_subprocess_exec(
        program,
        *command[1:],
        cwd=checkout,
        env=make_environment(tools),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    output, _ = await process.communicate()
    return process.returncode, output


async def test_threads_are_had_where_they_are_needed(
    open_sandbox: OpenSandbox, checkout: Path
) -> None:
    code = (
        "import threading; t = threading.Thread(target=print, args=('ran',)); t.start(); t.join()"
    )
    async with open_sandbox("auto") as sandbox:
        job = SandboxJob(
            argv=("python3", "-c", code),
            root=checkout,
            timeout_seconds=30,
            profile=Profile.THREADS,
        )
        assert (await sandbox.run(job)).stdout == b"ran\n"
        alone = await _run(sandbox, checkout, job.argv)
        assert b"can't start new thread" in alone.stderr
