"""What mypy remembers changes no finding, whoever wrote it; in the real sandbox."""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lintbot.model.findings import Finding
from lintbot.model.ids import RepositoryId
from lintbot.model.memory import choose_lines
from lintbot.pipeline.lint import Linter
from lintbot.ports import PLAIN, Checkout, Memory, Profile, Sandbox, SandboxJob, SandboxResult
from lintbot.sandbox import LayeredSandbox
from lintbot.store.memories import MemoryLimits, StoredMemories
from tests.hostile.conftest import OpenSandbox
from tests.hostile.remembering import Files, write

pytestmark = pytest.mark.timeout(300)

PART = "mypy "
TREE: Files = {
    "mypy.ini": "[mypy]\nfiles = pkg, top.py\nstrict = True\n",
    "pkg/__init__.py": "# A package.\n",
    "pkg/base.py": "class Base:\n    def run(self, one: int) -> int:\n        return one\n",
    "pkg/child.py": "from .base import Base\n\n\nclass Child(Base):\n"
    "    def run(self, one: int) -> str:\n        return 'a'\n",
    "pkg/left.py": "from . import right\n\n\ndef left() -> int:\n    return right.right()\n",
    "pkg/right.py": "from . import left\n\n\ndef right() -> int:\n    return left.left()\n",
    "pkg/alone.py": "X: int = 1\nY: str = ''\n",
    "top.py": "import helper\nfrom pkg.child import Child\n\nprint(Child().run(1).nothing)\n",
}
STEPS: dict[str, Files] = {
    "the same again": {},
    "another type below": {"pkg/base.py": TREE["pkg/base.py"].replace("int", "str")},
    "in a circle": {"pkg/left.py": TREE["pkg/left.py"].replace("-> int", "-> str")},
    "a module that was missing": {"helper.py": "def help_me(x):\n    return x\n"},
    "an error only here": {"pkg/alone.py": "X: str = 1\nY: str = ''\n"},
    "which is mended again": {"pkg/alone.py": TREE["pkg/alone.py"]},
    "a module goes": {"pkg/base.py": ""},
    "it is a folder now": {"pkg/base/__init__.py": TREE["pkg/base.py"]},
    "typed from outside": {"pkg/child.pyi": "class Child:\n    nothing: int\n"},
    "no longer": {"pkg/child.pyi": ""},
    "nobody can read it": {"pkg/alone.py": "def (:\n"},
    "one can": {"pkg/alone.py": TREE["pkg/alone.py"]},
    "for an older Python": {"mypy.ini": TREE["mypy.ini"] + "python_version = 3.10\n"},
    "less strict": {"mypy.ini": "[mypy]\nfiles = pkg, top.py\n"},
    "one module is not checked": {
        "mypy.ini": "[mypy]\nfiles = pkg, top.py\n[mypy-pkg.child]\nignore_errors = True\n"
    },
    "there is nothing": {"mypy.ini": "[mypy]\nfiles = nowhere\n"},
    "by several at once": {"mypy.ini": TREE["mypy.ini"] + "num_workers = 2\n"},
    "strict as in the beginning": {"mypy.ini": TREE["mypy.ini"]},
}


