"""How long a delivery waits until it is durable, while a worker is busy on the same database.

    python -m benchmarks.accept [--rate 50] [--seconds 20] [--worker inside] [sqlite|postgres …]

Every delivery is a push of a new commit, so that each one makes work.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from lintbot.intake.accept import Acceptor
from lintbot.jobs.client import QueueClient
from lintbot.jobs.engine import Engine, EngineOptions
from lintbot.store.backlog import StoredBacklog
from lintbot.store.database import Database
from lintbot.store.inbox import StoredInbox
from lintbot.store.lint_runs import StoredLintRuns
from tests.support.chaos import Chaos
from tests.support.databases import migrate_all, postgres_database
from tests.support.deliveries import RealClock, a_push, a_repository
from tests.support.workshop import PretendGitHub, Workshop

GITHUB_SECONDS = 0.2
"""What the pretended GitHub, and the pretended linter, take for each answer."""


@asynccontextmanager
async def busy_worker(where: str, url: str, folder: Path) -> AsyncIterator[None]:
    """Run a worker in this process, in one of its own, or not at all."""
    database = Database(url)
    if where == "inside":
        workshop = Workshop(
            StoredLintRuns(database, RealClock()),
            PretendGitHub(folder / "github.sqlite"),
            GITHUB_SECONDS,
        )
        options = EngineOptions(url=url, folder=folder)
        engine = Engine(options, workshop, StoredBacklog(database), RealClock())
        await engine.start()
        yield
        await engine.stop(0)
    else:
        with contextlib.ExitStack() as stack:
            if where == "apart":
                stack.enter_context(Chaos(url, folder).worker("--pace", str(GITHUB_SECONDS)))
            yield
    database.close()


async def measure(url: str, folder: Path, arguments: argparse.Namespace) -> str:
    """Accept at a steady rate; return the figures in words."""
    migrate_all(url)
    database, queue = Database(url), QueueClient(url)
    acceptor = Acceptor(StoredInbox(database, RealClock(), queue), RealClock())

    async def accept(number: int) -> float:
        push = a_push(number, branch=f"b{number}", repository=a_repository(1 + number % 9))
        started = time.perf_counter()
        await acceptor.accept(push)
        return (time.perf_counter() - started) * 1000

    async with busy_worker(arguments.worker, url, folder):
        tasks, begin = [], time.monotonic()
        for number in range(int(arguments.rate * arguments.seconds)):
            await asyncio.sleep(max(0.0, begin + number / arguments.rate - time.monotonic()))
            tasks.append(asyncio.create_task(accept(number + 1)))
        taken = sorted(await asyncio.gather(*tasks))
    acceptor.close()
    queue.destroy()
    database.close()
    return (
        f"{len(taken)} deliveries at {arguments.rate:.0f}/s, worker {arguments.worker}: "
        f"p50 {statistics.median(taken):.1f} ms, p99 {taken[int(len(taken) * 0.99)]:.1f} ms, "
        f"max {taken[-1]:.1f} ms"
    )


def main() -> None:
    """Measure on each database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--worker", default="inside", choices=("inside", "apart", "none"))
    parser.add_argument("databases", nargs="*", default=["sqlite", "postgres"])
    arguments = parser.parse_args()
    for name in arguments.databases:
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            url = f"sqlite:///{folder}/lintbot.sqlite"
            if name == "postgres":
                url = stack.enter_context(postgres_database())
            print(f"{name}: {asyncio.run(measure(url, folder, arguments))}")


if __name__ == "__main__":
    main()
