"""What is remembered changes no finding, whoever wrote it; in the real sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lintbot.model.findings import Finding
from lintbot.model.ids import RepositoryId
from lintbot.model.memory import choose_lines
from lintbot.pipeline.lint import Linter
from lintbot.ports import Checkout, Memory, Sandbox, SandboxJob, SandboxResult
from lintbot.sandbox import LayeredSandbox
from lintbot.store.memories import MemoryLimits, StoredMemories
from tests.hostile.conftest import OpenSandbox

pytestmark = pytest.mark.timeout(300)

Files = dict[str, str]
FRUITS = ("apple", "banana", "cherry", "date", "elder")
NAMES = "".join(f"    {name} = {name!r}\n" for name in FRUITS)
TREE: Files = {
    "pkg/__init__.py": '"""A package."""\n',
    "pkg/base.py": '"""Base."""\n\n\nclass Base:\n    """A base."""\n\n'
    '    def run(self, one):\n        """Run."""\n        return one\n',
    "pkg/child.py": '"""Child."""\nfrom .base import Base\n\n\nclass Child(Base):\n'
    '    """A child."""\n'
    '\n    def run(self, one):\n        """Run."""\n        return self.colour + one\n',
    "pkg/left.py": f'"""Left."""\nfrom . import right\n\n\ndef left():\n    """Go."""\n{NAMES}'
    "    return right\n",
    "pkg/right.py": f'"""Right."""\nfrom . import left\n\n\ndef right():\n    """Go."""\n{NAMES}'
    "    return left\n",
    "pkg/loop.py": '"""Loop."""\nimport conf\n',
    "one/conf.py": '"""One."""\nimport pkg.loop\n',
    "two/conf.py": '"""Two."""\nimport pkg.loop\n',
    "top.py": '"""Top."""\nimport helper\nfrom pkg.child import Child\n\n'
    "print(helper.paint(Child()), helper.missing)\n",
}
STEPS: dict[str, Files] = {
    "the same again": {},
    "a line that nobody looks at": {"pkg/base.py": TREE["pkg/base.py"] + "\n# more\n"},
    "a signature changes": {"pkg/base.py": TREE["pkg/base.py"].replace("one", "one, two")},
    "an attribute is set from elsewhere": {
        "pkg/paint.py": '"""Paint."""\nfrom . import base\n\nbase.Base.colour = 1\n'
    },
    "and no longer": {"pkg/paint.py": ""},
    "what was missing is there": {"helper.py": '"""Help."""\n\n\ndef paint():\n    """Paint."""\n'},
    "two modules part": {"pkg/left.py": TREE["pkg/left.py"].replace("from . import", "# from")},
    "a namesake is in no cycle any more": {"one/conf.py": '"""One."""\n'},
    "and are no longer alike": {"pkg/left.py": '"""Left."""\n'},
    "a module breaks": {"pkg/base.py": "class Base(:\n"},
    "and is mended": {"pkg/base.py": TREE["pkg/base.py"]},
    "other settings": {"setup.cfg": "[flake8]\nignore = E302\n[pylint.main]\ndisable = C0114\n"},
    "a module becomes a package": {"helper.py": "", "helper/__init__.py": '"""New."""\n'},
}


class Counting:
    """Runs jobs, and counts files that each linter judged."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.judged: dict[str, int] = {}

    async def run(self, job: SandboxJob) -> SandboxResult:
        result = await self._sandbox.run(job)
        begun = result.stderr.count(b"\x01>")
        parsed = len([word for word in job.argv if word.endswith(".py")])  # pylint reads them all
        self.judged[job.argv[0]] = begun - parsed
        return result


@pytest.fixture
async def sandbox(open_sandbox: OpenSandbox) -> AsyncIterator[LayeredSandbox]:
    async with open_sandbox("auto", warm=True) as started:
        yield started


@pytest.fixture
def memories(tmp_path: Path) -> StoredMemories:
    return StoredMemories(folder=tmp_path, limits=MemoryLimits())


def write(root: Path, files: Files) -> Checkout:
    """Write files; an empty one is removed."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        path.write_text(text)
        if not text:
            path.unlink()
    found = sorted(str(it.relative_to(root)) for it in root.rglob("*") if it.is_file())
    return Checkout(root=root, files=tuple(found))


async def lint(sandbox: Sandbox, checkout: Checkout, memory: Memory | None) -> tuple[Finding, ...]:
    linter = Linter(sandbox=sandbox, versions={}, python_version="3")
    return (await linter.lint_tree(checkout, 100, memory=memory)).findings


async def test_every_commit_has_the_findings_of_a_fresh_run(
    sandbox: LayeredSandbox, checkout: Path, memories: StoredMemories
):
    counting = Counting(sandbox)
    memory = memories.open(RepositoryId(1), choose_lines("main", "main", fresh=False))
    await lint(counting, write(checkout, TREE), memory)
    assert counting.judged == {"pylint": 9, "flake8": 9, "ruff": 0}
    judged, differing, seen = {}, [], set()
    for step, files in STEPS.items():
        laid_out = write(checkout, files)
        found = await lint(counting, laid_out, memory)
        judged[step] = (counting.judged["pylint"], counting.judged["flake8"])
        seen |= {finding.code for finding in found}
        if found != await lint(sandbox, laid_out, None):
            differing.append(step)
    assert differing == []
    assert judged["the same again"] == (0, 0)
    assert judged["a line that nobody looks at"] == (1, 1)
    await _check_damaged(sandbox, write(checkout, {}), memory, memories.folder)
    assert {"E1101", "W0221", "R0401", "R0801", "E0401", "E0001"} <= seen


async def _check_damaged(
    sandbox: Sandbox, laid_out: Checkout, memory: Memory | None, folder: Path
) -> None:
    truth = await lint(sandbox, laid_out, None)
    for damage in (lambda _: b"x" * 1000, lambda whole: whole[: len(whole) // 2]):
        for path in folder.iterdir():
            path.write_bytes(damage(path.read_bytes()))
        assert await lint(sandbox, laid_out, memory) == truth


LIE = (
    "import os, zlib; os.write(4, zlib.compress(b'{}')); "
    "os.write(1, b'{\\n\"messages\": []}'); os._exit(0)"
)


async def test_a_forks_lie_and_another_repositorys_are_not_believed(
    sandbox: LayeredSandbox, checkout: Path, memories: StoredMemories
):
    main = choose_lines("main", "main", fresh=False)
    truth = await lint(sandbox, write(checkout, TREE), None)
    await lint(sandbox, write(checkout, {}), memories.open(RepositoryId(1), main))
    kept = {path.name: path.read_bytes() for path in memories.folder.iterdir()}
    write(checkout, {"pylintrc": f"[MAIN]\ninit-hook={LIE}\n"})
    fork = memories.open(RepositoryId(1), choose_lines("refs/pull/1/head", "main", fresh=False))
    assert await lint(sandbox, write(checkout, {}), fork) != truth
    assert {path.name: path.read_bytes() for path in memories.folder.iterdir()} == kept
    await lint(sandbox, write(checkout, {}), memories.open(RepositoryId(2), main))
    found = await lint(
        sandbox, write(checkout, {"pylintrc": ""}), memories.open(RepositoryId(1), main)
    )
    assert found == truth
