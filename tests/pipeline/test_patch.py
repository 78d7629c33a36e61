"""Patches of safe fixes: made with the real tools and git, and applied by git."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from lintbot.errors import PermanentError
from lintbot.git.command import Git, find_git
from lintbot.git.patches import GitPatches
from lintbot.model.ids import Sha
from lintbot.model.lint import LintResult
from lintbot.model.patch import Patch
from lintbot.pipeline import patch as patch_module
from lintbot.pipeline.fixes import SAME, Edit, Fix, choose_fixes, find_fixable, fix_command, mend
from lintbot.pipeline.lint import Linter
from lintbot.pipeline.patch import Mender
from lintbot.ports import Checkout, Memory
from tests.support.findings import a_finding, a_report, a_result
from tests.support.plain_sandbox import PlainSandbox
from tests.support.trees import a_checkout

SHA = Sha("a" * 40)
DOC = '"""A module."""\n\n'
Files = dict[str, str | bytes]


class Workplace:
    """A commit's files, and everything that a patch needs."""

    def __init__(self, folder: Path, files: Files) -> None:
        self.folder, self.files, self.laid = folder, files, 0
        self.sandbox = sandbox = PlainSandbox()
        self.linter = Linter(sandbox=sandbox, versions={}, python_version="3.11")
        git = Git(find_git(os.environ), environ=os.environ)
        self.mender = Mender(
            sandbox=sandbox,
            tool_sets=None,
            lint_tree=self.linter.lint_tree,
            maker=GitPatches(git=git, jobs=folder / "jobs"),
            seconds=60,
        )

    @asynccontextmanager
    async def lay_out(self) -> AsyncIterator[Checkout]:
        self.laid += 1
        yield a_checkout(self.folder / f"checkout{self.laid}", self.files)

    async def lint(self) -> LintResult:
        async with self.lay_out() as checkout:
            return await self.linter.lint_tree(checkout, 60)

    async def make(self, memory: Memory | None = None) -> Patch | None:
        return await self.mender.make_patch(self.lay_out, SHA, await self.lint(), memory)

    def apply(self, patch: Patch) -> dict[str, bytes]:
        """Apply it as a person does, in a clone; return the files that differ."""
        clone = self.folder / "clone"
        a_checkout(clone, self.files)
        run(clone, "init", "-q")
        run(clone, "add", "-A")
        run(clone, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "All")
        run(clone, "apply", "--check", "--index", "-", stdin=patch.text.encode())
        run(clone, "apply", "-", stdin=patch.text.encode())
        changed = run(clone, "diff", "--name-only", "-z").split(b"\0")
        return {
            os.fsdecode(name): (clone / os.fsdecode(name)).read_bytes() for name in changed[:-1]
        }


