"""Let everything go wrong for a quarter of an hour; print what was lost and doubled.

    python -m benchmarks.storm [--minutes 15] [--pushes 500] [--kills 30] [sqlite|postgres …]

40 repositories, 2 webs and 3 workers. PostgreSQL is a server of its own, which is restarted too.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib

from tests.support.databases import own_postgres
from tests.support.storm import open_storm, run_storm

REPOSITORIES, WORKERS = 40, 3


async def run(name: str, arguments: argparse.Namespace) -> str:
    """Rage on one database; return the figures in words."""
    with contextlib.ExitStack() as stack:
        url, more = "", {}
        if name == "postgres":
            url, restart = stack.enter_context(own_postgres())
            more = {"restart_database": restart}
        async with open_storm(
            url, repositories=REPOSITORIES, workers=WORKERS, seed=arguments.seed
        ) as storm:
            seconds = arguments.minutes * 60
            return await run_storm(storm, arguments.pushes, seconds, arguments.kills, **more)


def main() -> None:
    """Rage on each database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--pushes", type=int, default=500)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("databases", nargs="*", default=["sqlite", "postgres"])
    arguments = parser.parse_args()
    for name in arguments.databases:
        print(f"{name}: {asyncio.run(run(name, arguments))}", flush=True)


if __name__ == "__main__":
    main()
