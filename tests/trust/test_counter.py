"""What is counted in Python files, and what it gains to write them for the counter only."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from lintbot.model.counts import Counts
from lintbot.ports import Ending, SandboxJob, SandboxResult
from lintbot.trust.counter import count, explains, is_test
from lintbot.trust.measure import add_up, measure, split_output
from tests.support.plain_sandbox import PlainSandbox
from tests.support.trees import a_checkout

FIELDS = ("names", "documented", "public", "explained", "functions", "typed", "statements")


def counted(text: str, *, of_tests: bool = False) -> dict[str, int]:
    numbers = count(ast.parse(text), of_tests=of_tests)
    return dict(zip([*FIELDS, "test_statements", "tests"], numbers, strict=True))


def test_names_are_public_from_the_outside_in():
    text = '''
"""A module that says something."""
class A:
    """Keeps numbers for the sums."""
    def method(self): ...
    def _hidden(self): ...
class _B:
    def method(self): ...
if True:
    def below():
        def inner(): ...
'''
    told = counted(text)
    assert (told["names"], told["documented"]) == (8, 2)
    assert (told["public"], told["explained"]) == (4, 2)  # the module, A, A.method, below


@pytest.mark.parametrize(
    ("docstring", "name", "says"),
    [
        ("Return the sum of all.", "total", True),
        ("Total.", "total", False),
        ("Total total of total", "total", False),
        ("Get the user name", "get_user_name", False),
        ("", "x", False),
        (None, "x", False),
        ("Runs.", "run", False),
    ],
)
def test_a_docstring_must_say_three_words_beside_the_name(
    docstring: str | None, name: str, says: bool
):
    assert explains(docstring, name) is says


def test_types_of_every_argument_but_self():
    told = counted(
        "class A:\n    def __init__(self, x: int): ...\n"
        "    def f(self, *a: int, k: int) -> int: ...\n"
        "def g(x) -> int: ...\ndef h(x: int): ...\n"
    )
    assert (told["functions"], told["typed"]) == (4, 2)


def test_a_test_that_cannot_fail_is_none():
    text = "def test_a(): assert 1\ndef test_b(): pass\ndef test_c(): 'x'\ndef helper(): f()\n"
    assert counted(text, of_tests=True)["tests"] == 1
    assert counted("pass\n'text'\n...\n", of_tests=True)["test_statements"] == 0


def test_where_tests_are():
    assert all(
        map(is_test, ("tests/a.py", "a/test_b.py", "b_test.py", "x/tests.py", "conftest.py"))
    )
    assert not any(map(is_test, ("contest.py", "testing/a.py", "latest.py")))


async def test_a_tree_is_counted_in_the_sandbox(tmp_path: Path):
    a_checkout(
        tmp_path,
        {
            "pkg/a.py": '"""Say what it is."""\n',
            "pkg/old.py": "print 'x'\n",
            "pkg/large.py": "#" * (1024 * 1024 + 1),
            "pkg/nul.py": b"x = 1\0",
            "vendor/b.py": "def f(): ...\n",
            "tests/test_a.py": "def test_a():\n    assert 1\n",
        },
    )
    counts = await measure(PlainSandbox(), tmp_path)
    assert counts == Counts(
        files=2,
        unread=3,
        names=3,
        documented=1,
        public=1,
        explained=1,
        test_statements=2,
        tests=1,
    )


@dataclass
class Scripted:
    """A sandbox whose program ends in these ways, one after another."""

    endings: list[tuple[Ending, str]]
    first: list[str] = field(default_factory=list)

    async def run(self, job: SandboxJob) -> SandboxResult:
        self.first.append(job.argv[-1])
        ending, stdout = self.endings.pop(0)
        return SandboxResult(
            ending=ending, exit_code=None, stdout=stdout.encode(), stderr=b"", reason="x"
        )


async def test_a_file_that_takes_the_parser_down_is_unread_and_the_count_goes_on(tmp_path: Path):
    one = "0 1,0,0,0,0,0,0,0,0\n"
    sandbox = Scripted([(Ending.KILLED, one + "1 "), (Ending.EXITED, "2 1,0,0,0,0,0,0,0,0\nend\n")])
    assert await measure(sandbox, tmp_path) == Counts(files=2, unread=1, names=2)
    assert sandbox.first == ["0", "2"]
    assert await measure(Scripted([(Ending.TIMED_OUT, one)]), tmp_path) is None
    assert await measure(Scripted([(Ending.KILLED, f"{n} ") for n in range(5)]), tmp_path) is None


def test_what_a_broken_process_writes_is_not_believed():
    assert split_output("0 1\nnoise\nend\n") == (["1"], 1)
    assert split_output("") == ([], 0)
    assert add_up(["1,2", "-", "9999999999,0,0,0,0,0,0,0,0", "-1,0,0,0,0,0,0,0,0"]) == Counts(
        unread=4
    )
