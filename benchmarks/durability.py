"""Kill web and worker again and again; print what was accepted, lost and doubled.

python -m benchmarks.durability [--kills 50] [--url postgresql://…] [--seed 1]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from tests.support.chaos import Chaos, kill_at_random
from tests.support.databases import migrate_all, postgres_database


def main() -> None:
    """Torture each database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("databases", nargs="*", default=["sqlite", "postgres"])
    arguments = parser.parse_args()
    for name in arguments.databases:
        with tempfile.TemporaryDirectory() as folder:
            if name == "sqlite":
                run(name, f"sqlite:///{folder}/lintbot.sqlite", Path(folder), arguments)
            else:
                with postgres_database() as url:
                    run(name, url, Path(folder), arguments)


def run(name: str, url: str, folder: Path, arguments: argparse.Namespace) -> None:
    """Kill, wait, check, print."""
    chaos = Chaos(migrate_all(url), folder)
    started = time.monotonic()
    kill_at_random(chaos, arguments.kills, seed=arguments.seed)
    with chaos.worker("--dead-after", "4", "--pace", "0"):
        seconds = chaos.wait_until_posted(120)
    chaos.check()
    print(
        f"{name}: {arguments.kills} kills of a worker and as many of a web process, "
        f"{len(chaos.accepted)} pushes acknowledged, 0 lost, 0 check runs or annotations doubled; "
        f"the rest was done {seconds:.1f} s after the last kill, "
        f"{time.monotonic() - started:.0f} s in all"
    )
    chaos.close()


if __name__ == "__main__":
    main()
