"""Measure what a warm worker holds: ``python -m benchmarks.warm_memory REPO``.

The job server is looked at while it holds its trees ready, after a run over a whole project and
after many small jobs; and the project's own runs, from nothing and with nothing changed, are too.
Resident memory counts a page in each process that shares it.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from benchmarks.plain import git, laid_out
from benchmarks.replay import SECONDS, Counting
from benchmarks.sandbox import (
    SOURCE,
    a_folder,
    a_memory,
    a_sandbox,
    find_offspring,
    make_job,
    until_warm,
)
from lintbot.pipeline.lint import Linter
from lintbot.ports import Sandbox
from lintbot.sandbox.toolenv import prepare_tools

MIB = 2**20


def look() -> tuple[int, int]:
    """Return the resident memory of the largest process below this one, now and at most, in MiB."""
    found = [(0, 0)]
    for pid in find_offspring():
        try:
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        except OSError:  # it has ended
            continue
        fields = dict(line.split(":", 1) for line in lines if ":" in line)
        if "VmRSS" in fields:
            now, most = (int(fields[name].split()[0]) // 1024 for name in ("VmRSS", "VmHWM"))
            found.append((now, most))
    return max(found)


def report(when: str) -> None:
    """Print what the job server holds."""
    print(f"job server {when}: {look()[0]} MiB, at most {look()[1]} MiB", flush=True)


async def lint_project(
    sandbox: Sandbox, linter_of: dict[str, str], folder: Path, repository: Path, sha: str
) -> None:
    """Lint a tree from nothing and again, and print the most that a job of each held."""
    memory = a_memory(folder / "memories")
    with laid_out(repository, sha, folder / "jobs") as checkout:
        for when in ("from nothing", "nothing changed"):
            counting = Counting(sandbox)
            linter = Linter(sandbox=counting, versions=linter_of, python_version="3")
            await linter.lint_tree(checkout, SECONDS, memory=memory)
            print(f"largest job, {when}: {counting.peak_bytes // MIB} MiB", flush=True)


async def main(options: argparse.Namespace) -> None:
    """Measure."""
    with a_folder() as folder:
        async with a_sandbox(folder, "auto") as sandbox:
            report("at the start")
            await until_warm()
            report("that holds its trees ready")
            repository = options.repository.resolve()
            sha = git(repository, "rev-parse", options.commit).strip()
            versions = prepare_tools(folder / "tools").versions
            await lint_project(sandbox, versions, folder, repository, sha)
            report("after the project")
            root = folder / "jobs" / "words"
            root.mkdir(mode=0o755)
            (root / "words.py").write_text(SOURCE)
            for number in range(options.jobs):
                tool = ("pylint", "flake8")[number % 2]
                await sandbox.run(make_job(root, tool, "-j1", "words.py"))
            report(f"after {options.jobs} jobs more")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repository", type=Path, help="a git repository, bare or not")
    parser.add_argument("--commit", default="HEAD")
    parser.add_argument("--jobs", type=int, default=200)
    asyncio.run(main(parser.parse_args()))
