"""Which file configures which tool: as lintbot says, and as the tool itself reports it.

``python benchmarks/configuration.py REPOSITORY…``: git repositories, of which HEAD is looked at.
For every run that lintbot plans (tool and folder) the tool is started in that folder, over one of
the run's files, and asked which configuration it reads. It ends with status 1 on a difference.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from lintbot.pipeline.plan import Group, plan_groups
from lintbot.pipeline.sources import read_sources
from lintbot.ports import Checkout

FLAKE8 = (
    "import os, sys; sys.path.pop(0); from flake8.options.config import _find_config_file as find;"
    "print('CONFIG', find(os.getcwd()))"
)
"""flake8 has no option that prints it; this is the function that it calls."""


def run(folder: Path, *words: str) -> str:
    """Return what a program prints, on either stream."""
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=300,
    )
    return done.stdout.decode(errors="replace")


def ask_pylint(folder: Path, file: str) -> str:
    """Return what pylint says with ``--verbose``."""
    return run(folder, "-m", "pylint", "--verbose", "--disable=all", "--persistent=n", file)


def ask_flake8(folder: Path, _file: str) -> str:
    """Return what flake8 finds."""
    return run(folder, "-c", FLAKE8)


def ask_ruff(folder: Path, file: str) -> str:
    """Return what ruff says with ``--show-settings``."""
    return run(folder, "-m", "ruff", "check", "--no-cache", "--show-settings", file)


def ask_mypy(folder: Path, file: str) -> str:
    """Return what mypy says with ``--verbose``; nothing is followed, so it is quick."""
    words = ("--verbose", "--cache-dir=/dev/null", "--follow-imports=skip", "--no-site-packages")
    return run(folder, "-m", "mypy", *words, file)


ASK: dict[str, tuple[Callable[[Path, str], str], str]] = {
    "pylint": (ask_pylint, r"^Using config file (.+)$"),
    "flake8": (ask_flake8, r"^CONFIG (.+)$"),
    "ruff": (ask_ruff, r'^Settings path: "(.+)"$'),
    "mypy": (ask_mypy, r"Config File: +(.+)$"),
}
"""bandit is told its file by who calls it, and finds none by itself."""


def reported(group: Group, root: Path) -> str | None:
    """Return the file that a tool itself reports, relative to the repository; None for none."""
    ask, pattern = ASK[group.tool.name]
    folder = root / group.root
    found = re.search(pattern, ask(folder, group.relative(group.files[0])), re.MULTILINE)
    if found is None or found[1] in {"None", "Default"}:
        return None
    return str((folder / found[1]).resolve().relative_to(root))


def expected(group: Group) -> str | None:
    """Return what lintbot says: for ruff, the nearest file above the first of the run's files."""
    if not group.tool.hierarchical:
        return group.config_path
    path = group.files[0]
    above = [it for it in group.configs if path.startswith(it.rpartition("/")[0])]
    return max(above, key=lambda it: it.count("/"), default=None)


def look_at(repository: str, place: Path) -> tuple[int, int]:
    """Print a row for each run of one repository; return how many, and how many differ."""
    root = place / Path(repository).resolve().parent.name
    root.mkdir()
    archive = subprocess.run(
        ["git", "-C", repository, "archive", "HEAD"],
        stdout=subprocess.PIPE,
        check=True,
    )
    subprocess.run(["tar", "-x"], cwd=root, input=archive.stdout, check=True)
    # As in lintbot's checkouts there is nothing above: the tools look no further than this.
    (root / ".git").mkdir()
    files = tuple(sorted(str(it.relative_to(root)) for it in root.rglob("*") if it.is_file()))
    found = read_sources(Checkout(root=root, files=files))
    runs = differing = 0
    for group in plan_groups(found.files, found.configs, excluded=found.excluded):
        if group.tool.name not in ASK:
            continue
        ours, theirs = expected(group), reported(group, root)
        runs, differing = runs + 1, differing + (ours != theirs)
        mark = "yes" if ours == theirs else "NO"
        where = f"{root.name} | {group.tool.name} | {group.root or '.'} | {len(group.files)}"
        print(f"| {where} | {ours or 'none'} | {theirs or 'none'} | {mark} |", flush=True)
    return runs, differing


def main(repositories: list[str]) -> int:
    """Compare in every repository; return the number of differences, at most 1."""
    print(", ".join(f"{name} {version(name)}" for name in ASK), end="\n\n")
    print("| repository | tool | folder | files | lintbot says | the tool says | same |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="lintbot-bench-") as folder:
        rows = [look_at(it, Path(folder).resolve()) for it in repositories]
    runs, differing = (sum(column) for column in zip(*rows, strict=True))
    print(f"\n{len(rows)} repositories, {runs} runs, {differing} differences")
    return min(differing, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
