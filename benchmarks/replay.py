"""Lint commits incrementally and afresh, and compare: ``python benchmarks/replay.py REPO N``.

Incrementally: through lintbot's own pipeline and sandbox, one commit after another, with what each
left. Afresh: plain pylint, flake8 and ruff, started cold and without a sandbox, one process each.
Every finding is compared. Commits that touch no Python and no configuration are passed over: there
the incremental run has nothing to do.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lintbot.model.findings import Finding
from lintbot.model.ids import RepositoryId
from lintbot.model.memory import choose_lines
from lintbot.pipeline.lint import Linter
from lintbot.pipeline.plan import Group, plan_groups
from lintbot.pipeline.sources import read_sources
from lintbot.pipeline.tools.tool import Output, Tree
from lintbot.ports import Checkout, Memory, Sandbox, SandboxJob, SandboxResult
from lintbot.sandbox import make_sandbox
from lintbot.sandbox.launch import make_environment
from lintbot.sandbox.toolenv import ToolEnvironment, prepare_tools
from lintbot.store.memories import MemoryLimits, StoredMemories

TOOLS = ("pylint", "flake8", "ruff")
LOOKED_AT = ("*.py", "*.toml", "*.cfg", "*.ini", "*pylintrc", "*.flake8")
SECONDS = 600.0
_ALIKE = re.compile(r"Similar lines in \d+ files(?: ==\S+:\[\d+:\d+\])*")
Key = tuple[str, ...]
START = (
    "import runpy, site, sys; site.setquit(); site.setcopyright(); site.sethelper(); "
    "del sys.argv[0]; runpy.run_path(sys.argv[0], run_name='__main__')"
)
"""Runs a console script with the builtins that it has on a contributor's machine."""


class Counting:
    """Runs jobs, and adds up what each tool takes.

    Attributes:
        judged: files that were walked, over all jobs.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.cpu: Counter[str] = Counter()
        self.peak_bytes = 0
        self.judged = 0

    async def run(self, job: SandboxJob) -> SandboxResult:
        """Run one command."""
        result = await self._sandbox.run(job)
        self.cpu[job.argv[0]] += result.cpu_seconds  # type: ignore[assignment]
        self.peak_bytes = max(self.peak_bytes, result.max_rss_bytes)
        if job.argv[0] == "pylint":
            parsed = sum(word.endswith(".py") for word in job.argv)
            self.judged += result.stderr.count(b"\x01>") - parsed
        return result


@dataclass
class Commit:
    """What one commit took, in seconds, and where the two disagree."""

    sha: str
    files: int
    judged: int = 0
    findings: int = 0
    incremental: float = 0.0
    fresh: float = 0.0
    wall: float = 0.0
    parallel_wall: float | None = None
    peak_bytes: int = 0
    differing: list[str] = field(default_factory=list)


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


def plan(checkout: Checkout) -> tuple[Tree, tuple[Group, ...]]:
    """Return which tool judges what from where, as the pipeline plans it."""
    found = read_sources(checkout)
    tree = Tree(
        root=str(checkout.root),
        line_counts={path: max(len(lines), 1) for path, lines in found.files.items()},
        local_modules=frozenset(),
    )
    groups = plan_groups(found.files, found.configs, excluded=found.excluded)
    return tree, tuple(group for group in groups if group.tool.name in TOOLS)


def command(group: Group, tools: ToolEnvironment) -> list[str]:
    """Return a group's command line for its console script.

    Strings hash alike in each: which cycles pylint names hangs on the order of its sets.
    """
    files = tuple(map(group.relative, group.files))
    words = (*group.tool.command(files, tuple(map(group.relative, group.others))), *group.arguments)
    program = str(tools.program(words[0]))
    if group.tool.name == "ruff":
        return [program, *words[1:]]
    # As the console script starts it, but for -I, which hashes anew in each process.
    return [str(tools.python), "-s", "-S", "-P", "-c", START, program, *words[1:]]


def run_plain(words: Sequence[str], folder: Path, tools: ToolEnvironment) -> tuple[Output, float]:
    """Run a program to its end; return what it wrote and its processor seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        words, cwd=folder, env=make_environment(tools), capture_output=True, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    root = f"{folder}/"
    streams = (it.decode(errors="replace").replace(root, "") for it in (done.stdout, done.stderr))
    stdout, stderr = streams
    return Output(stdout=stdout, stderr=stderr, exit_code=done.returncode), cpu


