"""Lint commits incrementally and afresh, and compare: ``python -m benchmarks.replay REPO N``.

Incrementally: through lintbot's own pipeline and sandbox, one commit after another, with what each
left. Afresh: plain pylint, flake8 and ruff, started cold and without a sandbox, one process each.
Every finding is compared. Where the two differ, plain pylint is run again, with other hashes and
with the files in another order: what differs between plain runs, too, is counted apart. Commits
that touch no Python and no configuration are passed over: there is nothing to do for lintbot.

With ``--tools mypy`` it is plain mypy that is compared, in the same way.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.plain import (
    OTHER_WAYS,
    TOOLS,
    UNTIMED,
    Key,
    Way,
    git,
    laid_out,
    lint_afresh,
    spell,
    time_parallel,
)
from benchmarks.sandbox import a_memory, until_warm
from lintbot.model.findings import Finding
from lintbot.pipeline.lint import Linter
from lintbot.ports import Checkout, Memory, Sandbox, SandboxJob, SandboxResult
from lintbot.sandbox import make_sandbox
from lintbot.sandbox.toolenv import ToolEnvironment, prepare_tools

LOOKED_AT = ("*.py", "*.toml", "*.cfg", "*.ini", "*pylintrc", "*.flake8")
SECONDS = 600.0
OURS = "only incremental"


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
            lines = [it for it in result.stderr.splitlines() if it.startswith(b"\x01>")]
            # A file is named before its tree is built, and before it is walked.
            self.judged += len(lines) - len({it.partition(b" ")[2] for it in lines})
        return result


@dataclass
class Commit:
    """What one commit took, in seconds, and where the two disagree.

    Attributes:
        noise: where they disagree, and so do two plain runs that are started in other ways.
    """

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
    noise: list[str] = field(default_factory=list)


class Replay:
    """One replay.

    Attributes:
        names: of the tools that are compared.
        kept: a folder for what fresh runs said, for the next replay; None: nowhere.
    """

    def __init__(
        self,
        repository: Path,
        folder: Path,
        tools: ToolEnvironment,
        names: Sequence[str],
        kept: Path | None,
    ) -> None:
        self._repository = repository
        self._names = names
        self._jobs = folder / "jobs"
        self._tools = tools
        self._kept = kept
        self._memory = a_memory(folder / "memories")

    async def run(self, sha: str, sandbox: Sandbox, *, parallel: bool) -> Commit:
        """Lint one commit both ways."""
        counting = Counting(sandbox)
        linter = Linter(sandbox=counting, versions=self._tools.versions, python_version="3")
        with laid_out(self._repository, sha, self._jobs) as checkout:
            start = time.perf_counter()
            only = self._names if self._names != TOOLS else ()
            found = await _lint(linter, checkout, self._memory, only)
            wall = time.perf_counter() - start
            said = [spell(it) for it in found if it.tool in self._names]
            fresh, cpu = await asyncio.to_thread(self._afresh, sha, checkout)
            commit = Commit(
                sha=sha,
                files=sum(path.endswith(".py") for path in checkout.files),
                judged=counting.judged,
                findings=len(fresh),
                incremental=sum(counting.cpu[it] for it in self._names if it != UNTIMED),
                fresh=cpu,
                wall=wall,
                peak_bytes=counting.peak_bytes,
            )
            differing = _differ(said, fresh)
            if differing:
                ways = await asyncio.to_thread(self._other_ways, checkout)
                for what, key in differing:
                    noise = _is_noise(what, key, ways)
                    (commit.noise if noise else commit.differing).append(f"{what}: {key}")
            if parallel:
                commit.parallel_wall = await asyncio.to_thread(time_parallel, checkout, self._tools)
        return commit

    def _other_ways(self, checkout: Checkout) -> list[set[Key]]:
        """Return what pylint says, started in other ways."""
        runs = (lint_afresh(checkout, self._tools, way, ("pylint",)) for way in OTHER_WAYS)
        return [set(keys) for keys, _ in runs]

    def _afresh(self, sha: str, checkout: Checkout) -> tuple[list[Key], float]:
        versions = "-".join(f"{tool}{self._tools.versions[tool]}" for tool in self._names)
        name = f"{sha}-{versions}.json"  # other tools say other things
        file = self._kept / name if self._kept else None
        if file is not None and file.exists():
            keys, seconds = json.loads(file.read_text())
            return [tuple(key) for key in keys], seconds
        keys, seconds = lint_afresh(checkout, self._tools, Way(), self._names)
        if file is not None:
            file.write_text(json.dumps([keys, seconds]))
        return keys, seconds


async def _lint(
    linter: Linter, checkout: Checkout, memory: Memory | None, only: Sequence[str]
) -> Sequence[Finding]:
    result = await linter.lint_tree(checkout, SECONDS, memory=memory, only=only)
    for report in result.tools:
        if report.partial:
            print(f"  {report.where}: {report.outcome} {report.reason} {report.failed_files}")
    return result.findings


def _differ(said: list[Key], fresh: list[Key]) -> list[tuple[str, Key]]:
    ours, theirs = Counter(said), Counter(fresh)
    only = [(OURS, key) for key in (ours - theirs).elements()]
    return only + [("only fresh", key) for key in (theirs - ours).elements()]


def _is_noise(what: str, key: Key, ways: Sequence[set[Key]]) -> bool:
    """Tell whether plain pylint itself says the other thing when it is started in another way."""
    return key[0] == "pylint" and any((key in said) == (what == OURS) for said in ways)


def report(name: str, commits: Sequence[Commit]) -> None:
    """Print the table; the first commit, from nothing, stands apart."""
    first, rest = commits[0], commits[1:]
    ratios = sorted(it.fresh / max(it.incremental, 0.001) for it in rest)
    total = sum(it.fresh for it in rest) / max(sum(it.incremental for it in rest), 0.001)
    walls = [it.parallel_wall / it.wall for it in rest if it.parallel_wall]
    print(f"\n{name}: {len(commits)} commits, {first.files} to {rest[-1].files} Python files")
    findings = sum(it.findings for it in commits)
    print(f"findings compared {findings:,}, mismatching {sum(len(it.differing) for it in commits)}")
    noise = sum(len(it.noise) for it in commits)
    print(f"differing, but plain pylint differs there from itself: {noise}")
    judged = sorted(it.judged for it in rest)
    print(f"files walked by pylint: median {statistics.median(judged)}, most {judged[-1]}")
    print(
        f"CPU of all but ruff, fresh / incremental: median {statistics.median(ratios):.1f}, "
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
        replay = Replay(repository, folder, tools, tuple(options.tools), options.keep)
        await until_warm()
        for number, sha in enumerate(choose_commits(repository, options.number, options.until)):
            timed = bool(options.parallel_every) and number % options.parallel_every == 0
            commit = await replay.run(sha, sandbox, parallel=timed)
            commits.append(commit)
            print(
                f"{sha[:8]} files {commit.files} walked {commit.judged} findings {commit.findings} "
                f"CPU {commit.incremental:.2f} fresh {commit.fresh:.2f} "
                f"mismatching {len(commit.differing)}",
                *commit.differing[: options.show],
                *(f"plain pylint's own: {it}" for it in commit.noise[: options.show]),
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
    parser.add_argument("--tools", nargs="+", default=TOOLS, help="such as mypy")
    parser.add_argument("--until", default="HEAD", help="the last commit")
    parser.add_argument("--keep", type=Path, help="keep what fresh runs say here, and use it")
    parser.add_argument("--parallel-every", type=int, default=0, help="time -j2 each so many")
    parser.add_argument("--show", type=int, default=5, help="mismatches to print of a commit")
    raise SystemExit(asyncio.run(main(parser.parse_args())))
