"""Look for findings that hang on what was remembered: ``python -m benchmarks.tangle COUNT``.

Random repositories, in which every file sets attributes on what others define and looks at what
others set, change step by step; pylint judges each step with what it remembers of the one before,
and once more from nothing. With ``--cold`` it is plain pylint, started cold, that it is compared
with, as a contributor would run it; where files import one another in a circle, what that says
hangs on the order of the files, so ``--no-circles`` belongs to it if nothing is to differ.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

from benchmarks.plain import Key, Way, lint_afresh, spell
from benchmarks.sandbox import SECONDS, a_folder, a_memory, a_sandbox, until_warm
from lintbot.pipeline.lint import Linter
from lintbot.ports import Checkout, Memory
from lintbot.sandbox.toolenv import prepare_tools
from tests.support.tangles import Tangle

STEPS = 6
PYLINT = ("pylint",)
SHOWN = 3
Lint = Callable[[Checkout, Memory | None], Awaitable[list[Key]]]


def lay_out(root: Path, files: dict[str, str]) -> Checkout:
    """Write a step's files."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(mode=0o755)
    for path, text in files.items():
        (root / path).write_text(text)
    return Checkout(root=root, files=tuple(sorted(files)))


def tell(seed: str, step: int, found: list[Key], truth: list[Key]) -> None:
    """Print how two lists of findings differ."""
    more = [it for it in found if it not in truth][:SHOWN]
    less = [it for it in truth if it not in found][:SHOWN]
    print(f"seed {seed}, step {step}: says {more}, should say {less}")


async def follow(
    tangle: Tangle, seed: str, folder: Path, lint: Lint, judge: Lint
) -> tuple[int, int]:
    """Return how many steps a repository made until one differed, and how many differed."""
    memory = a_memory(folder / f"memory-{seed}")
    for step in range(STEPS):
        checkout = lay_out(folder / "jobs" / "tangle", tangle.change() if step else tangle.files)
        found = await lint(checkout, memory)
        truth = await judge(checkout, a_memory(folder / f"nothing-{seed}-{step}"))
        if found != truth:
            tell(seed, step, found, truth)
            return step + 1, 1
    return STEPS, 0


async def main(options: argparse.Namespace) -> None:
    """Compare, and print how much differed."""
    steps, differing = 0, 0
    with a_folder() as folder:
        async with a_sandbox(folder, "auto") as sandbox:
            tools = prepare_tools(folder / "tools")
            linter = Linter(sandbox=sandbox, versions=tools.versions, python_version="3")
            await until_warm()

            async def lint(checkout: Checkout, memory: Memory | None) -> list[Key]:
                result = await linter.lint_tree(checkout, SECONDS, memory=memory, only=PYLINT)
                return sorted(map(spell, result.findings))

            async def lint_cold(checkout: Checkout, _: Memory | None) -> list[Key]:
                found, _ = await asyncio.to_thread(lint_afresh, checkout, tools, Way(), PYLINT)
                return sorted(found)

            for number in range(options.count):
                seed = f"{options.seed}-{number}"
                tangle = Tangle(seed, circles=not options.no_circles)
                judge = lint_cold if options.cold else lint
                made, wrong = await follow(tangle, seed, folder, lint, judge)
                steps, differing = steps + made, differing + wrong
    print(f"{steps} steps of {options.count} repositories, {differing} differing")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, help="how many repositories")
    parser.add_argument("--seed", default="0", help="others make others")
    parser.add_argument("--cold", action="store_true", help="compare with plain pylint")
    parser.add_argument("--no-circles", action="store_true")
    asyncio.run(main(parser.parse_args()))
