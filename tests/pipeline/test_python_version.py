"""The Python that a project declares, as the real tools judge for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from mypy.defaults import PYTHON3_VERSION_MIN

from lintbot.pipeline.lint import Linter
from lintbot.pipeline.tools.config_files import ConfigFiles
from lintbot.pipeline.tools.mypy import MYPY, OLDEST_PYTHON
from lintbot.pipeline.tools.pylint import PYLINT
from lintbot.pipeline.tools.python_version import find_python
from tests.support.plain_sandbox import PlainSandbox
from tests.support.trees import a_checkout

PROJECT = "[project]\nrequires-python = '{}'\n"
POETRY = "[tool.poetry.dependencies]\npython = '{}'\n"


@pytest.mark.parametrize(
    ("text", "oldest"),
    [
        (PROJECT.format(">=3.9"), (3, 9)),
        (PROJECT.format(">=3.8.1,<4"), (3, 8)),
        (PROJECT.format("~=3.10"), (3, 10)),
        (PROJECT.format("==3.12.*"), (3, 12)),
        (PROJECT.format(">3.9"), (3, 9)),
        (PROJECT.format(">=2.7, !=3.0.*"), (2, 7)),
        (PROJECT.format("<3.12"), (2, 6)),
        (PROJECT.format(">=9"), None),
        (PROJECT.format("three"), None),
        (PROJECT.format(">=3.9" + "," * 300), None),
        ("[project]\nrequires-python = 3.9\n", None),
        ("project = 1\n", None),
        (POETRY.format("^3.9"), (3, 9)),
        (POETRY.format("~3.10"), (3, 10)),
        (POETRY.format(">=3.11,<3.13"), (3, 11)),
        ("[tool]\npoetry = 1\n", None),
        ("[", None),
    ],
)
def test_the_oldest_python_that_a_project_runs_on(text: str, oldest: tuple[int, int] | None):
    assert find_python("", ConfigFiles({"pyproject.toml": text.encode()})) == oldest


def test_the_nearest_project_declares_it():
    texts = {
        "setup.cfg": "[options]\npython_requires = >=3.8\n",
        "a/pyproject.toml": PROJECT.format(">=3.12"),
        "b/setup.cfg": "[metadata]\n",
    }
    files = ConfigFiles({path: text.encode() for path, text in texts.items()})
    assert [find_python(it, files) for it in ("", "a/x", "b")] == [(3, 8), (3, 12), (3, 8)]


def test_what_a_tool_reads_by_itself_is_not_said_twice():
    texts = {
        "pyproject.toml": PROJECT.format(">=3.8") + "[tool.mypy]\n",
        "a/pyproject.toml": "[tool.mypy]\npython_version = '3.12'\n"
        "[tool.pylint.main]\npy-version = '3.12'\n",
    }
    files = ConfigFiles({path: text.encode() for path, text in texts.items()})
    assert [PYLINT.python(it, files) for it in ("", "a")] == [(3, 8), None]
    assert [MYPY.python(it, files) for it in ("", "a")] == [OLDEST_PYTHON, None]
    assert OLDEST_PYTHON == PYTHON3_VERSION_MIN
    assert MYPY.python("", ConfigFiles({})) is None


@pytest.mark.parametrize(("declared", "told"), [(">=3.8", True), (">=3.11", False)])
async def test_pylint_mypy_and_ruff_judge_for_it(tmp_path: Path, declared: str, *, told: bool):
    linter = Linter(sandbox=PlainSandbox(), versions={"pylint": "4"}, python_version="3.11")
    files: dict[str, str | bytes] = {
        "pyproject.toml": PROJECT.format(declared) + "[tool.mypy]\n[tool.ruff.lint]\n"
        "select = ['UP']\n",
        "a.py": "from typing import Self, Union\n\n\n"
        "def one(it: int | None, x: Union[int, Self]):\n    return it, x\n",
    }
    result = await linter.lint_tree(a_checkout(tmp_path, files), 60)
    found = {(it.tool, it.code) for it in result.findings}
    assert (("pylint", "E1131") in found) is told
    assert (("mypy", "attr-defined") in found) is told
    assert (("ruff", "UP007") in found) is not told
    reports = {it.tool: it for it in result.tools}
    assert reports["pylint"].full_version == f"4 for Python {declared[2:]}"
    assert reports["mypy"].python == ("3.10" if told else "3.11")
    assert reports["ruff"].python == ""
