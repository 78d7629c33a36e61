"""Files that crash, never end or take the linter with them lose only their own results.

In the real sandbox, whose job server watches pylint and flake8 file by file.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from lintbot.model.lint import LintResult, ToolOutcome
from lintbot.pipeline import progress
from lintbot.pipeline.lint import Linter
from lintbot.pipeline.progress import read_progress
from lintbot.ports import Profile
from lintbot.sandbox import LayeredSandbox, Limits, make_sandbox
from lintbot.sandbox.jail import watch
from lintbot.sandbox.limits import MIB
from tests.support.trees import a_checkout

pytestmark = pytest.mark.asyncio(loop_scope="module")

GOOD: dict[str, str | bytes] = {f"good{number}.py": "import os\n" for number in range(4)}
ACTIONS = {
    "kill.py": "os.kill(os.getpid(), 9)",
    "leave.py": "os._exit(3)",
    "loop.py": "while True: pass",
    "error.py": "1 / 0",
}
"""What plugins do on the files of these names."""
PYLINT_PLUGIN = """\
import os
from pylint.checkers import BaseChecker
class Hostile(BaseChecker):
    name = "hostile"
    msgs = {"W9901": ("said", "said", "said")}
    def visit_module(self, node):
        exec(ACTIONS.get(os.path.basename(node.file), ""))
def register(linter):
    linter.register_checker(Hostile(linter))
"""
FLAKE8_PLUGIN = """\
import os
class Hostile:
    name, version = "hostile", "1"
    def __init__(self, tree, filename):
        self.filename = filename
    def run(self):
        exec(ACTIONS.get(os.path.basename(self.filename), ""))
        return iter(())
"""


class LittleTime(Limits):
    """So that an endless file costs the tests little: half of this is given to one file."""

    def cpu_seconds(self, timeout_seconds: float, profile: Profile) -> int:
        return min(super().cpu_seconds(timeout_seconds, profile), 3)


@dataclass(frozen=True)
class Place:
    """A sandbox, and where its checkouts lie."""

    sandbox: LayeredSandbox
    jobs: Path

    async def lint(self, name: str, files: dict[str, str | bytes]) -> LintResult:
        linter = Linter(
            sandbox=self.sandbox, versions=self.sandbox.tool_versions, python_version="3.11"
        )
        return await linter.lint_tree(a_checkout(self.jobs / name, files), 60)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    folder = tmp_path_factory.mktemp("robust")
    sandbox = make_sandbox(
        mode="none",
        jobs_root=folder / "jobs",
        tools_root=folder / "tools",
        limits=LittleTime(memory_bytes=1024 * MIB),
    )
    await sandbox.start()
    yield Place(sandbox, folder / "jobs")
    await sandbox.aclose()


def check(result: LintResult, tool: str, lost: set[str], found: str) -> str:
    """Check that a tool lost just these files; return what it says of them."""
    report = next(it for it in result.tools if it.tool == tool)
    assert (report.outcome, set(report.failed_files)) == (ToolOutcome.OK, lost)
    judged = {f.path for f in result.findings if f.tool == tool and f.code == found}
    assert set(GOOD) <= judged
    return "\n".join(report.notices)


async def test_files_that_break_the_linters(place: Place):
    result = await place.lint(
        "broken",
        {
            **GOOD,
            "calls.py": "x = a" + "()" * 20_000 + "\n",
            "dots.py": "x = a" + ".b" * 20_000 + "\n",
            "elif.py": "if x: pass\n" + "elif x: pass\n" * 3_000,
            "parentheses.py": "(" * 5_000 + ")" * 5_000 + "\n",
            "sum.py": "x = " + "+".join(["1"] * 50_000) + "\n",
        },
    )
    deep = {"calls.py", "dots.py", "elif.py", "sum.py"}
    assert "calls.py: RecursionError" in check(result, "pylint", deep, "W0611")
    assert "calls.py: RecursionError" in check(result, "flake8", deep, "F401")
    told = {f.path for f in result.findings if f.code in {"E0001", "E999"}}
    assert told == {"parentheses.py"}


async def test_a_file_that_takes_mypy_with_it(place: Place):
    settings = "[tool.mypy]\n[tool.lintbot.tools]\npylint = false\nflake8 = false\n"
    good = dict.fromkeys(GOOD, "x: int = ''\n")
    result = await place.lint(
        "mypy",
        {**good, "sum.py": "x = " + "+".join(["1"] * 50_000) + "\n", "pyproject.toml": settings},
    )
    assert "sum.py: was stopped" in check(result, "mypy", {"sum.py"}, "assignment")


async def test_plugins_of_pylint_that_break_it_on_some_files(place: Place):
    rc = "[MAIN]\ninit-hook='import sys; sys.path.insert(0, \".\")'\nload-plugins=hostile\n"
    plugin = {"pylintrc": rc, "hostile.py": f"ACTIONS = {ACTIONS}\n{PYLINT_PLUGIN}"}
    files = {**GOOD, **plugin, **dict.fromkeys(ACTIONS, "import os\n")}
    said = check(await place.lint("pylint", {**files}), "pylint", set(ACTIONS), "W0611")
    for words in ("error.py: ZeroDivisionError", "kill.py: was stopped", "leave.py: crashed"):
        assert words in said
    assert "loop.py: TooLongError" in said


async def test_plugins_of_flake8_that_break_it_on_some_files(place: Place):
    actions = {name: ACTIONS[name] for name in ("error.py", "loop.py")}
    config = "[flake8:local-plugins]\nextension =\n  X = hostile:Hostile\npaths = .\n"
    plugin = {".flake8": config, "hostile.py": f"ACTIONS = {actions}\n{FLAKE8_PLUGIN}"}
    files = {**GOOD, **plugin, **dict.fromkeys(actions, "import os\n")}
    said = check(await place.lint("flake8", {**files}), "flake8", set(actions), "F401")
    assert "error.py: ZeroDivisionError" in said
    assert "loop.py: TooLongError" in said


async def test_a_flooded_file_leaves_room_for_the_others(place: Place):
    flood = "X = [" + "0," * 9_000 + "]\n"
    settings = "[tool.lintbot.tools]\npylint = false\n"
    result = await place.lint("flood", {**GOOD, "a.py": flood, "pyproject.toml": settings})
    assert "9,000 things of a.py; 5,000 are kept" in check(result, "flake8", set(), "F401")


@pytest.mark.parametrize(
    ("text", "words", "last", "given_up"),
    [
        ("\x01>1.5 a.py\nhello\n", "hello\n", ("a.py", 1.5), {}),
        ("\x01>1.5 a.py\n\x01<\n", "", ("", 1.5), {}),
        ("\x01!a.py\tE: x\ty\n\x01>2 b c.py", "", ("b c.py", 2.0), {"a.py": "E: x\ty"}),
        ("x \x01>1 a.py\n\x01?\n", "x \x01>1 a.py\n\x01?\n", ("", 0.0), {}),
        ("\x01>1e9 a.py", "", ("a.py", 0.0), {}),
    ],
)
async def test_what_a_watched_linter_tells(
    text: str, words: str, last: tuple[str, float], given_up: dict[str, str]
):
    told = read_progress(text)
    assert (told.words, (told.last, told.began_at), told.given_up) == (words, last, given_up)


async def test_both_sides_know_the_same_marks():
    for name in ("BEGINS", "ENDS", "GIVEN_UP"):
        assert getattr(progress, name) == getattr(watch, name)
