"""Trees that are linted again and again, in a sandbox that counts."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from lintbot.model.findings import Finding
from lintbot.model.ids import RepositoryId
from lintbot.model.memory import choose_lines
from lintbot.pipeline.lint import Linter
from lintbot.ports import Checkout, Memory, Sandbox, SandboxJob, SandboxResult
from lintbot.store.memories import MemoryLimits, StoredMemories

Files = dict[str, str]


class Counting:
    """Runs jobs, and counts files that each linter judged, and trees that pylint built."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.judged: dict[str, int] = {}
        self.built = self.runs = 0

    async def run(self, job: SandboxJob) -> SandboxResult:
        result = await self._sandbox.run(job)
        lines = [line for line in result.stderr.splitlines() if line.startswith(b"\x01>")]
        built = {line.partition(b" ")[2] for line in lines}
        self.judged[job.argv[0]] = len(lines)
        # The tools end in any order, and only pylint builds trees.
        if job.argv[0] == "pylint":
            self.judged["pylint"] -= len(built)
            self.built, self.runs = len(built), self.runs + 1
        return result


def write(root: Path, files: Files) -> Checkout:
    """Write files; an empty one is removed."""
    root.mkdir(mode=0o755, exist_ok=True)
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        path.write_text(text)
        if not text:
            path.unlink()
    found = sorted(str(it.relative_to(root)) for it in root.rglob("*") if it.is_file())
    return Checkout(root=root, files=tuple(found))


def open_memory(folder: Path) -> Memory | None:
    """Return the memory of a main branch in a new folder."""
    folder.mkdir()
    stored = StoredMemories(folder=folder, limits=MemoryLimits())
    return stored.open(RepositoryId(1), choose_lines("main", "main", fresh=False))


async def lint(
    sandbox: Sandbox, checkout: Checkout, memory: Memory | None, *, only: Collection[str] = ()
) -> tuple[Finding, ...]:
    linter = Linter(sandbox=sandbox, versions={}, python_version="3")
    return (await linter.lint_tree(checkout, 100, memory=memory, only=only)).findings
