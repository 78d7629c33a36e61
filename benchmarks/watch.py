"""The daily round over many packages: ``python benchmarks/watch.py [PACKAGES]``.

A real index answers over HTTP in another process; a real database keeps what was seen. The first
round sees everything for the first time, the second finds nothing new (304). Without the pause
between two requests, to know what the rest costs; what the pause adds is arithmetic.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from lintbot.index.client import INTERVAL_SECONDS, open_index
from lintbot.model.ids import RepositoryId
from lintbot.model.trust import FORMULA, TrustJob, TrustReport
from lintbot.store.database import Database
from lintbot.store.migrate import migrate
from lintbot.store.packages import StoredPackages
from lintbot.store.trust import StoredTrust
from lintbot.trust.watcher import Watcher
from tests.support.index import LocalIndex, a_local_index

FILES = 60
"""Of each package: 20 versions of a wheel and two sources, near the median of an index."""
START = datetime(2026, 11, 1, tzinfo=UTC)


class Clock:
    """Stands still until told."""

    moment = START

    def now(self) -> datetime:
        """Return the moment."""
        return self.moment


async def no_pause(_: float) -> None:
    """Wait for nothing."""


def serve(pipe: Connection, packages: int) -> None:
    """Serve the index until the other side hangs up."""

    async def run() -> None:
        async with a_local_index() as index:
            list_packages(index, packages)
            pipe.send(index.url)
            await asyncio.to_thread(pipe.recv)

    asyncio.run(run())


def list_packages(index: LocalIndex, packages: int) -> None:
    """List packages with files."""
    for number in range(packages):
        index.list(f"p{number}", START, *(f"1.{version}" for version in range(FILES)))


def memory_mib() -> float:
    """Return the most memory this process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def go_round(watcher: Watcher, packages: int, name: str) -> None:
    """Look at everything that is due, and say how it went."""
    begun, cpu, looked = time.perf_counter(), time.process_time(), 0
    while await watcher.look_at_due():
        looked += 1
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    paced = packages * max(INTERVAL_SECONDS, seconds / packages)
    print(
        f"| {name} | {looked:,} | {looked / seconds:.0f} | {cpu / looked * 1000:.1f} | "
        f"{1 / INTERVAL_SECONDS:.0f} | {paced / 60:.0f} | {memory_mib():.0f} |",
        flush=True,
    )


async def main(packages: int) -> None:
    """Watch so many packages over two days."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, packages))
    server.start()
    url = await asyncio.to_thread(ours.recv)
    with tempfile.TemporaryDirectory() as folder:
        await asyncio.to_thread(migrate, f"sqlite:///{folder}/db.sqlite")
        database, clock = Database(f"sqlite:///{folder}/db.sqlite"), Clock()
        stored = StoredPackages(database, clock)
        job = TrustJob(
            repository_id=RepositoryId(1),
            installation_id=1,
            owner="o",
            name="n",
            private=False,
            sha="1" * 40,
        )
        empty = TrustReport(
            sha=job.sha,
            formula=FORMULA,
            computed_at=START,
            signals=(),
            tenths=None,
            letter="?",
            known_percent=0,
        )
        names = [f"p{number}" for number in range(packages)]
        StoredTrust(database, clock).save(job, empty, names)
        print(
            "| round | packages | a second without pause | CPU ms each | a second with pause "
            "| minutes with pause | MiB |\n|---|---|---|---|---|---|---|"
        )
        async with open_index(url, sleep=no_pause) as index:
            watcher = Watcher(index=index, packages=stored, clock=clock)
            await go_round(watcher, packages, "first sight (200)")
            clock.moment += timedelta(days=1, hours=1)
            await go_round(watcher, packages, "nothing new (304)")
        database.close()
        size = Path(folder, "db.sqlite").stat().st_size
    print(f"\ndatabase: {size / 2**20:.0f} MiB")
    ours.send(None)
    server.join()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
