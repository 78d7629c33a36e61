"""mypy and bandit: the real ones over real trees, and their parsers against anything."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintbot.model.findings import Severity
from lintbot.model.lint import LintResult, ToolOutcome, ToolReport
from lintbot.pipeline.lint import Linter
from lintbot.pipeline.plan import plan_groups
from lintbot.pipeline.tools.bandit import BANDIT
from lintbot.pipeline.tools.config_files import ConfigFiles, parent
from lintbot.pipeline.tools.mypy import MYPY
from lintbot.pipeline.tools.registry import choose_tools
from lintbot.pipeline.tools.severity import BANDIT as BANDIT_SEVERITIES
from lintbot.pipeline.tools.severity import MYPY as MYPY_SEVERITIES
from lintbot.pipeline.tools.tool import Output, Tool, Tree, UnreadableOutputError
from tests.support.plain_sandbox import PlainSandbox
from tests.support.trees import a_checkout

DOCS = Path(__file__).parents[2] / "docs" / "score.md"
TREE = Tree(root="/jobs/x", line_counts={"a.py": 3}, local_modules=frozenset())
SETTINGS = "[tool.lintbot.tools]\npylint = false\nflake8 = false\n"
SOURCE = """\
import attr
import requests
from pydantic import BaseModel


class Model(BaseModel):
    x: int


@attr.s(auto_attribs=True)
class Pair:
    y: int


def get() -> str:
    assert Pair(1)
    return requests.get("x", timeout=1)  # type: ignore[no-any-return,unused]


def call() -> None:
    len(1)
    eval(undefined)
