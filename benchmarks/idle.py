"""What one small server costs while nothing happens, and what a push costs.

    python -m benchmarks.idle [--seconds 30] [--pushes 10]

``lintbot serve`` on SQLite: processor time of the idle server with its job server, memory (PSS),
then processor time and time to the verdict of one-file pushes to a repository of 60 modules.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from contextlib import suppress
from pathlib import Path

from benchmarks.sandbox import WARM_SECONDS
from benchmarks.serve import find_family, measure_memory
from tests.support.app import open_deployment, write_commit

MODULES = 60
TICKS = 100
"""Of the kernel's clock in a second."""


def measure_cpu(root: int) -> float:
    """Return the processor seconds of a process and all that it started and waited for."""
    ticks = 0
    for number in find_family(root):
        with suppress(OSError):  # it ended just now
            fields = Path(f"/proc/{number}/stat").read_text().rpartition(") ")[2].split()
            ticks += sum(map(int, fields[11:15]))
    return ticks / TICKS


def write_module(number: int) -> str:
    """Return a module of twenty functions that is like no other."""
    functions = (
        f'\n\ndef f{number}_{n}(a):\n    """Add."""\n    return a + {number} * {n}\n'
        for n in range(20)
    )
    return f'"""Module {number}."""\n{"".join(functions)}'


async def run(seconds: float, pushes: int) -> None:
    """Measure and print."""
    files: dict[str, str | bytes] = {f"m{n}.py": write_module(n) for n in range(MODULES)}
    async with open_deployment() as deployment:
        deployment.migrate()
        repository, _ = await deployment.add_repository("idle", files)
        async with deployment.running("serve") as server:
            head, root = deployment.head(repository), server.process.pid
            await deployment.check(repository, head)
            await asyncio.sleep(WARM_SECONDS)
            before = measure_cpu(root)
            await asyncio.sleep(seconds)
            idle = (measure_cpu(root) - before) / seconds
            memory = sum(pss for _, _, pss in measure_memory(root))
            print(f"idle: {idle:.1%} of a core, {memory:.0f} MiB")
            before, taken = measure_cpu(root), []
            for number in range(pushes):
                text = f'"""A module."""\n\nX = {number}\n'
                files[f"m{number % MODULES}.py"] = text
                head = write_commit(repository, files, head)
                started = time.monotonic()
                await deployment.check(repository, head)
                taken.append(time.monotonic() - started)
            used = (measure_cpu(root) - before) / pushes
            print(
                f"a push: {used:.2f} s of a core, verdict after {statistics.median(taken):.2f} s "
                f"(slowest {max(taken):.2f} s)"
            )


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--pushes", type=int, default=10)
    arguments = parser.parse_args()
    asyncio.run(run(arguments.seconds, arguments.pushes))


if __name__ == "__main__":
    main()
