"""Parsers against hostile output."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintbot.pipeline.tools import tool as tools
from lintbot.pipeline.tools.flake8 import FLAKE8
from lintbot.pipeline.tools.pylint import PYLINT
from lintbot.pipeline.tools.ruff import RUFF
from lintbot.pipeline.tools.tool import Output, Tool, Tree, UnreadableOutputError, clean_text

TREE = Tree(root="/jobs/x", line_counts={"a.py": 3, "-b.py": 1}, local_modules=frozenset({"pkg"}))


def out(stdout: str, stderr: str = "", exit_code: int = 0) -> Output:
    return Output(stdout=stdout, stderr=stderr, exit_code=exit_code)


def pylint_json(*messages: Any) -> str:
    return json.dumps({"messages": messages}, indent=4)


def message(**values: Any) -> dict[str, Any]:
    return {"type": "warning", "messageId": "W0611", "path": "a.py", "line": 1} | values


@given(st.text(), st.text(), st.integers(0, 255), st.sampled_from([PYLINT, FLAKE8, RUFF]))
def test_any_text_is_parsed_or_refused(text: str, error: str, code: int, tool: Tool):
    try:
        parsed = tool.parse(out(text, error, code), TREE)
    except UnreadableOutputError:
        return
    assert all(f.path in TREE.line_counts for f in parsed.findings)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=9,
)
KEYS = ("type", "messageId", "path", "line", "column", "endLine", "endColumn", "obj", "symbol")


@given(
    st.dictionaries(st.sampled_from(KEYS), json_values), st.sampled_from(["a.py", "/jobs/x/a.py"])
)
def test_any_values_in_a_pylint_message(values: dict[str, Any], path: str):
    parsed = PYLINT.parse(out(pylint_json(values | {"path": path})), TREE)
    assert all(1 <= f.line <= 3 for f in parsed.findings)


RUFF_KEYS = ("code", "location", "end_location", "message")


@given(st.dictionaries(st.sampled_from(RUFF_KEYS), json_values))
def test_any_values_in_a_ruff_message(values: dict[str, Any]):
    location = {"row": 7, "column": 2}
    item = {"location": location, "end_location": location} | values | {"filename": "/jobs/x/a.py"}
    parsed = RUFF.parse(out(json.dumps([item, 1])), TREE)
    assert all(1 <= f.line <= 3 for f in parsed.findings)


def test_paths_outside_of_the_tree_and_lines_beyond_the_file():
    parsed = PYLINT.parse(
        out(
            pylint_json(
                message(path="../../etc/passwd"),
                message(path="b.py"),
                message(line=99, column=4, endLine=2, endColumn=-1),
                "no message",
                message(messageId="F0002"),
                message(messageId="E0013", path="Command line", message="Plugin 'x'"),
            )
        ),
        TREE,
    )
    assert [(f.path, f.line, f.column, f.end_line, f.end_column) for f in parsed.findings] == [
        ("a.py", 3, 5, 3, None)
    ]
    assert parsed.failed_files == ("a.py",)
    assert parsed.notices == ("pylint: Plugin 'x'",)


@pytest.mark.parametrize(
    ("code", "text", "environment"),
    [
        ("E0401", "Unable to import 'requests.api'", True),
        ("E0401", "Unable to import 'pkg.missing'", False),
        ("E0401", "Unable to import '__main__.x'", False),
        ("E0611", "No name 'x' in module 'os'", False),
        ("E0611", "No name 'x' in module 'yaml'", True),
        ("E1101", "Module 'yaml' has no 'x' member", True),
        ("E1101", "Instance of 'Foo' has no 'x' member", False),
    ],
)
def test_environment(code: str, text: str, *, environment: bool):
    parsed = PYLINT.parse(out(pylint_json(message(messageId=code, message=text))), TREE)
    assert [f.environment for f in parsed.findings] == [environment]


def test_flood_is_cut_and_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("lintbot.pipeline.tools.tool.MAX_FINDINGS", 2)
    parsed = PYLINT.parse(out(pylint_json(*[message(line=n) for n in (1, 2, 3)])), TREE)
    assert (len(parsed.findings), len(parsed.notices)) == (2, 1)
    parsed = FLAKE8.parse(out("a.py\t1\t1\tE1\tx\n" * 3, exit_code=1), TREE)
    assert (len(parsed.findings), len(parsed.notices)) == (2, 1)


@pytest.mark.parametrize(
    ("tool", "output"),
    [
        (PYLINT, out("", "usage: pylint\nboom")),
        (PYLINT, out("{\n")),
        (PYLINT, out("{\n}", "")),
        (PYLINT, out("{\n" + '"a":' + "[" * 200_000)),
        (FLAKE8, out("", "Traceback\nMemoryError", 2)),
        (FLAKE8, out("", "", 139)),
        (FLAKE8, out("a.py\n", "", 1)),
        (FLAKE8, out("", "oh", 1)),
        (RUFF, out("[")),
        (RUFF, out("{}")),
    ],
)
def test_unreadable_output_is_refused(tool: Tool, output: Output):
    with pytest.raises(UnreadableOutputError):
        tool.parse(output, TREE)


def test_tools_that_refuse_to_run_say_why():
    flake8 = FLAKE8.parse(
        out("There was a critical error during execution of Flake8:\nbad\x1b[31m option\n"), TREE
    )
    assert flake8.refused == "bad [31m option"
    assert RUFF.parse(out("", "", 2), TREE).refused == "ruff refused to run"


def test_flake8_lines():
    lines = (
        "a.py\t2\t0\tE1\tone\ttab\n./-b.py\t1\t4\tF401\tx\nx.py\t1\t1\tE1\ta\na.py\tx\t1\tE1\ta\n"
    )
    parsed = FLAKE8.parse(out(lines + "a.py\t1\t1\t\ta\nnoise\n", exit_code=1), TREE)
    assert [(f.path, f.line, f.column, f.message) for f in parsed.findings] == [
        ("a.py", 2, None, "one tab"),
        ("-b.py", 1, 4, "x"),
    ]


def test_ruff_items():
    good = {
        "filename": "/jobs/x/a.py",
        "code": None,
        "message": "bad",
        "location": {"row": 1, "column": 1},
    }
    parsed = RUFF.parse(out(json.dumps([good, good | {"location": 1}])), TREE)
    assert [(f.code, f.end_line, f.end_column) for f in parsed.findings] == [
        ("invalid-syntax", None, None)
    ]


def test_commands_of_the_whole_and_of_a_part():
    assert PYLINT.command(("-b.py", "a.py"), ())[-2:] == ("./-b.py", "a.py")
    assert FLAKE8.command(("a.py",), ())[-1] == "."
    assert FLAKE8.command(("a.py",), ("b[1].py", "c d.py"))[-2:] == (
        "--extend-exclude=./b[[]1].py",
        ".",
    )
    assert RUFF.command(("a.py",), ())[-1] == "."
    assert RUFF.command(("-a.py",), ("b.py",))[-1] == "./-a.py"


@given(st.text(max_size=3000))
def test_clean_text_is_one_short_printable_line(text: str):
    clean = clean_text(text)
    assert len(clean) <= tools.MAX_MESSAGE_CHARACTERS
    assert clean == "" or clean.isprintable()


def test_clean_text_hides_no_trick():
    assert clean_text("a\u202eb\u200bc\x1b[1m\nd") == "a b c [1m d"