def lint_afresh(checkout: Checkout, tools: ToolEnvironment) -> tuple[list[Key], float]:
    """Return what the plain tools say, and the processor seconds of pylint and flake8."""
    tree, groups = plan(checkout)
    keys: list[Key] = []
    seconds = 0.0
    for group in groups:
        words = command(group, tools)
        output, cpu = run_plain(words, checkout.root / group.root, tools)
        here = Tree(
            root=tree.root,
            line_counts=tree.line_counts,
            local_modules=tree.local_modules,
            folder=group.root,
        )
        own = set(group.files)
        keys += [spell(it) for it in group.tool.parse(output, here).findings if it.path in own]
        seconds += cpu if group.tool.name != "ruff" else 0.0
    return keys, seconds


def time_parallel(checkout: Checkout, tools: ToolEnvironment) -> float:
    """Return the wall clock of ``pylint -j2`` and ``flake8 -j2`` one after the other."""
    start = time.perf_counter()
    for group in plan(checkout)[1]:
        if group.tool.name != "ruff":
            words = ["-j2" if word == "-j1" else word for word in command(group, tools)]
            run_plain(words, checkout.root / group.root, tools)
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


class Replay:
    """One replay.

    Attributes:
        kept: a folder for what fresh runs said, for the next replay; None: nowhere.
    """

    def __init__(
        self, repository: Path, folder: Path, tools: ToolEnvironment, kept: Path | None
    ) -> None:
        self._repository = repository
        self._jobs = folder / "jobs"
        self._tools = tools
        self._kept = kept
        memories = folder / "memories"
        memories.mkdir()
        self._memories = StoredMemories(folder=memories, limits=MemoryLimits())

    async def run(self, sha: str, sandbox: Sandbox, *, parallel: bool) -> Commit:
        """Lint one commit both ways."""
        counting = Counting(sandbox)
        linter = Linter(sandbox=counting, versions=self._tools.versions, python_version="3")
        with laid_out(self._repository, sha, self._jobs) as checkout:
            memory = self._memories.open(RepositoryId(1), choose_lines("main", "main", fresh=False))
            start = time.perf_counter()
            found = await _lint(linter, checkout, memory)
            wall = time.perf_counter() - start
            said = [spell(it) for it in found if it.tool in TOOLS]
            fresh, cpu = await asyncio.to_thread(self._afresh, sha, checkout)
            commit = Commit(
                sha=sha,
                files=sum(path.endswith(".py") for path in checkout.files),
                judged=counting.judged,
                findings=len(fresh),
                incremental=counting.cpu["pylint"] + counting.cpu["flake8"],
                fresh=cpu,
                wall=wall,
                peak_bytes=counting.peak_bytes,
                differing=_differ(said, fresh),
            )
            if parallel:
                commit.parallel_wall = await asyncio.to_thread(time_parallel, checkout, self._tools)
        return commit

    def _afresh(self, sha: str, checkout: Checkout) -> tuple[list[Key], float]:
        name = f"{sha}-{self._tools.root.name}.json"  # other tools say other things
        file = self._kept / name if self._kept else None
        if file is not None and file.exists():
            keys, seconds = json.loads(file.read_text())
            return [tuple(key) for key in keys], seconds
        keys, seconds = lint_afresh(checkout, self._tools)
        if file is not None:
            file.write_text(json.dumps([keys, seconds]))
        return keys, seconds


async def _lint(linter: Linter, checkout: Checkout, memory: Memory | None) -> Sequence[Finding]:
    result = await linter.lint_tree(checkout, SECONDS, memory=memory)
    for report in result.tools:
        if report.partial:
            print(f"  {report.where}: {report.outcome} {report.reason} {report.failed_files}")
    return result.findings


