"""What a trust report costs beside a lint run: ``python benchmarks/trust_cost.py [COMMITS FILES]``.

A repository is made of so many files (30 lines each, clean) and so many commits over five years by
forty people. Its newest commit is linted, then its trust report is made (a fetch of the history, of
the tree, the count in the sandbox; without a package index), then one more commit is pushed and the
report is made again.
"""

from __future__ import annotations

import asyncio
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from trust_world import open_world

from lintbot.model.ids import Sha
from lintbot.pipeline.lint import Linter

NOW = datetime(2026, 11, 1, tzinfo=UTC)
PEOPLE = 40
SPAN = timedelta(days=5 * 365)
LINT_SECONDS = 3000.0
_T = TypeVar("_T")


def a_file(number: int, version: int) -> str:
    """Return a clean module of about 30 lines."""
    functions = "".join(
        f"\n\ndef function_{number}_{at}(first: int, second: int) -> int:\n"
        f'    """Return the sum of both arguments and {version}."""\n'
        f"    return first + second + {version}\n"
        for at in range(6)
    )
    return f'"""Module {number} of a synthetic repository."""{functions}'


def stream(commits: int, files: int) -> Iterator[str]:
    """Give what ``git fast-import`` takes: all files in the first commit, then one file each."""
    begun = NOW - SPAN
    for at in range(commits):
        moment = int((begun + SPAN * at / commits).timestamp())
        person = f"P{at % PEOPLE} <p{at % PEOPLE}@example.org> {moment} +0000"
        yield f"commit refs/heads/main\nauthor {person}\ncommitter {person}\ndata 1\nx\n"
        for number in range(files) if at == 0 else (at * 7919 % files,):
            text = a_file(number, at)
            yield f"M 100644 inline pkg/p{number % 100}/m{number}.py\n"
            yield f"data {len(text.encode())}\n{text}\n"


def make_repository(path: Path, commits: int, files: int) -> None:
    """Write the repository."""
    subprocess.run(["git", "init", "-q", "--bare", str(path)], check=True)
    with subprocess.Popen(
        ["git", "-C", str(path), "fast-import", "--quiet"], stdin=subprocess.PIPE, text=True
    ) as importing:
        assert importing.stdin is not None
        importing.stdin.writelines(stream(commits, files))
    subprocess.run(["git", "-C", str(path), "repack", "-adq"], check=True)


def push(path: Path) -> str:
    """Add a commit; return its sha."""
    tree = subprocess.check_output(["git", "-C", str(path), "rev-parse", "main^{tree}"], text=True)
    who = [
        f"GIT_{role}_{key}={value}"
        for role in ("AUTHOR", "COMMITTER")
        for key, value in (
            ("NAME", "P1"),
            ("EMAIL", "p1@example.org"),
            ("DATE", f"{int(NOW.timestamp())} +0000"),
        )
    ]
    command = ["env", *who, "git", "-C", str(path), "commit-tree", tree.strip(), "-p", "main"]
    sha = subprocess.check_output([*command, "-m", "x"], text=True).strip()
    subprocess.run(["git", "-C", str(path), "update-ref", "refs/heads/main", sha], check=True)
    return sha


async def timed(work: Awaitable[_T]) -> tuple[_T, float]:
    """Return what comes of it, and how many seconds it took."""
    begun = time.perf_counter()
    result = await work
    return result, time.perf_counter() - begun


async def main(commits: int, files: int) -> None:
    """Measure, and print the ratios."""
    place = Path(tempfile.mkdtemp(prefix="lintbot-bench-")).resolve()
    place.chmod(0o755)
    bare = place / "bare.git"
    try:
        await asyncio.to_thread(make_repository, bare, commits, files)
        head = ["git", "-C", str(bare), "rev-parse", "main"]
        sha = (await asyncio.to_thread(subprocess.check_output, head, text=True)).strip()
        async with open_world(place, [bare], NOW, with_index=False) as world:
            linter = Linter(
                sandbox=world.sandbox,
                versions=world.sandbox.tool_versions,
                python_version=platform.python_version(),
            )
            source = world.forge.source(0)
            fetched = time.perf_counter()
            async with world.trees.checkout(source, Sha(sha)) as checkout:
                fetched = time.perf_counter() - fetched
                result, lint = await timed(linter.lint_tree(checkout, LINT_SECONDS))
            print(f"linted {result.python_files} files, partial: {result.partial}", flush=True)
            report, first = await timed(world.report(0, sha))
            newer = await asyncio.to_thread(push, bare)
            _, second = await timed(world.report(0, newer))
        print("| what | s | of the lint run |\n|---|---|---|")
        for name, seconds in (
            ("lint run, checkout and all", lint + fetched),
            ("trust report, first", first),
            ("trust report after a push", second),
        ):
            print(f"| {name} | {seconds:.1f} | {seconds / (lint + fetched):.2f} |")
        counts, seen = report.counts, world.histories.read_so_far[0]
        print(
            f"\n{len(seen.commits):,} commits of 36 months, {counts.files if counts else 0:,} files"
        )
    finally:
        shutil.rmtree(place)


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:3] or ("50000", "5000"))))
