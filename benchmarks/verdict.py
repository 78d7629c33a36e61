"""Compare a push's way to its verdict with linting its file alone, warm.

    python -m benchmarks.verdict REPO FILE … [--pushes 7]

Each push changes one file of a real project that nothing else looks at. ``lintbot serve`` on
SQLite is told of it by a webhook, fetches it from a git server, lints the whole tree and completes
the check run. Beside it stand pylint and flake8 on that file alone in a warm job server, one after
the other, with nothing remembered: what an editor with a warm linter would wait for.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.plain import git, laid_out, plan
from benchmarks.sandbox import a_folder, a_sandbox, make_job, until_warm
from lintbot.ports import Checkout, Sandbox
from tests.support.app import open_deployment, write_commit

WARM_SECONDS = 40.0
"""A new job server holds everything ready after that, on a slow machine too."""
REST_SECONDS = 3.0
"""Between two pushes: the first one's patch is made when its verdict stands."""


async def lint_alone(sandbox: Sandbox, checkout: Checkout, file: str) -> float:
    """Lint one file with pylint, then flake8; return the seconds."""
    start = time.perf_counter()
    for group in plan(checkout)[1]:
        if group.tool.name in {"pylint", "flake8"} and file in group.files:
            here = group.relative(file)
            words = (*group.tool.command((here,), ()), *group.arguments)
            # flake8 is told of a folder.
            job = make_job(checkout.root, *(here if it == "." else it for it in words))
            await sandbox.run(replace(job, folder=group.root))
    return time.perf_counter() - start


async def measure_alone(repository: Path, sha: str, files: list[str], times: int) -> list[float]:
    """Return the median seconds of each file."""
    with a_folder() as folder:
        async with a_sandbox(folder, "auto") as sandbox:
            await until_warm()
            with laid_out(repository, sha, folder / "jobs") as checkout:
                return [
                    statistics.median(
                        [await lint_alone(sandbox, checkout, file) for _ in range(times)]
                    )
                    for file in files
                ]


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
                    tree[file] += f"\nADDED_{number} = {number}\n".encode()
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
    alone = await measure_alone(repository, sha, options.files, options.pushes)
    for file, push, lint in zip(options.files, pushes, alone, strict=True):
        print(
            f"{file}: verdict after {push:.2f} s, the file alone in a warm process {lint:.2f} s: "
            f"{push / lint:.2f} times as long"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repository", type=Path, help="a git repository, bare or not")
    parser.add_argument("files", nargs="+", help="that nothing else imports")
    parser.add_argument("--commit", default="HEAD")
    parser.add_argument("--pushes", type=int, default=7)
    asyncio.run(main(parser.parse_args()))
