"""What the sandbox costs, as ratios measured in one run: ``python benchmarks/sandbox.py``.

``--jobs 1000`` runs so many jobs in a row instead, and counts what they leave behind.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from lintbot.model.ids import RepositoryId
from lintbot.model.memory import choose_lines
from lintbot.ports import Ending, Memory, SandboxJob
from lintbot.sandbox import LayeredSandbox, make_sandbox
from lintbot.sandbox.launch import make_environment
from lintbot.sandbox.toolenv import ToolEnvironment, prepare_tools
from lintbot.store.memories import MemoryLimits, StoredMemories

SOURCE = '''"""Count words."""

import re
import sys
from collections import Counter


def count(text: str) -> Counter[str]:
    """Return how often each word occurs."""
    return Counter(re.findall(r"\\w+", text))


print(count(sys.stdin.read()).most_common(10))
'''
SECONDS = 60.0
WARM_SECONDS = 40.0
"""A new job server holds everything ready after that, on a slow machine too."""
QUIET_SECONDS = 4
"""A job server waits a second after each job before it holds more ready."""
Step = Callable[[], Awaitable[object]]


@contextmanager
def a_folder() -> Iterator[Path]:
    """Yield a temporary folder that the sandbox's user can reach."""
    folder = Path(tempfile.mkdtemp(prefix="lintbot-bench-")).resolve()
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@asynccontextmanager
async def a_sandbox(folder: Path, mode: str) -> AsyncIterator[LayeredSandbox]:
    """Yield a started sandbox."""
    sandbox = make_sandbox(mode=mode, jobs_root=folder / "jobs", tools_root=folder / "tools")
    try:
        await sandbox.start()
        yield sandbox
    finally:
        await sandbox.aclose()


def a_memory(folder: Path) -> Memory | None:
    """Return the memory of a repository's main branch, in a folder to be made."""
    folder.mkdir()
    stored = StoredMemories(folder=folder, limits=MemoryLimits())
    return stored.open(RepositoryId(1), choose_lines("main", "main", fresh=False))


def make_job(root: Path, *argv: str) -> SandboxJob:
    """Return a job over a checkout."""
    return SandboxJob(argv=argv, root=root, timeout_seconds=SECONDS)


async def measure(times: int, *steps: Step) -> list[float]:
    """Return the median milliseconds of each step; they take turns, so that noise is shared."""
    taken: list[list[float]] = [[] for _ in steps]
    for _ in range(times):
        for step, found in zip(steps, taken, strict=True):
            start = time.perf_counter()
            await step()
            found.append(1000 * (time.perf_counter() - start))
    return [statistics.median(found) for found in taken]


async def spawn(environment: dict[str, str], root: Path, *argv: str) -> None:
    """Run a plain process to its end."""
    process = await asyncio.create_subprocess_exec(
        *argv,
        cwd=root,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    await process.communicate()


async def compare(sandbox: LayeredSandbox, tools: ToolEnvironment, root: Path, times: int) -> None:
    """Print what a job costs against the same without a sandbox."""
    environment = make_environment(tools)

    def sandboxed(*argv: str) -> Step:
        return lambda: sandbox.run(make_job(root, *argv))

    def plain(*argv: str) -> Step:
        return lambda: spawn(environment, root, *argv)

    bare, job = await measure(10 * times, plain("/bin/true"), sandboxed("/bin/true"))
    report("no-op: a job in the sandbox", job, "a bare process", bare)
    python = ("-IS", "-c", "pass")
    bare, job = await measure(
        5 * times, plain(str(tools.python), *python), sandboxed(str(tools.python), *python)
    )
    report("no-op: Python in the sandbox", job, "bare Python", bare)
    lint = ("-j1", "--persistent=n", "words.py")
    for tool, words in (("pylint", lint), ("flake8", ("-j1", "words.py"))):
        cold, warm = await measure(
            times, plain(str(tools.program(tool)), *words), sandboxed(tool, *words)
        )
        report(f"{tool} in the sandbox", warm, f"{tool} started cold", cold)


def report(what: str, mine: float, other: str, others: float) -> None:
    """Print one line."""
    ratio = f"{mine / others:.2f} times" if mine > others else f"1/{others / mine:.1f}"
    print(f"{what:30} {mine:8.1f} ms   {other:20} {others:8.1f} ms   ratio {ratio}")


# --- a thousand jobs in a row


def look(folder: Path) -> dict[str, int]:
    """Count what could be left behind."""
    return {
        "processes": sum(1 for _ in find_offspring()),
        "files": sum(1 for _ in (folder / "jobs").rglob("*")),
        "temporary files": sum(1 for _ in Path(tempfile.gettempdir()).glob("lintbot-canary-*")),
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "mounts": Path("/proc/self/mountinfo").read_text().count("\n"),
    }


def find_offspring() -> Iterator[int]:
    """Yield every descendant of this process."""
    parents = {}
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                words = path.joinpath("stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(path.name)] = int(words[1])
    for pid, parent in parents.items():
        above = parent
        while above not in {0, os.getpid()}:
            above = parents.get(above, 0)
        if above:
            yield pid


async def until_warm() -> None:
    """Wait until no process below this one does anything: its job server holds all trees ready."""
    before, quiet = -1, 0
    while quiet < QUIET_SECONDS:
        await asyncio.sleep(1)
        now = sum(map(_read_ticks, find_offspring()))
        quiet = quiet + 1 if now == before else 0
        before = now


def _read_ticks(pid: int) -> int:
    """Return the processor time of a process; 0: it has ended."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(words[11]) + int(words[12])


async def run_many(sandbox: LayeredSandbox, folder: Path, root: Path, count: int) -> None:
    """Run jobs in a row, some of them greedy, and print what is there before and after."""
    jobs = (
        make_job(root, "/bin/true"),
        make_job(root, "flake8", "-j1", "words.py"),
        make_job(root, "python3", "-c", "import os; os.kill(os.getpid(), 9)"),
        make_job(root, "python3", "-c", "import os\nwhile True: os.write(1, b'x' * 65536)"),
    )
    await sandbox.run(jobs[0])
    before, start = look(folder), time.perf_counter()
    endings: dict[str, int] = {}
    for number in range(count):
        result = await sandbox.run(jobs[number % 20 if number % 20 < len(jobs) else 0])
        endings[result.ending] = endings.get(result.ending, 0) + 1
    seconds = time.perf_counter() - start
    after = look(folder)
    print(f"{count} jobs in {seconds:.1f} s: {endings}")
    assert Ending.NO_SANDBOX not in endings
    for name, number in before.items():
        print(f"{name:16} before {number:4}   after {after[name]:4}")
    print("nothing is left behind" if after == before else "SOMETHING IS LEFT BEHIND")


async def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tier", choices=("auto", "A", "B", "C"), default="auto")
    parser.add_argument("--times", type=int, default=7, help="repetitions of the slowest step")
    parser.add_argument("--jobs", type=int, default=0, help="run so many jobs in a row instead")
    options = parser.parse_args()
    with a_folder() as folder:
        async with a_sandbox(folder, options.tier) as sandbox:
            root = (folder / "jobs" / "checkout").resolve()
            root.mkdir(mode=0o755)
            (root / "words.py").write_text(SOURCE)
            print(f"tier {sandbox.tier}, as {'root' if os.geteuid() == 0 else 'a normal user'}")
            if options.jobs:
                await run_many(sandbox, folder, root, options.jobs)
            else:
                tools = prepare_tools(folder / "tools")
                await compare(sandbox, tools, root, options.times)


if __name__ == "__main__":
    asyncio.run(main())
