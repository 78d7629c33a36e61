"""What is remembered changes no finding, whoever wrote it; in the real sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lintbot.model.ids import RepositoryId
from lintbot.model.memory import choose_lines
from lintbot.ports import AGAIN, PLAIN, Checkout, Memory, Sandbox
from lintbot.sandbox import LayeredSandbox
from lintbot.sandbox.jail.reuse.again import AGAIN as ENDS_WITH
from lintbot.sandbox.jail.reuse.again import PLAIN as ENDS_PLAINLY_WITH
from lintbot.sandbox.jail.reuse.facts import decode, encode
from lintbot.store.memories import MemoryLimits, StoredMemories
from tests.hostile.conftest import OpenSandbox
from tests.hostile.remembering import Counting, Files, lint, write

pytestmark = pytest.mark.timeout(300)

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
    "tests/test_leaf.py": '"""Leaf."""\nimport sys\nfrom pkg.base import Base\n\n\n'
    'def test_run():\n    """Run."""\n    assert sys and Base().run(1)\n',
    "tests/test_only.py": '"""Only asks."""\nimport pkg.base\n',
    "tests/test_noisy.py": '"""Noisy."""\nfrom pkg import loop\n\nloop.seen = 1\n',
    "top.py": '"""Top."""\nimport helper\nfrom pkg.child import Child\n\n'
    "print(helper.paint(Child()), helper.missing)\n",
}
REWRITTEN = (
    TREE["pkg/base.py"]
    .replace("self, one", "\n        self,\n        one: int,  # the only one\n    ")
    .replace("Run.", "Run away.\n\n        Or so.\n        ")
    .replace("class Base", "# a comment\nclass Base")
)
"""Says the same to all other files, and other things to a reader."""
DELEGATES = (
    '"""Delegates."""\nfrom .base import Base\n\n\nclass Other(Base):\n    """Another."""\n\n'
    '    def run(self, one: str):\n        """Run."""\n        return super().run(one)\n'
)
MAKES = (
    '"""Makes."""\nimport enum\n\n\nclass Colour(enum.Enum):\n    """Colours."""\n\n    RED = 1\n'
    '\n\ndef make():\n    """Make."""\n    return \'a\'\n'
)
USES = (
    '"""Uses."""\nfrom . import makes\n\nprint(makes.make().upper(), makes.Colour.RED.value.blue)\n'
)
STEPS: dict[str, Files] = {
    "the same again": {},
    "what no other file can see": {"pkg/base.py": REWRITTEN},
    "and back": {"pkg/base.py": TREE["pkg/base.py"]},
    "two that look at what a function returns": {
        "pkg/makes.py": MAKES,
        "pkg/user1.py": USES,
        "pkg/user2.py": USES,
    },
    "the same once more": {},
    "which changes": {"pkg/makes.py": MAKES.replace("'a'", "1")},
    "a member becomes another": {"pkg/makes.py": MAKES.replace("= 1", "= 'a'")},
    "and it gives up": {"pkg/makes.py": MAKES.replace("    return", "    raise ValueError", 1)},
    "and yields": {"pkg/makes.py": MAKES.replace("    return", "    yield", 1)},
    "all gone": {"pkg/makes.py": "", "pkg/user1.py": "", "pkg/user2.py": ""},
    "a method that delegates": {"pkg/other.py": DELEGATES},
    "with an annotation of its own": {"pkg/base.py": REWRITTEN},
    "that is the same now": {"pkg/base.py": REWRITTEN.replace("int", "str")},
    "no more": {"pkg/other.py": "", "pkg/base.py": TREE["pkg/base.py"]},
    "a line that nobody looks at": {"pkg/base.py": TREE["pkg/base.py"] + "\n# more\n"},
    "a signature changes": {"pkg/base.py": TREE["pkg/base.py"].replace("one", "one, two")},
    "an attribute is set from elsewhere": {
        "pkg/paint.py": '"""Paint."""\nfrom . import base\n\nbase.Base.colour = 1\n'
    },
    "and no longer": {"pkg/paint.py": ""},
    "somebody asks for what nobody had asked for": {
        "pkg/asks.py": '"""Asks."""\nfrom tests import test_leaf, test_noisy\n\n'
        "print(test_leaf.test_run(1), test_noisy.loop.seen)\n"
    },
    "an attribute set by what nobody asks for is looked at": {
        "pkg/asks.py": '"""Asks."""\nfrom . import loop\n\nprint(loop.seen, loop.unseen)\n'
    },
    "what was missing is there": {"helper.py": '"""Help."""\n\n\ndef paint():\n    """Paint."""\n'},
    "two modules part": {"pkg/left.py": TREE["pkg/left.py"].replace("from . import", "# from")},
    "a namesake is in no cycle any more": {"one/conf.py": '"""One."""\n'},
    "and are no longer alike": {"pkg/left.py": '"""Left."""\n'},
    "a module breaks": {"pkg/base.py": "class Base(:\n"},
    "and otherwise": {"pkg/base.py": "\nclass Base(:\n"},
    "and is mended": {"pkg/base.py": TREE["pkg/base.py"]},
    "other settings": {"setup.cfg": "[flake8]\nignore = E302\n[pylint.main]\ndisable = C0114\n"},
    "a module becomes a package": {"helper.py": "", "helper/__init__.py": '"""New."""\n'},
}


SUBTLE: dict[str, tuple[Files, Files, Files]] = {
    # an attribute is set before or after
    "first": (
        {"u.py": "from first.m import C\nC().v.upper()\n"},
        {"m.py": "class C: ...\nc = C()\nx = 'a'\nc.v = x\nx = 1\n"},
        {"m.py": "class C: ...\nc = C()\nx = 'a'\nx = 1\nc.v = x\n"},
    ),
    # from another module
    "second": (
        {"u.py": "from second.m import C\nC.v.upper()\n", "m.py": "class C: ...\n"},
        {"o.py": "from second.m import C\nx = 'a'\nC.v = x\nx = 1\n"},
        {"o.py": "from second.m import C\nx = 'a'\nx = 1\nC.v = x\n"},
    ),
    # in a method
    "third": (
        {"u.py": "from third.m import C\nC().v.upper()\n"},
        {"m.py": "class C:\n  def __init__(self):\n    x = 'a'\n    self.v = x\n    x = 1\n"},
        {"m.py": "class C:\n  def __init__(self):\n    x = 'a'\n    x = 1\n    self.v = x\n"},
    ),
    # the second one that asks for the type of a method
    "fourth": (
        {
            "a.py": "from fourth.o import outer\nfrom fourth.m import C\n\nX = outer(print)\nX(1)\n"
            "print(X.foo)\nC().f(1)\n",
            "m.py": "from fourth.n import deco\n\n\nclass C:\n    @deco\n    def f(self, x):\n"
            "        print(self, x)\n",
            "n.py": "from fourth.o import outer\n\n\ndef deco(f):\n    return outer(f)\n",
            "u.py": "from fourth.m import C\nC().f(1)\n",
        },
        {
            "o.py": "def keep(f):\n    return staticmethod(f)\n\n\ndef wrap(f):\n    return f\n\n\n"
            "def outer(f):\n    return wrap(f)\n"
        },
        {
            "o.py": "def keep(f):\n    return staticmethod(f)\n\n\ndef wrap(f):\n    return f\n\n\n"
            "wrap = keep\n\n\ndef outer(f):\n    return wrap(f)\n"
        },
    ),
    # a line of another file is named
    "fifth": (
        {"u.py": "from fifth.m import f\na, b = f()\n"},
        {"m.py": "def f():\n    return 1, 2, 3\n"},
        {"m.py": "# x\n\n\ndef f():\n    return 1, 2, 3\n"},
    ),
    # a module is looked for and not imported
    "sixth": (
        {"__init__.py": "__all__ = ['sub']\n"},
        {"sub.py": "X = 1\n"},
        {"sub.py": "", "other.py": "X = 1\n"},
    ),
    # a name becomes a module
    "seventh": (
        {"__init__.py": "sub = 1\n", "u.py": "from seventh import sub\nprint(sub)\n"},
        {"o.py": "x = 1\n"},
        {"sub.py": "from seventh import u\nprint(u)\n"},
    ),
}
"""By folder, what stays, and what is there before and after: each changes what is found in what
stays."""


def test_both_sides_of_the_sandbox_speak_of_the_same_status():
    assert AGAIN == ENDS_WITH
    assert PLAIN == ENDS_PLAINLY_WITH


@pytest.fixture
async def sandbox(open_sandbox: OpenSandbox) -> AsyncIterator[LayeredSandbox]:
    async with open_sandbox("auto", warm=True) as started:
        yield started


@pytest.fixture
def memories(tmp_path: Path) -> StoredMemories:
    return StoredMemories(folder=tmp_path, limits=MemoryLimits())


async def test_every_commit_has_the_findings_of_a_fresh_run(
    sandbox: LayeredSandbox, checkout: Path, memories: StoredMemories
):
    counting = Counting(sandbox)
    memory = memories.open(RepositoryId(1), choose_lines("main", "main", fresh=False))
    await lint(counting, write(checkout, TREE), memory)
    assert counting.judged == {"pylint": 12, "flake8": 12, "ruff": 0}
    assert counting.built == 12
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
    assert judged["the same once more"] == (0, 0)
    assert judged["what no other file can see"] == (1, 1)
    assert judged["that is the same now"] == (2, 1)
    await _check_damaged(sandbox, write(checkout, {}), memory, memories.folder)
    assert {"E1101", "W0221", "R0401", "R0801", "E0401", "E0001", "W0246"} <= seen


async def test_who_did_not_change_is_judged_again_for_every_subtle_reason(
    sandbox: LayeredSandbox, checkout: Path, memories: StoredMemories
):
    """What stays are the files whose findings change; each case has a folder of its own."""
    memory = memories.open(RepositoryId(1), choose_lines("main", "main", fresh=False))
    stay, before, after = (
        {
            f"{folder}/{name}": text
            for folder, case in SUBTLE.items()
            for name, text in case[part].items()
        }
        for part in range(3)
    )
    first = await lint(sandbox, write(checkout, stay | before), memory)
    laid_out = write(checkout, after)
    second = await lint(sandbox, laid_out, memory)
    assert second == await lint(sandbox, laid_out, None)
    of_both = ({(it.path, it.line, it.code, it.message) for it in some} for some in (first, second))
    changed = {path for path, *_ in set.symmetric_difference(*of_both) if path in stay}
    # A cycle is reported with the last file of all.
    assert {path.partition("/")[0] for path in changed} >= {*SUBTLE} - {"seventh"}
    assert ["R0401" in {it.code for it in some} for some in (first, second)] == [False, True]


async def _check_damaged(
    sandbox: Sandbox, laid_out: Checkout, memory: Memory | None, folder: Path
) -> None:
    truth = await lint(sandbox, laid_out, None)
    for damage in (lambda _: b"x" * 1000, lambda whole: whole[: len(whole) // 2]):
        for path in folder.iterdir():
            path.write_bytes(damage(path.read_bytes()))
        assert await lint(sandbox, laid_out, memory) == truth


async def test_a_tree_that_is_asked_for_against_all_knowledge_is_no_reason_to_err(
    sandbox: LayeredSandbox, checkout: Path, memories: StoredMemories
):
    """A memory says that nobody asks for anything: so the run begins again, with no memory."""
    counting = Counting(sandbox)
    memory = memories.open(RepositoryId(1), choose_lines("main", "main", fresh=False))
    assert memory is not None
    await lint(counting, write(checkout, TREE), memory)
    await lint(counting, write(checkout, {}), memory)
    assert counting.built < len([name for name in TREE if name.endswith(".py")])
    facts = decode(memory.recall("pylint "))
    assert facts is not None
    for of in facts["files"].values():
        of |= {"asked": "", "built_with": "", "looked_at": {}, "on": {}, "late": True, "adds": []}
    changed = write(checkout, {"top.py": TREE["top.py"] + "\nprint(Child.colour)\n"})
    memory.keep("pylint ", encode(facts))
    counting.runs = 0
    assert await lint(counting, changed, memory) == await lint(sandbox, changed, None)
    assert counting.runs == 2


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