class Listening:
    """Runs jobs, and keeps what mypy's ended with.

    Attributes:
        ends: exit status, and how many bytes it was given and left.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.ends: list[tuple[int | None, int, int]] = []

    async def run(self, job: SandboxJob) -> SandboxResult:
        result = await self._sandbox.run(job)
        given = sum(map(len, job.memory or ()))
        self.ends.append((result.exit_code, given, len(result.memory)))
        return result


@pytest.fixture
async def sandbox(open_sandbox: OpenSandbox) -> AsyncIterator[LayeredSandbox]:
    async with open_sandbox("auto") as started:
        yield started


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    stored = StoredMemories(folder=tmp_path, limits=MemoryLimits())
    memory = stored.open(RepositoryId(1), choose_lines("main", "main", fresh=False))
    assert memory is not None
    return memory


async def lint(sandbox: Sandbox, checkout: Checkout, memory: Memory | None) -> tuple[Finding, ...]:
    linter = Linter(sandbox=sandbox, versions={}, python_version="3")
    result = await linter.lint_tree(checkout, 100, memory=memory, only=("mypy",))
    assert len(result.tools) == 1
    return result.findings


def list_written(memory: Memory) -> dict[str, float]:
    """Return when mypy wrote down each module."""
    with sqlite3.connect(":memory:") as database:
        database.deserialize(_image(memory.recall(PART)))
        rows = database.execute("SELECT path, mtime FROM files2 WHERE path LIKE '%.meta_ex.ff'")
        return dict(rows.fetchall())


def _image(left: bytes) -> bytes:
    return zlib.decompress(left.partition(b"\n")[2])


async def test_every_commit_has_the_findings_of_a_fresh_run(
    sandbox: LayeredSandbox, checkout: Path, memory: Memory
):
    listening = Listening(sandbox)
    await lint(listening, write(checkout, TREE), memory)
    differing, seen = [], set()
    for step, files in STEPS.items():
        laid_out = write(checkout, files)
        found = await lint(listening, laid_out, memory)
        seen |= {(it.path, it.code) for it in found}
        if found != await lint(sandbox, laid_out, None):
            differing.append(step)
    assert differing == []
    assert {("pkg/child.py", "override"), ("pkg/left.py", "return-value")} <= seen
    assert {("pkg/alone.py", "syntax"), ("top.py", "attr-defined")} <= seen
    plain = [number for number, (code, *_) in enumerate(listening.ends) if code == PLAIN]
    assert len(plain) == 2, "a file that nobody can read, and one that is not there"


MOVED: Files = {
    "mypy.ini": "[mypy]\nfiles = .\n",
    "scripts/tool.py": "x: int = ''\n",
    "pkg/__init__.py": "# A package.\n",
    "pkg/a.py": "y: int = ''\n",
}


async def test_what_was_found_in_a_file_that_moved_is_told_of_its_new_place(
    sandbox: LayeredSandbox, checkout: Path, memory: Memory
):
    before = {it.path for it in await lint(sandbox, write(checkout, MOVED), memory)}
    assert before == {"scripts/tool.py", "pkg/a.py"}
    moved = {
        **{name: "" for name in MOVED if name != "mypy.ini"},
        "tools/tool.py": MOVED["scripts/tool.py"],
        "src/pkg/__init__.py": MOVED["pkg/__init__.py"],
        "src/pkg/a.py": MOVED["pkg/a.py"],
    }
    laid_out = write(checkout, moved)
    (checkout / "pkg").rmdir()
    found = await lint(sandbox, laid_out, memory)
    assert {it.path for it in found} <= {"tools/tool.py", "src/pkg/a.py"}
    assert found == await lint(sandbox, laid_out, None)
    assert found


async def test_what_did_not_change_is_not_checked_again(
    sandbox: LayeredSandbox, checkout: Path, memory: Memory
):
    await lint(sandbox, write(checkout, TREE), memory)
    before = list_written(memory)
    changed = {"pkg/base.py": TREE["pkg/base.py"].replace("int", "str")}
    await lint(sandbox, write(checkout, changed), memory)
    after = list_written(memory)
    written = {path for path in after if after[path] != before[path]}
    names = {path.rpartition("/")[2].partition(".")[0] for path in written}
    assert names == {"base", "child", "top"}
    assert len(after) > 20  # the standard library's


async def test_what_is_no_longer_asked_for_is_forgotten(
    sandbox: LayeredSandbox, checkout: Path, memory: Memory
):
    await lint(sandbox, write(checkout, TREE | {"top.py": "import decimal\n"}), memory)
    assert any("decimal" in path for path in list_written(memory))
    await lint(sandbox, write(checkout, {"top.py": "import math\n"}), memory)
    assert not any("decimal" in path for path in list_written(memory))


async def test_neither_its_size_nor_its_time_says_that_a_file_is_the_same(
    sandbox: LayeredSandbox, checkout: Path, memory: Memory
):
    await lint(sandbox, write(checkout, TREE), memory)
    path = checkout / "pkg/alone.py"
    before = path.stat()
    changed = write(checkout, {"pkg/alone.py": TREE["pkg/alone.py"].replace("int = 1", "str = 1")})
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    found = await lint(sandbox, changed, memory)
    assert "assignment" in {it.code for it in found if it.path == "pkg/alone.py"}


async def test_what_is_damaged_is_not_believed(
    sandbox: LayeredSandbox, checkout: Path, memory: Memory
):
    laid_out = write(checkout, TREE)
    truth = await lint(sandbox, laid_out, None)
    await lint(sandbox, laid_out, memory)
    whole = memory.recall(PART)
    header, _, packed = whole.partition(b"\n")
    image = zlib.decompress(packed)

    def packed_again(image: bytes) -> bytes:
        return header + b"\n" + zlib.compress(image)

    for number, damaged in enumerate(
        (
            b"x" * 1000,
            whole[: len(whole) // 2],
            b"0" * len(header) + b"\n" + packed,
            packed_again(image[: len(image) // 2]),
            packed_again(image[:8192] + b"\xff" * (len(image) - 8192)),
            packed_again(_spoil(image, "UPDATE files2 SET data = x'00'")),
            packed_again(_spoil(image, "UPDATE files2 SET data = 'a'")),
            packed_again(_spoil(image, "UPDATE files2 SET data = substr(data, 1, 40)")),
            packed_again(_spoil(image, "ALTER TABLE files2 DROP COLUMN mtime")),
        )
    ):
        memory.keep(PART, damaged)
        assert await lint(sandbox, laid_out, memory) == truth, number
        assert len(memory.recall(PART)) > 10_000, number


def _spoil(image: bytes, how: str) -> bytes:
    with sqlite3.connect(":memory:") as database:
        database.deserialize(image)
        database.execute(how)
        database.commit()
        return database.serialize()


@pytest.mark.parametrize(
    "config",
    [
        TREE["mypy.ini"] + "plugins = ./plugin.py\n",
        TREE["mypy.ini"] + "skip_version_check = True\n",
        "[mypy]\nfiles = pkg\nmypy_path = :::\npackage_root = x\n",
    ],
    ids=["a plugin", "checks left out", "another root"],
)
async def test_a_plain_run_where_nothing_can_be_remembered(
    sandbox: LayeredSandbox, checkout: Path, memory: Memory, config: str
):
    plugin = (
        "from mypy.plugin import Plugin\n\n\ndef plugin(version: str) -> type[Plugin]:\n"
        "    return Plugin\n"
    )
    laid_out = write(checkout, TREE | {"plugin.py": plugin, "mypy.ini": config})
    linter = Linter(sandbox=sandbox, versions={}, python_version="3")
    runs = [
        await linter.lint_tree(laid_out, 100, memory=it, only=("mypy",)) for it in (memory, None)
    ]
    assert runs[0].findings == runs[1].findings
    assert runs[0].tools == runs[1].tools
    assert memory.recall(PART) == b""
    job = SandboxJob(
        argv=("mypy", "--cache-dir=/dev/null"),
        root=checkout,
        timeout_seconds=60,
        profile=Profile.THREADS,
        memory=(),
    )
    in_process = await sandbox.run(job)
    assert (in_process.exit_code, in_process.stdout, in_process.stderr) == (PLAIN, b"", b"")
