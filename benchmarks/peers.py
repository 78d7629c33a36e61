"""Time one commit beside what people run otherwise: ``python -m benchmarks.peers REPO [COMMIT]``.

The peers are ``prospector`` and ``pre-commit run --all-files``, each with the same versions of
pylint, flake8's parts and ruff in an environment of its own, made with pip. Each runs twice: what
it keeps from the first run may help it. lintbot lints the commit from nothing, then with nothing
changed, then with a line added to one file.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.plain import TOOLS, git, laid_out, time_parallel
from benchmarks.replay import SECONDS, Counting
from benchmarks.sandbox import a_folder, a_memory, a_sandbox, until_warm
from lintbot.pipeline.lint import Linter
from lintbot.ports import Checkout, Sandbox
from lintbot.sandbox.toolenv import ToolEnvironment, prepare_tools

HOOKS = """\
repos:
  - repo: local
    hooks:
{}"""
HOOK = """\
      - id: {0}
        name: {0}
        language: system
        types: [python]
        entry: {1}
"""
PROSPECTOR = ("pylint", "pyflakes", "pycodestyle", "mccabe", "ruff")
"""What is inside of flake8 counts as flake8."""
NOBODY = ("-c", "user.name=nobody", "-c", "user.email=nobody@example.org")


def make_environment(folder: Path, versions: Mapping[str, str]) -> Path:
    """Return the folder of programs of a new environment."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    wanted = [f"{tool}=={versions[tool]}" for tool in TOOLS]
    pip = [str(folder / "bin/python"), "-m", "pip", "install", "-q"]
    # prospector imports typing-extensions, and does not ask for it.
    peers = ["prospector", "typing-extensions", "pre-commit"]
    subprocess.run([*pip, *wanted, *peers], check=True)
    return folder / "bin"


def run(words: Sequence[str], root: Path, programs: Path) -> tuple[float, float]:
    """Run a program to its end; return the seconds on the wall and of the processors.

    Raises:
        RuntimeError: it broke, rather than finding something.
    """
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(words, cwd=root, env=environment, capture_output=True, check=False)
    if b"Traceback" in done.stderr:
        raise RuntimeError(done.stderr.decode(errors="replace")[-500:])
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def time_peers(checkout: Checkout, folder: Path, programs: Path) -> None:
    """Print what the peers take."""
    python = [path for path in checkout.files if path.endswith(".py")]
    hooks = "".join(
        HOOK.format(tool, "ruff check --force-exclude" if tool == "ruff" else tool)
        for tool in TOOLS
    )
    settings = folder / "pre-commit.yaml"
    settings.write_text(HOOKS.format(hooks))
    git(checkout.root, "init", "-q")
    git(checkout.root, "add", "-Af")
    git(checkout.root, *NOBODY, "commit", "-qm", "all")
    words = {
        "prospector": ["prospector", *(f"--tool={tool}" for tool in PROSPECTOR), *python],
        "pre-commit": ["pre-commit", "run", "--all-files", "-c", str(settings)],
    }
    for name, command in words.items():
        for when in ("first", "again"):
            wall, cpu = run(command, checkout.root, programs)
            print(f"{name}, {when}: {wall:.1f} s, CPU {cpu:.1f} s", flush=True)


async def time_lintbot(
    sandbox: Sandbox,
    tools: ToolEnvironment,
    checkout: Checkout,
    memories: Path,
    only: tuple[str, ...],
) -> None:
    """Print what lintbot takes; it changes the last file.

    Args:
        sandbox: runs the tools.
        tools: these.
        checkout: the commit.
        memories: a folder to be made.
        only: the tools to run; empty: all that apply, and the neutral profile.
    """
    memory = a_memory(memories)
    changed = max(path for path in checkout.files if path.endswith(".py"))
    for when in ("from nothing", "nothing changed", f"a line added to {changed}"):
        if when.endswith(changed):
            with (checkout.root / changed).open("a") as file:
                file.write("ADDED = 1\n")
        counting = Counting(sandbox)
        linter = Linter(sandbox=counting, versions=tools.versions, python_version="3")
        start = time.perf_counter()
        result = await linter.lint_tree(checkout, SECONDS, memory=memory, only=only)
        wall = time.perf_counter() - start
        ran = "+".join(sorted({it.tool for it in result.tools}))
        cpu = counting.cpu.total()
        print(f"lintbot, {ran}, {when}: {wall:.1f} s, CPU {cpu:.1f} s", flush=True)


async def main(options: argparse.Namespace) -> None:
    """Measure."""
    repository = options.repository.resolve()
    sha = git(repository, "rev-parse", options.commit).strip()
    with a_folder() as folder:
        async with a_sandbox(folder, "auto") as sandbox:
            tools = prepare_tools(folder / "tools")
            programs = await asyncio.to_thread(make_environment, folder / "env", tools.versions)
            await until_warm()
            with laid_out(repository, sha, folder / "jobs") as checkout:
                python = sum(path.endswith(".py") for path in checkout.files)
                print(f"{options.repository}, {sha[:12]}: {python} Python files", flush=True)
                wall = await asyncio.to_thread(time_parallel, checkout, tools)
                print(f"pylint -j2, then flake8 -j2: {wall:.1f} s", flush=True)
                await time_lintbot(sandbox, tools, checkout, folder / "same", TOOLS)
            with laid_out(repository, sha, folder / "jobs") as checkout:
                await time_lintbot(sandbox, tools, checkout, folder / "all", ())
            with laid_out(repository, sha, folder / "jobs") as checkout:
                await asyncio.to_thread(time_peers, checkout, folder, programs)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repository", type=Path, help="a git repository, bare or not")
    parser.add_argument("commit", nargs="?", default="HEAD")
    asyncio.run(main(parser.parse_args()))
