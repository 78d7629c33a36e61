"""The signals of real repositories beside their oracles.

    python benchmarks/trust_table.py 2026-08-22 BARE_REPOSITORY…

Everything is real: git over HTTP, the sandbox, the package index that pip is set up with. Beside
it stand the words of interrogate on the same tree, of pyroma on the metadata of the newest source
distribution, and Scorecard's formula for commits: floor(10 × commits of 90 days ÷ 12), 10 at most.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pyroma.ratings
from interrogate.config import InterrogateConfig
from interrogate.coverage import InterrogateCoverage
from trust_world import World, open_world

from lintbot.index.client import IndexClient
from lintbot.index.unpack import unpack
from lintbot.model.history import History
from lintbot.model.ids import RepositoryId, Sha
from lintbot.model.package import Found
from lintbot.model.trust import SIGNALS, TrustReport, show
from lintbot.ports import Target
from lintbot.trust.counter import list_files

SHORT = ("dep", "mnt", "tst", "doc", "bus", "lic", "frz", "rel", "off", "pkg", "typ")
_MANY = {"classifier", "project-url", "license-file", "provides-extra", "requires-dist"}


def scorecard_commits(history: History, now: datetime) -> int:
    """Return Scorecard's *Maintained*, without its half about issues."""
    recent = sum(not it.bot and (now.date() - it.day).days <= 90 for it in history.commits)
    return min(10, 10 * recent // 12)


def interrogated(root: Path) -> str:
    """Return interrogate's documented and total names of the files that lintbot counts."""
    paths = [str(root / path) for path in list_files(str(root))]
    try:
        found = InterrogateCoverage(paths, conf=InterrogateConfig()).get_coverage()
    except (SyntaxError, ValueError):
        return "no Python 3"
    return f"{found.covered}/{found.total}"


async def rate_by_pyroma(index: IndexClient, name: str, folder: Path) -> str:
    """Return pyroma's rating of the newest source distribution's metadata; nothing is built."""
    answer = await index.look(name)
    if not isinstance(answer, Found) or answer.project.source is None:
        return "-"
    root = folder / f"sdist-{name}"
    root.mkdir()
    await index.download(answer.project.source, folder / "archive")
    unpack(folder / "archive", root)
    message = message_from_bytes((root / "PKG-INFO").read_bytes())
    keys = {key.lower() for key in message}
    data: dict[str, Any] = {
        key: message.get_all(key) if key in _MANY else str(message[key]) for key in keys
    }
    data.setdefault("description", message.get_payload())
    return str(pyroma.ratings.rate(data)[0])


def read_head(bare: Path) -> str:
    """Return the newest commit of a repository."""
    command = ["git", "-C", str(bare), "rev-parse", "HEAD"]
    return subprocess.check_output(command, text=True).strip()


async def row(world: World, number: int, name: str, place: Path) -> str:
    """Return the table's row of one repository."""
    bare = world.forge.repositories[number]
    sha = await asyncio.to_thread(read_head, bare)
    begun = time.perf_counter()
    report = await world.report(number, sha)
    seconds = time.perf_counter() - begun
    history, now = world.histories.read_so_far[-1], world.reporter.clock.now()
    target = Target(
        installation_id=1, repository_id=RepositoryId(number), owner="o", name=str(number)
    )  # type: ignore[arg-type]
    source = await world.forge.git_source(target)
    async with world.trees.checkout(source, Sha(sha)) as checkout:
        words = await asyncio.to_thread(interrogated, checkout.root)
    rating = await rate_by_pyroma(world.index, name, place) if world.index else "-"
    counts = report.counts
    ours = f"{counts.documented}/{counts.names}" if counts else "?"
    scores = " | ".join(show(it.tenths) for it in report.signals)
    return (
        f"| {name} | {report.score} {report.letter} | {report.known_percent} | {scores} | "
        f"{report.absence_factor} | {scorecard_commits(history, now)} | {ours} | {words} | "
        f"{rating} | {seconds:.1f} |"
    )


def explain(report: TrustReport) -> None:
    """Print the facts of a report."""
    for signal in report.signals:
        print(f"    {signal.name}: {show(signal.tenths)}: {'; '.join(signal.facts)}")
    for cap in report.caps:
        print(f"    at most {cap.letter}: {cap.reason}")


async def main(day: str, repositories: list[str]) -> None:
    """Print the table, then the facts."""
    now = datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)
    place = Path(tempfile.mkdtemp(prefix="lintbot-bench-")).resolve()
    place.chmod(0o755)
    paths = [Path(it).resolve() for it in repositories]
    names = [it.parent.name.partition("+")[2] or it.stem for it in paths]
    try:
        async with open_world(place, paths, now, with_index=True) as world:
            print(
                f"| project | score | known | {' | '.join(SHORT)} | CAF | Scorecard | "
                "documented | interrogate | pyroma | s |"
            )
            print("|---" * (len(SHORT) + 9) + "|")
            for number, name in enumerate(names):
                print(await row(world, number, name, place), flush=True)
            for name, report in zip(names, world.reports.made, strict=True):
                print(f"\n{name}")
                explain(report)
    finally:
        shutil.rmtree(place)


if __name__ == "__main__":
    assert len(SHORT) == len(SIGNALS)
    asyncio.run(main(sys.argv[1], sys.argv[2:]))