def run(folder: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    command = ["git", "-c", "core.autocrlf=false", *arguments]
    done = subprocess.run(command, cwd=folder, input=stdin, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_what_linters_said_is_mended_and_nothing_else(tmp_path: Path):
    place = Workplace(
        tmp_path,
        {
            "setup.cfg": "[flake8]\nignore = W291\n[pylint.main]\ndisable = C0303\n",
            "a.py": f"{DOC}import os\nimport sys\n"
            "import json  # noqa: F401  pylint: disable=W0611\n"
            "print(sys.path)   \nif not 'a' in sys.path:\n    print(f'b')\n",
            "b.py": f"{DOC}VALUE = 1\n",
        },
    )
    patch = await place.make()
    assert patch is not None
    assert place.apply(patch) == {
        "a.py": f"{DOC}import sys\nimport json  # noqa: F401  pylint: disable=W0611\n"
        "print(sys.path)   \nif 'a' not in sys.path:\n    print('b')\n".encode()
    }
    assert {finding.code for finding in patch.claims} >= {"F401", "W0611", "E713", "F541"}
    assert patch.files == 1


async def test_odd_files_and_odd_names(tmp_path: Path):
    place = Workplace(
        tmp_path,
        {
            "crlf.py": b'"""A."""\r\nimport os\r\nVALUE = 1\r\n',
            "end.py": b'"""A."""\nimport os\nVALUE = 1',
            "only.py": b"import os",
            'a "b"\\c d.py': f"{DOC}import os\n",
            "é/ñ.py": f"{DOC}import os\nNAME = 'é'  # 😀\n",
            "latin.py": b'"""A."""\nimport os\nNAME = "\xe9"\n',
            "bom.py": b'\xef\xbb\xbf"""A."""\nimport os\n',
            "null.py": b'"""A."""\nimport os\nNAME = "\0"\n',
            "-x.py": f"{DOC}import os\n",
        },
    )
    patch = await place.make()
    assert patch is not None
    changed = place.apply(patch)
    assert changed["crlf.py"] == b'"""A."""\r\nVALUE = 1\r\n'
    assert changed["end.py"] == b'"""A."""\nVALUE = 1\n'
    assert changed["é/ñ.py"] == f"{DOC}NAME = 'é'  # 😀\n".encode()
    assert changed["only.py"] == b""
    assert changed["-x.py"] == DOC[:-1].encode()
    assert changed.keys() == place.files.keys() - {"latin.py", "bom.py", "null.py"}


async def test_an_import_that_another_module_needs_stays(tmp_path: Path):
    """pylint says so when it lints again: the name would be missing there."""
    place = Workplace(
        tmp_path,
        {
            "pkg/__init__.py": DOC,
            "pkg/a.py": f"{DOC}from os import sep\n",
            "pkg/b.py": f"{DOC}from pkg.a import sep\n\nprint(sep)\n",
            "pkg/c.py": f"{DOC}import os\n",
        },
    )
    assert await place.make() is None
    place.files["pkg/b.py"] = DOC
    patch = await place.make()
    assert patch is not None
    assert place.apply(patch).keys() == {"pkg/a.py", "pkg/c.py"}


async def test_a_file_that_would_get_worse_is_left_out(tmp_path: Path):
    place = Workplace(
        tmp_path,
        {
            "a.py": f"{DOC}print('b'); import os\n",  # what is left ends in a semicolon
            "b.py": f"{DOC}import os\n",
        },
    )
    patch = await place.make()
    assert patch is not None
    assert place.apply(patch).keys() == {"b.py"}
    assert {finding.path for finding in patch.claims} == {"b.py"}


async def test_where_ruff_is_configured_its_own_findings_are_mended(tmp_path: Path):
    place = Workplace(
        tmp_path,
        {
            "ruff.toml": "lint.select = ['I', 'UP']\n",
            "setup.cfg": "[flake8]\nignore = F401\n",
            "a.py": f"{DOC}import sys\nimport os\n\nprint(os.sep, sys.path, set([1]))\n",
        },
    )
    patch = await place.make()
    assert patch is not None
    assert b"import os\nimport sys\n" in place.apply(patch)["a.py"]
    assert "I001" in {finding.code for finding in patch.claims}


async def test_linting_again_recalls_what_the_repository_remembers(tmp_path: Path):
    class Remembered:
        def recall(self, part: str) -> bytes:
            return f"left of {part}".encode()

        def keep(self, part: str, left: bytes) -> None: ...

    place = Workplace(tmp_path, {"a.py": f"{DOC}import os\n"})
    assert await place.make(Remembered()) is not None
    recalled = {it.argv[0]: it.memory for it in place.sandbox.jobs if it.memory}
    assert recalled == {"pylint": (b"left of pylint ",), "flake8": (b"left of flake8 ",)}


async def test_nothing_to_mend_is_no_patch(tmp_path: Path):
    place = Workplace(tmp_path, {"a.py": f"{DOC}VALUE = missing\n"})
    assert await place.make() is None
    assert place.laid == 2, "not linted again"


async def test_a_patch_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    place = Workplace(tmp_path, {f"a{n}.py": f"{DOC}import os\n" for n in range(4)})
    monkeypatch.setattr(patch_module, "MAX_PATCH_CHARACTERS", 400)
    patch = await place.make()
    assert patch is not None
    assert 0 < len(patch.text) <= 400
    assert patch.files == 2
    monkeypatch.setattr(patch_module, "MAX_PATCH_CHARACTERS", 10)
    assert await place.make() is None


async def test_a_patch_that_leads_elsewhere_is_refused(tmp_path: Path):
    place = Workplace(tmp_path, {})
    root = a_checkout(tmp_path / "root", {"a.py": "x = 1\n"}).root
    with pytest.raises(PermanentError, match=r"no patch|does not apply"):
        await place.mender.maker.make(root, {"a.py": b"x = 1\n"})


def a_told_fix(**changes: object) -> dict[str, object]:
    place = {"row": 1, "column": 1}
    edit = {"content": "", "location": place, "end_location": {"row": 2, "column": 1}}
    fix = {"applicability": "safe", "edits": [edit]}
    return {"code": "F401", "filename": "/x/a.py", "location": place, "fix": fix} | changes


@pytest.mark.parametrize(
    "told",
    [
        "",
        "{}",
        "[" * 50_000,
        "[1, null]",
        json.dumps([a_told_fix(fix=None)]),
        json.dumps([a_told_fix(fix={"applicability": "unsafe", "edits": []})]),
        json.dumps([a_told_fix(fix={"applicability": "safe", "edits": [{}]})]),
        json.dumps([a_told_fix(code="E501")]),
        json.dumps([a_told_fix(filename="/x/b.py")]),
    ],
)
def test_only_safe_fixes_of_what_was_said_are_taken(told: str):
    said = [a_finding(code="W0611", tool="pylint")]
    assert choose_fixes(told, "/x", said) == ()
    assert len(choose_fixes(json.dumps([a_told_fix()]), "/x", said)) == 1


def test_what_may_be_mended_depends_on_who_looks():
    unused, spaces = a_finding(code="F401"), a_finding(code="W291", line=2)
    other = a_finding(code="F811", line=3)
    away = a_finding(code="F401", line=4, environment=True)
    only_flake8 = a_result(unused, spaces, other, away, tools=(a_report("flake8"),))
    assert find_fixable(only_flake8) == (spaces,)
    both = a_result(unused, spaces, other, tools=(a_report("flake8"), a_report("pylint")))
    assert find_fixable(both) == (unused, spaces)
    assert f"--select={','.join(SAME)}" in fix_command(both, find_fixable(both))
    ruffs = a_finding(tool="ruff", code="I001")
    configured = a_result(unused, ruffs)
    assert find_fixable(configured) == (ruffs,)
    assert fix_command(configured, [ruffs])[-1] == "a.py"
    assert "--isolated" not in fix_command(configured, [ruffs])


def a_fix(*edits: tuple[tuple[int, int], tuple[int, int], str]) -> Fix:
    made = tuple(Edit(start=start, end=end, content=content) for start, end, content in edits)
    return Fix(path="a.py", code="F401", line=1, edits=made)


@pytest.mark.parametrize(
    ("before", "fix", "after"),
    [
        (b"ab\ncd\n", a_fix(((1, 1), (2, 1), "")), b"cd\n"),
        (b"ab\rcd\r\nef", a_fix(((2, 1), (3, 1), "x")), b"ab\rxef"),
        ("é😀c\n".encode(), a_fix(((1, 3), (1, 4), "")), "é😀\n".encode()),
        (b"abc\n", a_fix(((1, 1), (1, 3), ""), ((1, 2), (1, 4), "")), None),
        (b"abc\n", a_fix(((1, 1), (1, 1), "x"), ((1, 1), (1, 1), "y")), None),
        (b"abc\n", a_fix(((1, 1), (1, 2), ""), ((1, 2), (1, 3), "")), b"c\n"),
        (b"a\n\nbc\n", a_fix(((3, 1), (4, 1), "")), b"a\n"),
        (b"a\n\nbc\n", a_fix(((1, 1), (2, 1), "")), b"\nbc\n"),
        (b"a\n\n\n", a_fix(((1, 1), (1, 1), "b")), b"ba\n\n\n"),
        (b"abc\n", a_fix(((9, 9), (9, 99), "")), None),
        (b"abc\n", a_fix(((1, 3), (1, 1), "")), None),
        (b"abc\n", a_fix(((1, 1), (1, 2), "a")), None),
        (b"\xff", a_fix(((1, 1), (1, 2), "")), None),
        (b"\xef\xbb\xbfa\n", a_fix(((1, 1), (1, 2), "")), None),
    ],
)
def test_edits_of_a_file(before: bytes, fix: Fix, after: bytes | None):
    assert mend(before, [fix]) == after


FIRST = (((1, 1), (1, 2), ""), ((1, 4), (1, 5), ""))
"""Takes the a and the d."""


@pytest.mark.parametrize(
    ("edits", "after"),
    [
        ([((1, 3), (1, 4), "x"), ((1, 5), (1, 6), "y")], b"bxyf\n"),
        ([((1, 4), (1, 5), ""), ((1, 6), (1, 7), "")], b"bce\n"),
        ([((1, 3), (1, 5), ""), ((1, 6), (1, 7), "x")], b"bcef\n"),
        ([((1, 4), (1, 4), "x"), ((1, 6), (1, 7), "")], b"bcef\n"),
        ([((1, 1), (1, 3), "")], b"bcef\n"),
    ],
)
def test_of_fixes_that_overlap_one_is_left_out_whole(
    edits: list[tuple[tuple[int, int], tuple[int, int], str]], after: bytes
):
    fixes = [a_fix(*FIRST), a_fix(*edits)]
    assert mend(b"abcdef\n", fixes) == mend(b"abcdef\n", fixes[::-1]) == after