"""


async def lint(root: Path, files: dict[str, str | bytes]) -> tuple[LintResult, ToolReport]:
    linter = Linter(sandbox=PlainSandbox(), versions={}, python_version="3.11")
    result = await linter.lint_tree(a_checkout(root, files), 60)
    (report,) = result.tools
    return result, report


def found(result: LintResult, path: str) -> dict[str, tuple[Severity, bool]]:
    return {f.code: (f.severity, f.environment) for f in result.findings if f.path == path}


async def test_mypy_without_dependencies_speaks_of_the_code_alone(tmp_path: Path):
    result, report = await lint(
        tmp_path,
        {
            "pyproject.toml": f"{SETTINGS}[tool.mypy]\nstrict = true\nno_such = 1\n",
            "pkg/__init__.py": "",
            "pkg/a.py": SOURCE,
            "tests/__init__.py": "",
            "tests/a.py": "def f(): ...\n",
        },
    )
    codes = found(result, "pkg/a.py")
    counted = {code: severity for code, (severity, environment) in codes.items() if not environment}
    assert counted == {"arg-type": Severity.WARNING, "name-defined": Severity.ERROR}
    environment = {"import-not-found", "import-untyped", "misc", "call-arg"}
    assert environment <= codes.keys()
    assert found(result, "tests/a.py") == {}
    assert (report.tool, report.config_path, report.outcome) == (
        "mypy",
        "pyproject.toml",
        ToolOutcome.OK,
    )
    assert "Unrecognized option: no_such" in report.notices[0]


async def test_a_file_that_mypy_cannot_parse_loses_only_itself(tmp_path: Path):
    files: dict[str, str | bytes] = {
        "pyproject.toml": f"{SETTINGS}[tool.mypy]\nfiles = ['.']\n",
        "a.py": "x: int = ''\n",
        "b (1).py": "def f(:\n",
    }
    result, report = await lint(tmp_path / "apart", files)
    assert found(result, "a.py") == {"assignment": (Severity.WARNING, False)}
    assert found(result, "b (1).py") == {"syntax": (Severity.ERROR, False)}
    assert not report.partial
    result, report = await lint(
        tmp_path / "imported", files | {"a.py": "import c\n", "c.py": "def f(:\n"}
    )
    assert found(result, "c.py") == {"syntax": (Severity.ERROR, False)}
    assert "it stopped at c.py:1" in report.reason


async def test_a_plugin_of_mypy_that_is_not_installed_is_named(tmp_path: Path):
    files: dict[str, str | bytes] = {
        "pyproject.toml": SETTINGS,
        "mypy.ini": "[mypy]\nplugins = mypy_django_plugin.main\n",
        "a.py": "",
    }
    _, report = await lint(tmp_path, files)
    assert (report.config_path, report.outcome) == ("mypy.ini", ToolOutcome.CRASHED)
    assert 'mypy.ini:2: Error importing plugin "mypy_django_plugin.main"' in report.reason


HOOK = "repos:\n- repo: x\n  hooks:\n  - id: other\n  - id: bandit\n    args: %s\n"


@pytest.mark.parametrize(
    ("files", "config", "codes"),
    [
        (
            {"pyproject.toml": f"{SETTINGS}[tool.bandit]\nexclude_dirs = ['./tests']\n"},
            "pyproject.toml",
            {"B101", "B307"},
        ),
        ({".bandit": "[bandit]\nskips = B307\nexclude = tests\n"}, ".bandit", {"B101"}),
        ({"bandit.yaml": "skips: [B101]\nexclude_dirs: [tests/]\n"}, "bandit.yaml", {"B307"}),
        (
            {
                ".pre-commit-config.yaml": HOOK % "[-ll, -x=./tests, --format, txt, -r]",
                "bandit.yaml": "skips: [B307]\n",
            },
            ".pre-commit-config.yaml",
            {"B307"},
        ),
        (
            {
                ".pre-commit-config.yaml": HOOK % "[--configfile, bandit.yml]",
                "bandit.yml": "skips: [B307]\nexclude_dirs: [tests]\n",
            },
            "bandit.yml",
            {"B101"},
        ),
    ],
)
async def test_bandit_where_the_repository_configures_it(
    tmp_path: Path, files: dict[str, str | bytes], config: str, codes: set[str]
):
    tree = {"pyproject.toml": SETTINGS, "pkg/a.py": SOURCE, "tests/a.py": "eval('1')\n"}
    result, report = await lint(tmp_path, tree | files)
    assert (report.tool, report.config_path, report.outcome) == ("bandit", config, ToolOutcome.OK)
    assert found(result, "pkg/a.py").keys() == codes
    assert found(result, "tests/a.py") == {}


async def test_bandits_own_severities_and_files_that_it_cannot_parse(tmp_path: Path):
    source = "import subprocess\nsubprocess.call('x', shell=True)\nsubprocess.call(x, shell=True)\n"
    files: dict[str, str | bytes] = {"pyproject.toml": SETTINGS, ".bandit": "[bandit]\n"}
    result, report = await lint(tmp_path, files | {"a.py": source, "b.py": "def f(:\n"})
    assert {f.severity for f in result.findings if f.code == "B602"} == {
        Severity.ERROR,
        Severity.INFO,
    }
    assert found(result, "b.py") == {"syntax": (Severity.ERROR, False)}
    assert not report.partial
    broken = {"pyproject.toml": SETTINGS, "bandit.yml": "skips: [B1\n", "a.py": ""}
    _, report = await lint(tmp_path / "broken", broken)
    assert "bandit.yml" in report.reason
    _, told = await lint(tmp_path / "told", {**broken, "bandit.yml": "", ".bandit": "x"})
    assert "Unable to parse config file .bandit" in told.notices[0]
    assert report.outcome is ToolOutcome.CRASHED


@pytest.mark.parametrize(
    ("files", "argument"),
    [
        ({"pyproject.toml": "[tool.mypy]\n[[tool.mypy.overrides]]\nmodule = 'x'\n"}, "."),
        ({"pyproject.toml": "tool.mypy = 3\n"}, "."),
        ({"setup.cfg": "[mypy]\npackages = x\n"}, None),
        ({".mypy.ini": "[mypy-x]\n"}, "."),
        ({"mypy.ini": "", "src/pkg/__init__.py": "", "other/__init__.py": ""}, "src"),
        ({"mypy.ini": "", "pkg/__init__.py": "", "docs/__init__.py": ""}, "./pkg"),
        ({"sub/mypy.ini": "", "pkg/__init__.py": "", "sub/in/__init__.py": ""}, "./in"),
    ],
)
def test_what_mypy_is_asked_to_check(files: dict[str, str], argument: str | None):
    contents = {path: text.encode() for path, text in files.items()}
    packages = frozenset(parent(path) for path in files if path.endswith("__init__.py"))
    groups = plan_groups(["sub/a.py"], ConfigFiles(contents, packages), tools=(MYPY,))
    assert [it.arguments for it in groups] == [(argument,) if argument else ()]


@pytest.mark.parametrize(
    "text", ["", "[" * 9999, "- " * 9999, "repos: 3", "repos: [{hooks: [1]}]", "&a [*a]"]
)
def test_hooks_that_are_none(text: str):
    files = {".pre-commit-config.yaml": text.encode(), ".bandit": b""}
    (group,) = plan_groups(["a.py"], ConfigFiles(files), tools=(BANDIT,))
    assert group.arguments == ("--ini", ".bandit")


def test_a_tool_that_is_switched_on_runs_with_its_defaults():
    tools = choose_tools({"bandit", "mypy"}, {"pylint", "flake8"})
    groups = plan_groups(["a.py"], ConfigFiles({}), tools=tools)
    assert [(it.tool.name, it.arguments) for it in groups] == [("mypy", (".",)), ("bandit", ())]


def test_hooks_too_long_to_read_and_without_arguments():
    long = {".pre-commit-config.yaml": (HOOK % "[]" + "#" * 2**16).encode()}
    assert plan_groups(["a.py"], ConfigFiles(long), tools=(BANDIT,)) == ()
    for arguments in ("x", "[]", "[-x]"):
        files = {".pre-commit-config.yaml": (HOOK % arguments).encode()}
        (group,) = plan_groups(["a.py"], ConfigFiles(files), tools=(BANDIT,))
        assert (group.arguments, group.config_path) == ((), ".pre-commit-config.yaml")


MYPY_KEYS = ("line", "column", "end_line", "end_column", "code")
json_values = st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.just([])


@given(
    st.dictionaries(
        st.sampled_from(["line", "column", "end_line", "end_column", "code"]), json_values
    ),
    st.text(max_size=20),
    st.integers(0, 3),
)
def test_any_values_in_a_message_of_mypy(values: dict[str, Any], noise: str, status: int):
    message = values | {"file": "./a.py", "severity": "error"}
    lines = (json.dumps(message), json.dumps({"file": "b.py"}), "{", "[" * 9999, "{" + noise)
    parsed = MYPY.parse(Output(stdout="\n".join(lines), stderr=noise, exit_code=status), TREE)
    assert [1 <= f.line <= 3 for f in parsed.findings] == [True]
    assert bool(parsed.refused) is (status == 2)


@pytest.mark.parametrize(
    ("code", "text", "environment"),
    [
        ("import-not-found", "Cannot find implementation or library stub", True),
        ("misc", 'Class cannot subclass "BaseModel" (has type "Any")', True),
        ("union-attr", 'Item "None" of "str | Any | None" has no attribute "x"', True),
        ("attr-defined", '_CIMultiDict? has no attribute "items"', True),
        ("valid-type", 'Variable "pkg.Row" is not valid as a type', True),
        ("call-arg", 'Too many arguments for "_Pair"', True),
        (
            "call-arg",
            'Unexpected keyword argument "frozen" for "__init_subclass__" of "object"',
            True,
        ),
        ("call-arg", 'Too many arguments for "connect"', False),
        ("attr-defined", '"Shelf" has no attribute "Anything"', False),
        ("arg-type", 'Argument 1 to "f" has incompatible type "str"; expected "int"', False),
    ],
)
def test_what_only_follows_from_missing_modules(code: str, text: str, *, environment: bool):
    message = {"file": "a.py", "line": 1, "severity": "error", "code": code, "message": text}
    parsed = MYPY.parse(Output(stdout=json.dumps(message), stderr="", exit_code=1), TREE)
    assert [f.environment for f in parsed.findings] == [environment]


BANDIT_KEYS = ("line_number", "col_offset", "test_id", "test_name", "issue_severity", "reason")


@given(st.dictionaries(st.sampled_from(BANDIT_KEYS), json_values))
def test_any_values_in_a_result_of_bandit(values: dict[str, Any]):
    report = {"results": [values | {"filename": "./a.py"}, 1, {}], "errors": []}
    parsed = BANDIT.parse(Output(stdout=json.dumps(report), stderr="", exit_code=1), TREE)
    assert all(1 <= f.line <= 3 for f in parsed.findings)
    assert parsed.findings or parsed.failed_files


@pytest.mark.parametrize(
    ("tool", "stdout", "stderr", "why"),
    [
        (MYPY, "", "pkg/a.py:3: error: INTERNAL ERROR -- please", "pkg/a.py:3: error: INTERNAL"),
        (MYPY, "", "mypy: error: what", "mypy: error: what"),
        (MYPY, "", "", "it stopped without a word"),
        (BANDIT, "", "no such test", "no such test"),
        (BANDIT, "", "", "bandit refused to run"),
    ],
)
def test_why_a_tool_stopped(tool: Tool, stdout: str, stderr: str, why: str):
    parsed = tool.parse(Output(stdout=stdout, stderr=stderr, exit_code=2), TREE)
    assert parsed.refused.startswith(why)


def test_a_file_on_which_mypy_fails_is_left_out_and_named():
    line = "/jobs/x/a.py:3: error: INTERNAL ERROR -- please report"
    parsed = MYPY.parse(Output(stdout="", stderr=line, exit_code=2), TREE)
    assert (parsed.unreadable, parsed.failed_files) == (("a.py",), ("a.py",))
    assert "INTERNAL ERROR" in parsed.refused


@pytest.mark.parametrize("stdout", ["", "[]", "{}", '{"results": 1, "errors": 2}', "[" * 99_999])
def test_what_is_no_report_of_bandit(stdout: str):
    with pytest.raises(UnreadableOutputError):
        BANDIT.parse(Output(stdout=stdout, stderr="", exit_code=1), TREE)


def test_a_file_that_bandit_failed_on_has_no_result():
    error = {"filename": "./a.py", "reason": "exception while scanning file"}
    report = {"results": [{"filename": "./a.py"}], "errors": [error]}
    parsed = BANDIT.parse(Output(stdout=json.dumps(report), stderr="", exit_code=0), TREE)
    assert (parsed.findings, parsed.failed_files) == ((), ("a.py",))


def test_the_severities_stand_in_the_documentation():
    text, words = DOCS.read_text(), {"error": Severity.ERROR, "remark": Severity.INFO}
    rows = re.findall(r"^\| ([a-z-]+) \| (error|remark) \|$", text, re.MULTILINE)
    assert {code: words[word] for code, word in rows} == MYPY_SEVERITIES
    said = {"HIGH": "an error", "MEDIUM": "a warning", "LOW": "a remark"}
    assert said.keys() == BANDIT_SEVERITIES.keys()
    assert "`HIGH` is an error, `MEDIUM` a warning, `LOW` a remark" in text
