"""Kill the real App again and again; print what was accepted, lost and doubled.

    python -m benchmarks.chaos [--kills 50] [--seed 1] [sqlite|postgres …]

Real processes, webhooks over HTTP, git, sandbox and linters. On SQLite ``lintbot serve`` is
killed, on PostgreSQL ``lintbot web`` right after a 202 and ``lintbot worker`` while it announces,
checks out, lints and posts. At the end a worker is killed that never returns.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import time

from rich.progress import track

from tests.support.app import open_deployment
from tests.support.databases import postgres_database
from tests.support.torture import MOMENTS, open_torture


async def run(name: str, url: str, kills: int, seed: int) -> str:
    """Kill, recover, check; return the figures in words."""
    started = time.monotonic()
    async with (
        open_deployment(url) as deployment,
        open_torture(deployment, split=name == "postgres", seed=seed) as torture,
    ):
        for number in track(range(kills), description=name):
            await torture.kill(MOMENTS[number % len(MOMENTS)])
        recovered = await torture.recover(180)
        torture.check()
        replaced = await torture.replace_worker()
        torture.check()
        moments = ", ".join(f"{moment} {count}" for moment, count in torture.killed.items())
        return (
            f"{name}: {torture.killed.total()} kills ({moments}); "
            f"{len(torture.accepted)} pushes accepted, {torture.count_runs()} completed check "
            f"runs, {torture.count_annotations():,} annotations, 0 lost, 0 doubled; the rest was "
            f"done {recovered:.1f} s after the last start; a worker that never returned was "
            f"replaced in {replaced:.1f} s; {time.monotonic() - started:.0f} s in all"
        )


def main() -> None:
    """Torture each database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("databases", nargs="*", default=["sqlite", "postgres"])
    arguments = parser.parse_args()
    for name in arguments.databases:
        with contextlib.ExitStack() as stack:
            url = stack.enter_context(postgres_database()) if name == "postgres" else ""
            print(asyncio.run(run(name, url, arguments.kills, arguments.seed)))


if __name__ == "__main__":
    main()
