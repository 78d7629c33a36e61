"""Lint one commit as a contributor would: with plain pylint, flake8 and ruff, started cold.

What plain tools say hangs on more than the tree, now and then: see ``Way``.
"""

from __future__ import annotations

import re
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lintbot.model.findings import Finding
from lintbot.pipeline.plan import Group, plan_groups
from lintbot.pipeline.sources import read_sources
from lintbot.pipeline.tools.tool import Output, Tree
from lintbot.ports import Checkout
from lintbot.sandbox.launch import make_environment
from lintbot.sandbox.toolenv import ToolEnvironment

TOOLS = ("pylint", "flake8", "ruff")
"""What is compared unless something else is asked for; ``mypy`` may be."""
UNTIMED = "ruff"
"""It remembers nothing, and there is nothing to gain."""
_ALIKE = re.compile(r"Similar lines in \d+ files(?: ==\S+:\[\d+:\d+\])*")
Key = tuple[str, ...]
START = (
    "import runpy, site, sys; site.setquit(); site.setcopyright(); site.sethelper(); "
    "del sys.argv[0]; runpy.run_path(sys.argv[0], run_name='__main__')"
)
"""Runs a console script with the builtins that it has on a contributor's machine."""


@dataclass(frozen=True)
class Way:
    """How plain tools are started; what they find should not hang on it, and sometimes does.

    Attributes:
        seed: of the hashes of strings, on which the order of sets hangs.
        backwards: whether the files are named from the last to the first.
    """

    seed: int = 0
    backwards: bool = False


OTHER_WAYS = (Way(seed=1), Way(seed=2), Way(backwards=True))


def git(repository: Path, *arguments: str) -> str:
    """Ask git."""
    call = ["git", "-C", str(repository), *arguments]
    return subprocess.run(call, capture_output=True, check=True, text=True).stdout


@contextmanager
def laid_out(repository: Path, sha: str, jobs: Path) -> Iterator[Checkout]:
    """Yield a commit as plain files that the sandbox's user can read."""
    root = Path(tempfile.mkdtemp(dir=jobs))
    root.chmod(0o755)
    try:
        archive = subprocess.Popen(
            ["git", "-C", str(repository), "archive", sha], stdout=subprocess.PIPE
        )
        subprocess.run(
            ["tar", "x", "--no-same-owner", "-C", str(root)], stdin=archive.stdout, check=True
        )
        archive.wait()
        for path in [it for it in root.rglob("*") if it.is_symlink()]:
            path.unlink()
        files = sorted(str(it.relative_to(root)) for it in root.rglob("*") if it.is_file())
        yield Checkout(root=root, files=tuple(files))
    finally:
        shutil.rmtree(root)


def plan(checkout: Checkout, names: Sequence[str] = TOOLS) -> tuple[Tree, tuple[Group, ...]]:
    """Return which of some tools judges what from where, as the pipeline plans it."""
    found = read_sources(checkout)
    tree = Tree(
        root=str(checkout.root),
        line_counts={path: max(len(lines), 1) for path, lines in found.files.items()},
        local_modules=frozenset(),
    )
    groups = plan_groups(found.files, found.configs, excluded=found.excluded)
    return tree, tuple(group for group in groups if group.tool.name in names)


def command(group: Group, tools: ToolEnvironment, way: Way) -> list[str]:
    """Return a group's command line for its console script."""
    files = tuple(map(group.relative, group.files[:: -1 if way.backwards else 1]))
    words = (*group.tool.command(files, tuple(map(group.relative, group.others))), *group.arguments)
    program = str(tools.program(words[0]))
    if group.tool.name == "ruff":
        return [program, *words[1:]]
    # As the console script starts it, but for -I, which hashes anew in each process.
    return [str(tools.python), "-s", "-S", "-P", "-c", START, program, *words[1:]]


def run_plain(
    words: Sequence[str], folder: Path, tools: ToolEnvironment, way: Way
) -> tuple[Output, float]:
    """Run a program to its end; return what it wrote and its processor seconds."""
    environment = {**make_environment(tools), "PYTHONHASHSEED": str(way.seed)}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    root = f"{folder}/"
    streams = (it.decode(errors="replace").replace(root, "") for it in (done.stdout, done.stderr))
    stdout, stderr = streams
    return Output(stdout=stdout, stderr=stderr, exit_code=done.returncode), cpu


def lint_afresh(
    checkout: Checkout, tools: ToolEnvironment, way: Way, names: Sequence[str] = TOOLS
) -> tuple[list[Key], float]:
    """Return what these plain tools say, and the processor seconds of all but ruff."""
    tree, groups = plan(checkout, names)
    keys: list[Key] = []
    seconds = 0.0
    for group in groups:
        words = command(group, tools, way)
        output, cpu = run_plain(words, checkout.root / group.root, tools, way)
        here = Tree(
            root=tree.root,
            line_counts=tree.line_counts,
            local_modules=tree.local_modules,
            folder=group.root,
        )
        own = set(group.files)
        keys += [spell(it) for it in group.tool.parse(output, here).findings if it.path in own]
        seconds += cpu if group.tool.name != UNTIMED else 0.0
    return keys, seconds


def time_parallel(checkout: Checkout, tools: ToolEnvironment) -> float:
    """Return the wall clock of ``pylint -j2`` and ``flake8 -j2`` one after the other."""
    start = time.perf_counter()
    for group in plan(checkout)[1]:
        if group.tool.name != UNTIMED:
            words = ["-j2" if word == "-j1" else word for word in command(group, tools, Way())]
            run_plain(words, checkout.root / group.root, tools, Way())
    return time.perf_counter() - start


def spell(finding: Finding) -> Key:
    """Return all that is compared of a finding."""
    message = finding.message
    if alike := _ALIKE.match(message):
        # pylint quotes one of the files that are alike: which one hangs on addresses in memory.
        message = alike[0]
    place = (finding.line, finding.column, finding.end_line, finding.end_column)
    words = (finding.tool, finding.path, *place, finding.code, finding.symbol, finding.scope)
    return (*map(str, words), message)
