"""With linters of which the inner workings are not known, everything is judged."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import TextIO

import pytest

from lintbot.sandbox.jail import program
from lintbot.sandbox.jail.confine import Request
from lintbot.sandbox.jail.reuse import environment, facts, mypy_reuse
from lintbot.sandbox.jail.reuse.layout import Layout
from lintbot.sandbox.jail.rlimits import ProcessLimits
from lintbot.sandbox.toolenv import prepare_tools

LIMITS = ProcessLimits(memory_bytes=1, cpu_seconds=1, file_bytes=1, open_files=1, user_tasks=None)


def a_request(tool: str) -> Request:
    return Request(
        argv=(tool,),
        root="/",
        folder="/",
        in_process=True,
        watched=True,
        threads=False,
        limits=LIMITS,
        memory=(),
    )


def test_what_other_tools_said_is_not_known(tmp_path: Path):
    """The key holds the tool environment's name, a digest of linters, libraries and the jail."""
    tools = prepare_tools(tmp_path)
    asked = f"import sys; sys.path.insert(0, {str(tools.jail)!r}); "
    asked += "from lintbot_jail.reuse.environment import name_tools as n; print(n())"
    said = subprocess.run(
        [tools.python, "-c", asked], capture_output=True, text=True, check=True
    ).stdout
    assert said.strip() == tools.root.name


def test_the_linters_that_lintbot_installs_are_known():
    assert environment.knows_pylint()
    assert environment.knows_flake8()
    assert environment.knows_mypy()


@pytest.mark.parametrize("damage", [5, [[1]], ["a", 1], {"a": 1}, None])
def test_damaged_facts_are_not_believed(damage: object):
    whole = {"format": facts.FORMAT, "environment": "e", "files": {}, "twins": ["a"]}
    assert facts.decode(facts.encode(whole)) == whole
    assert facts.decode(facts.encode(whole | {"twins": damage})) is None
    assert facts.recall([facts.encode(whole | {"second_names": damage})], "e") is None


def test_what_any_share_knows_of_all_files_counts():
    first, second = (
        facts.encode({"format": facts.FORMAT, "environment": "e", "files": {it: {}}, "twins": [it]})
        for it in "ab"
    )
    known = facts.recall([first, second], "e")
    assert known is not None
    assert (known["twins"], known["second_names"], set(known["files"])) == (["a", "b"], [], {*"ab"})


@pytest.mark.parametrize("installed", ["3.3.1", "4.0.9", "5.0.0", None])
@pytest.mark.parametrize("tool", ["pylint", "flake8", "mypy"])
def test_others_are_not(monkeypatch: pytest.MonkeyPatch, installed: str | None, tool: str):
    def find(name: str) -> str:
        if installed is None:
            raise PackageNotFoundError(name)
        return installed

    def be_plain() -> None:
        """Stand for the end of the process."""

    monkeypatch.setattr(environment, "version", find)
    monkeypatch.setattr(program, "be_plain", be_plain)
    assert program._make_reuse(a_request(tool), None) is None


class PlainError(Exception):
    """The process would end, and mypy be executed as it is."""


@pytest.mark.parametrize("fails", ["with status 2", "with an error", "not"])
def test_mypy_is_believed_only_where_it_ends_as_usual(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], fails: str
):
    def be_plain() -> None:
        raise PlainError

    def run(*, args: list[str], stdout: TextIO, stderr: TextIO) -> None:
        assert args == ["."]
        stdout.write("found\n")
        stderr.write("noticed\n")
        if fails == "with an error":
            raise AssertionError("a bug")
        os._exit(2 if fails == "with status 2" else 1)  # as mypy does

    monkeypatch.setattr(mypy_reuse, "be_plain", be_plain)
    reuse = mypy_reuse.MypyReuse((), "/")
    reuse._run = run
    with pytest.raises(SystemExit if fails == "not" else PlainError):
        reuse._check(["."])
    sys.stdout.flush()
    assert capfd.readouterr() == (("found\n", "noticed\n") if fails == "not" else ("", ""))


def test_what_hides_a_module_of_the_standard_library():
    """A folder of its name does, with an ``__init__``, in a place where modules are looked for."""
    entries = [
        "src",
        "src/json.py",
        "typing",
        "typing/a.py",
        "code",
        "code/__init__.pyi",
        "a/re.py",
    ]
    assert Layout(entries, ["", "src/"]).names_in_roots() == {"json", "code"}