def _differ(said: list[Key], fresh: list[Key]) -> list[str]:
    ours, theirs = Counter(said), Counter(fresh)
    only = [f"only incremental: {key}" for key in (ours - theirs).elements()]
    return only + [f"only fresh: {key}" for key in (theirs - ours).elements()]


def report(name: str, commits: Sequence[Commit]) -> None:
    """Print the table; the first commit, from nothing, stands apart."""
    first, rest = commits[0], commits[1:]
    ratios = sorted(it.fresh / max(it.incremental, 0.001) for it in rest)
    total = sum(it.fresh for it in rest) / max(sum(it.incremental for it in rest), 0.001)
    walls = [it.parallel_wall / it.wall for it in rest if it.parallel_wall]
    print(f"\n{name}: {len(commits)} commits, {first.files} to {rest[-1].files} Python files")
    findings = sum(it.findings for it in commits)
    print(f"findings compared {findings:,}, mismatching {sum(len(it.differing) for it in commits)}")
    judged = sorted(it.judged for it in rest)
    print(f"files walked by pylint: median {statistics.median(judged)}, most {judged[-1]}")
    print(
        f"CPU of pylint + flake8, fresh / incremental: median {statistics.median(ratios):.1f}, "
        f"10th percentile {ratios[len(ratios) // 10]:.1f}, total {total:.1f}, "
        f"least {ratios[0]:.1f}"
    )
    print(f"first run, from nothing: CPU fresh / incremental {first.fresh / first.incremental:.1f}")
    if walls:
        words = f"median {statistics.median(walls):.1f} over {len(walls)} commits"
        print(f"wall clock, pylint -j2 then flake8 -j2 / incremental: {words}")
    if first.parallel_wall:
        print(f"the same for the first run: {first.parallel_wall / first.wall:.1f}")
    print(f"peak memory of a job: {max(it.peak_bytes for it in commits) // 2**20} MiB")


def choose_commits(repository: Path, number: int, until: str) -> list[str]:
    """Return so many commits of the main line in their order."""
    found = git(
        *(repository, "log", "--first-parent", "--format=%H", f"-n{number}", until, "--"),
        *LOOKED_AT,
    )
    return found.split()[::-1]


async def main(options: argparse.Namespace) -> int:
    """Replay; return 1 if a finding differs."""
    folder = Path(tempfile.mkdtemp(prefix="lintbot-bench-")).resolve()
    folder.chmod(0o755)
    repository = options.repository.resolve()
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    sandbox = make_sandbox(mode="auto", jobs_root=folder / "jobs", tools_root=folder / "tools")
    commits = []
    try:
        await sandbox.start()
        tools = prepare_tools(folder / "tools")
        replay = Replay(repository, folder, tools, options.keep)
        await asyncio.sleep(options.warm)
        for number, sha in enumerate(choose_commits(repository, options.number, options.until)):
            timed = bool(options.parallel_every) and number % options.parallel_every == 0
            commit = await replay.run(sha, sandbox, parallel=timed)
            commits.append(commit)
            print(
                f"{sha[:8]} files {commit.files} walked {commit.judged} findings {commit.findings} "
                f"CPU {commit.incremental:.2f} fresh {commit.fresh:.2f} "
                f"mismatching {len(commit.differing)}",
                *commit.differing[: options.show],
                sep="\n    ",
                flush=True,
            )
    finally:
        await sandbox.aclose()
        shutil.rmtree(folder)
    report(repository.parent.name if repository.name == "repo" else repository.name, commits)
    return int(any(it.differing for it in commits))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repository", type=Path, help="a git repository, bare or not")
    parser.add_argument("number", type=int, help="how many commits")
    parser.add_argument("--until", default="HEAD", help="the last commit")
    parser.add_argument("--keep", type=Path, help="keep what fresh runs say here, and use it")
    parser.add_argument("--parallel-every", type=int, default=0, help="time -j2 each so many")
    parser.add_argument("--warm", type=float, default=15.0, help="seconds for the server to fill")
    parser.add_argument("--show", type=int, default=5, help="mismatches to print of a commit")
    raise SystemExit(asyncio.run(main(parser.parse_args())))
