"""Compare a push's way to its verdict with linting its file alone, warm.

    python -m benchmarks.verdict REPO FILE … [--pushes 7]

Each push changes one file of a real project that nothing else looks at. ``lintbot serve`` on
SQLite is told of it by a webhook, fetches it from a git server, lints the whole tree and completes
the check run; then it may rest. Beside it stand

* the same changes linted by lintbot's own pipeline, remembering, without the service around it;
* pylint and flake8 on that file alone in a warm job server, one after the other, with nothing
  remembered: what an editor with a warm linter would wait for. Started as they are, they cannot
  import what the file imports from its own project, and say so; with the project's folders of
  modules on their path, as where it is installed, they find what the whole run finds in the file.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.plain import git, laid_out, plan
from benchmarks.replay import SECONDS
from benchmarks.sandbox import (
    WARM_SECONDS,
    a_folder,
    a_memory,
    a_sandbox,
    make_job,
    until_warm,
)
from lintbot.pipeline.lint import Linter
from lintbot.ports import Checkout, Sandbox, SandboxJob
from lintbot.sandbox.toolenv import prepare_tools
from tests.support.app import open_deployment, write_commit

REST_SECONDS = 8.0
"""Between two pushes: the first one's patch is made when its verdict stands."""
FAILED = {"pylint": 1 | 32, "flake8": 1 << 7}
"""Bits of the exit status that say that a linter failed, not that it found something."""


@dataclass(frozen=True)
class Median:
    """Median seconds of one file's changes.

    Attributes:
        linted: the changed tree, by lintbot's pipeline.
        alone: the file, by warm linters that find the project's other modules.
        blind: by warm linters that do not.
    """

    linted: float
    alone: float
    blind: float


def change(number: int) -> bytes:
    """Return what a push adds to its file."""
    return f"\nADDED_{number} = {number}\n".encode()


async def time_median(times: int, run: Callable[[int], Awaitable[object]]) -> float:
    """Return the median seconds of some runs after the first one, which is not counted."""
    taken = []
    for number in range(times + 1):
        start = time.perf_counter()
        await run(number)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken[1:])


def find_roots(checkout: Checkout) -> list[str]:
    """Return the folders from which the project's modules are imported, as pylint finds them."""
    roots = set()
    for path in checkout.files:
        folder = (checkout.root / path).parent
        while (folder / "__init__.py").exists():
            folder = folder.parent
        if path.endswith(".py"):
            roots.add(str(folder))
    return sorted(roots)


def make_jobs(checkout: Checkout, file: str, roots: list[str]) -> list[SandboxJob]:
    """Return the jobs that lint one file: with pylint, which is told of roots, and flake8."""
    hook = f"--init-hook=import sys; sys.path[:0] = {roots!r}"
    jobs = []
    for group in plan(checkout)[1]:
        if group.tool.name in {"pylint", "flake8"} and file in group.files:
            here = group.relative(file)
            words = (*group.tool.command((here,), ()), *group.arguments)
            if roots and words[0] == "pylint":
                words = (words[0], hook, *words[1:])
            # flake8 is told of a folder.
            job = make_job(checkout.root, *(here if it == "." else it for it in words))
            jobs.append(replace(job, folder=group.root))
    return jobs


async def run_all(sandbox: Sandbox, jobs: list[SandboxJob]) -> None:
    """Run some jobs, one after the other, that may find something, but not fail."""
    for job in jobs:
        result = await sandbox.run(job)
        if result.exit_code is None or result.exit_code & FAILED[job.argv[0]]:
            raise RuntimeError(f"{job.argv}: {result}")


async def measure_linting(repository: Path, sha: str, files: list[str], times: int) -> list[Median]:
    """Return what linting takes without the service, for each file."""
    with a_folder() as folder:
        async with a_sandbox(folder, "auto") as sandbox:
            versions = prepare_tools(folder / "tools").versions
            linter = Linter(sandbox=sandbox, versions=versions, python_version="3")
            memory = a_memory(folder / "memories")
            await until_warm()
            with laid_out(repository, sha, folder / "jobs") as checkout:

                async def measure(file: str) -> Median:
                    path = checkout.root / file
                    jobs = {
                        roots: make_jobs(checkout, file, list(roots))
                        for roots in ((), tuple(find_roots(checkout)))
                    }

                    async def lint_changed(number: int) -> None:
                        path.write_bytes(path.read_bytes() + change(number))
                        await linter.lint_tree(checkout, SECONDS, memory=memory)

                    blind, alone = [
                        await time_median(times, lambda _, some=some: run_all(sandbox, some))
                        for some in jobs.values()
                    ]
                    linted = await time_median(times, lint_changed)
                    return Median(linted=linted, alone=alone, blind=blind)

                await linter.lint_tree(checkout, SECONDS, memory=memory)
                return [await measure(file) for file in files]


async def measure_pushes(tree: dict[str, bytes], files: list[str], times: int) -> list[float]:
    """Return the median seconds from a push to its completed check run, of each file."""
    found = []
    async with open_deployment() as deployment:
        deployment.migrate()
        repository, _ = await deployment.add_repository("someone", {**tree})
        async with deployment.running("serve"):
            head = deployment.head(repository)
            await deployment.push(repository, head)
            await deployment.wait_for_check(repository, head, 300)
            await asyncio.sleep(WARM_SECONDS)
            for file in files:
                taken = []
                for number in range(times + 1):
                    tree[file] += change(number)
                    head = write_commit(repository, {**tree}, head)
                    start = time.perf_counter()
                    await deployment.push(repository, head)
                    await deployment.wait_for_check(repository, head, 300)
                    taken.append(time.perf_counter() - start)
                    await asyncio.sleep(REST_SECONDS)
                found.append(statistics.median(taken[1:]))  # the first one changes what it shows
    return found


async def main(options: argparse.Namespace) -> None:
    """Measure and print."""
    repository = options.repository.resolve()
    sha = git(repository, "rev-parse", options.commit).strip()
    with a_folder() as folder, laid_out(repository, sha, folder) as checkout:
        tree: dict[str, bytes] = {
            path: (checkout.root / path).read_bytes() for path in checkout.files
        }
    pushes = await measure_pushes(tree, options.files, options.pushes)
    linting = await measure_linting(repository, sha, options.files, options.pushes)
    for file, push, it in zip(options.files, pushes, linting, strict=True):
        print(
            f"{file}: verdict after {push:.2f} s; linted without the service in {it.linted:.2f} s, "
            f"{push / it.linted:.2f} times as long; the file alone in a warm process "
            f"{it.alone:.2f} s, {push / it.alone:.2f} times as long, or {it.blind:.2f} s, "
            f"{push / it.blind:.2f} times as long, if it cannot import its own project"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repository", type=Path, help="a git repository, bare or not")
    parser.add_argument("files", nargs="+", help="that nothing else imports")
    parser.add_argument("--commit", default="HEAD")
    parser.add_argument("--pushes", type=int, default=7)
    asyncio.run(main(parser.parse_args()))
