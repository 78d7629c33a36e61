"""What the neutral profile costs, and what it says: ``python benchmarks/neutral.py FOLDER…``."""

from __future__ import annotations

import asyncio
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from lintbot.pipeline.neutral import COMMAND, read_profile
from lintbot.pipeline.score import count_code_lines
from lintbot.pipeline.sources import read_lines
from lintbot.ports import Profile, SandboxJob
from lintbot.sandbox import LayeredSandbox, make_sandbox

TIMES = 5


def copy(source: Path, target: Path) -> tuple[int, int]:
    """Copy the Python files; return how many they are, and their lines of code."""
    lines = 0
    paths = sorted(path for path in source.rglob("*.py") if path.is_file())
    for path in paths:
        copied = target / path.relative_to(source)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copied)
        copied.chmod(0o644)
        lines += count_code_lines(read_lines(path))
    for folder in (target, *(path for path in target.rglob("*") if path.is_dir())):
        folder.chmod(0o755)
    return len(paths), lines


async def measure(sandbox: LayeredSandbox, root: Path, code_lines: int) -> str:
    """Return medians of wall clock and processor time, and the profile."""
    job = SandboxJob(argv=COMMAND, root=root, timeout_seconds=60, profile=Profile.THREADS)
    walls, cpus = [], []
    for _ in range(TIMES):
        start = time.perf_counter()
        result = await sandbox.run(job)
        walls.append(time.perf_counter() - start)
        cpus.append(result.cpu_seconds)
    version = sandbox.tool_versions["ruff"]
    profile = read_profile(result.stdout.decode(), ruff_version=version, code_lines=code_lines)
    if profile is None:
        return "no profile"
    rate = profile.per_thousand_lines(profile.findings)
    cost = f"{statistics.median(walls):.3f} | {statistics.median(cpus):.3f}"
    return f"{cost} | {profile.findings} | {rate:.2f} | {profile.score}"


async def main(folders: list[str]) -> None:
    """Measure each folder and print a table."""
    place = Path(tempfile.mkdtemp(prefix="lintbot-bench-")).resolve()
    place.chmod(0o755)
    sandbox = make_sandbox(mode="auto", jobs_root=place / "jobs", tools_root=place / "tools")
    try:
        await sandbox.start()
        print("| folder | files | lines of code | wall s | CPU s | findings | in 1,000 | score |")
        print("|---|---|---|---|---|---|---|---|")
        for number, folder in enumerate(folders):
            root = place / "jobs" / str(number)
            files, lines = copy(Path(folder), root)
            size = f"{Path(folder).resolve().name} | {files} | {lines:,}"
            print(f"| {size} | {await measure(sandbox, root, lines)} |")
    finally:
        await sandbox.aclose()
        shutil.rmtree(place)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
