"""A tree that is built late, or never, changes no finding; in the real sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lintbot.sandbox import LayeredSandbox
from tests.hostile.conftest import OpenSandbox
from tests.hostile.histories import HISTORIES, REPEATED, to_files
from tests.hostile.remembering import Counting, Files, lint, open_memory, write

pytestmark = pytest.mark.timeout(300)

USES_KIT = '"""Uses."""\nfrom kit.late import Late\n\nprint(Late().zed.colour, Late().zed.shape)\n'
KIT: Files = {
    "kit/__init__.py": '"""Kit: building it builds zz."""\nfrom .zz import *\n',
    "kit/again.py": '"""Again."""\nfrom .zz import *\n\n\nclass Other(Zed):\n    """Other."""\n',
    "kit/late.py": '"""Late."""\nfrom .again import Other\nfrom .zz import Zed\n\n\nclass Late:\n'
    '    """Late."""\n\n    def __init__(self):\n        self.zed = Zed()\n'
    "        self.other = Other()\n",
    "kit/paint.py": '"""Paint."""\nfrom .zz import Zed\n\nZed.colour = 1\n',
    "kit/zz.py": '"""Zed."""\n__all__ = ["Zed"]\n\n\nclass Zed:\n    """Zed."""\n\n    size = 1\n',
    "kit/alone.py": '"""Alone."""\nimport os\n\nHERE = os.curdir\n',
    "more/__init__.py": '"""More."""\nfrom kit import alone\n\nTHERE = alone.HERE\n',
    "more/deep.py": '"""Deep."""\nfrom . import THERE\n\nprint(THERE.nothing)\n',
    "uses.py": USES_KIT,
    "zlast.py": '"""The last is always built."""\n',
}
"""Files of which most are built only when somebody asks for them."""
KIT_STEPS: dict[str, Files] = {
    "nothing is asked for": {},
    "one that asks for some changes": {"uses.py": USES_KIT + "print(Late().other.size)\n"},
    "a package is asked for": {
        "uses.py": '"""Uses."""\nimport kit\n\nprint(kit.Zed().shape, kit.no)\n'
    },
    "and its modules by it": {
        "uses.py": '"""Uses."""\nimport kit.late\n\nkit.late.Late().zed.no()\n'
    },
    "what waits is walked": {"kit/zz.py": KIT["kit/zz.py"] + "    shape = 2\n"},
    "one inside another changes and asks": {
        "kit/zz.py": '"""Zed."""\nfrom more.deep import THERE\n' + KIT["kit/zz.py"][11:]
    },
    "a package that waits is walked": {
        "kit/alone.py": KIT["kit/alone.py"].replace("os.curdir", "1")
    },
    "somebody paints more": {
        "more/deep.py": KIT["more/deep.py"] + "from kit.zz import Zed\nZed.no = 1\n"
    },
    "and nobody any more": {"more/deep.py": KIT["more/deep.py"], "kit/paint.py": ""},
    "under another name": {
        "kit/uses.py": '"""Uses."""\nfrom more.deep import THERE\nimport late\n'
    },
    "the same again": {},
}


MANY = "class C:\n  def __init__(self):\n" + "".join(f"    self.a{it} = 1\n" for it in range(7))
LAST: Files = {"zzz.py": '"""The last."""\n'}
WAITING: dict[str, list[Files]] = {
    "what is looked up while a tree is built late": [
        {
            "p.py": "from threading import Thread as Base\n\n\nclass Foo(Base):\n    pass\n",
            "u.py": "from p import Foo\nprint(Foo)\n",
        },
        {"u.py": "from p import Foo\nprint(Foo().nothing)\n"},
        {"p.py": "from nowhere import Thread as Base\n\n\nclass Foo(Base):\n    pass\n"},
    ],
    "in a tree that is half built": [
        {
            "mm.py": "from nn import *\nfrom threading import *\nclass Base(Thread): pass\n",
            "nn.py": "from mm import Base\nclass Child(Base): pass\n",
            "uu.py": "from mm import Base\n",
        },
        {"uu.py": "from mm import Base\nprint(Base().nothing)\n"},
    ],
    "two modules of one name, one of which asks back": [
        {
            "aaa.py": "from conf import Base\nclass A(Base): pass\n",
            "pkg/__init__.py": '"""A package."""\n',
            "pkg/x.py": "from conf import Base\nclass X(Base): pass\nX.nothing\n",
            "zone/conf.py": "from pkg.x import X\nclass Base: pass\nclass K(X): pass\n",
            "zwo/conf.py": "V = 1\n",
        },
        {"aaa.py": "A = 1\n"},
    ],
    "what building asked for in vain is there": [
        {"w.py": "from x import foo\nprint(foo)\n", "x.py": "from consts import *\n"},
        {"consts.py": "foo = 1\n"},
        {"consts.py": "foo = (\n"},
        {"consts.py": "foo = 2\n"},
    ],
    "a cycle is entered at its other end": [
        {
            "first.py": "X = 1\n",
            "ga.py": "from gb import *\n",
            "gb.py": "from ga import *\nfrom gd import *\n",
            "gd.py": "Z = 3\n",
            "use.py": "from ga import Z\nprint(Z)\n",
        },
        {"first.py": "from gb import *\n"},
        {"first.py": "X = 1\n"},
    ],
    "only the ends of lines change": [
        {"m.py": '"""M."""\r\nX = 1\n'},
        {"m.py": '"""M."""\nX = 1\n'},
        {"m.py": '"""M."""\nX = 1\r\n'},
    ],
    "what is found out once and for all": [
        {
            "d.py": "def deco(f): return f\n",
            "m.py": "from d import deco\nclass Foo:\n    @deco\n    def make(cls, arg): return 3\n",
            "x.py": "from m import Foo\nFoo.make().attr = 1\n",
            "zpatch.py": "import d\nclass My(classmethod): pass\nd.deco = My\n",
            "zuse.py": "from m import Foo\nFoo.make(1)\n",
        },
        {"zuse.py": "from m import Foo\nFoo.make(1)\nX = 1\n"},
    ],
    "a file goes by two names": [
        {
            "atool/tool.py": "def main(): ...\n",
            "u.py": "from atool import tool\nprint(tool.main)\n",
        },
        {},
        {"u.py": "from atool import tool\nprint(tool.main())\n"},
    ],
    "it is patched when it was looked at": [
        {
            "pkg/__init__.py": '"""A package."""\n',
            "pkg/consts.py": "LIMIT = 1\n",
            "pkg/views.py": "from pkg.consts import *\n",
            "tests/test_consts.py": "from pkg import consts\nconsts.LIMIT = 5\n",
            "tests/test_views.py": "from pkg import views\nprint(views.LIMIT)\n",
        },
        {"tests/test_views.py": "from pkg import views\nprint(views.LIMIT.no)\n"},
        {"tests/test_consts.py": "from pkg import consts\nconsts.LIMIT = 'a'\n"},
    ],
    "two ask for what is not linted": [
        {
            "pylintrc": "[MAIN]\nignore=api.py\n",
            "consts.py": "X = 1\n",
            "api.py": "from consts import *\n",
            "uuu.py": "from api import foo\nprint(foo)\n",
            "vvv.py": "from api import foo\nprint(foo)\n",
        },
        {"consts.py": "X = 1\nfoo = 2\n"},
        {"consts.py": "X = 1\n"},
    ],
    "two ask by another name": [
        {
            "atool/consts.py": "X = 1\n",
            "atool/tool.py": "from .consts import *\n",
            "uuu.py": "from atool.tool import foo\nprint(foo)\n",
            "vvv.py": "from atool.tool import foo\nprint(foo)\n",
        },
        {"atool/consts.py": "X = 1\nfoo = 2\n"},
        {"atool/consts.py": "X = 1\n"},
    ],
    "what is found out in the middle of finding it out": [
        {
            "c.py": "import d\n\n\nclass Foo:\n    @d.deco\n    def make(cls, arg):\n"
            "        return 3\n",
            "d.py": "from x import *\nfrom deco2 import *\n",
            "deco2.py": "class deco(classmethod):\n    pass\n",
            "x.py": "from c import Foo\nFoo.make().attr = 1\n",
            "zuse.py": "from c import Foo\nFoo.make(1)\n",
        },
        {"zuse.py": "from c import Foo\nFoo.make(1)\nX = 1\n"},
    ],
    "a broken file is mended": [
        {"a.py": "from b import *\nprint(c)\n", "b.py": "c = (\n"},
        {"b.py": "c = 1\n"},
        {"a.py": "from b import *\nprint(c, d)\n"},
    ],
    "each stands on the one before": [
        {
            "m000.py": "class C:\n    pass\n",
            **{
                f"m{number:03}.py": f"import m{number - 1:03}\n\n\nclass C(m{number - 1:03}.C):\n"
                f"    def __init__(self):\n        self.c = m{number - 1:03}.C()\n"
                for number in range(1, 37)
            },
            "z.py": "import m036\n",
        },
        {"z.py": "import m036\nprint(m036.C().c.c.c.nothing)\n"},
    ],
}
"""Steps of repositories in which it matters when a tree is built."""


ADDING: dict[str, list[Files]] = {
    "two add an attribute of one name": [
        {
            "base.py": "class C: ...\n",
            "p.py": "from base import C\nC.x = 'a'\n",
            "q.py": "from base import C\nC.x = 1\n",
            "r.py": "from base import C\nC.x = []\n",
            "use.py": "from base import C\nC.x.upper()\nC.x.append()\n",
        },
        {"use.py": "from base import C\nC.x.upper()\nC.x.append()\nC.x.nothing()\n"},
        {"q.py": "from base import C\nC.x = 2.0\n"},
        {"q.py": "from base import C\nC.y = 2.0\n"},
        {"use.py": "from base import C\nC.x.nothing(C.y.nothing)\n"},
        {"p.py": "X = 1\n"},
        {"use.py": "from base import C\nC.x.nothing(C.y.no)\n"},
    ],
    "names that are as like as one another": [
        {
            "base.py": "class C: ...\n",
            "p.py": "from base import C\nC().colora = C().coloro = 1\n",
            "q.py": "from base import C\nC().colorb = C().colora = 1\n",
            "r.py": "from base import C\nC().colorc = 1\n",
            "use.py": "from base import C\nX = C().color\n",
        },
        {"q.py": "from base import C\nC().colorb = C().colorc = 1\n"},
        {"use.py": "from base import C\nX = 1\n"},
        {"q.py": "from base import C\nC().colord = 1\n"},
        {"use.py": "from base import C\nX = C().colorc\nY = C().color\n"},
        {"use.py": "from base import C\nX = C().colo\n"},
    ],
    "what one adds hangs on what another adds": [
        {
            "base.py": "class Foo: ...\nclass Bar: ...\n",
            "k.py": "X = 1\n",
            "m.py": "import k\nfrom base import Foo\nk.it = Foo()\n",
            "p.py": "import k\nk.it.y = 'a'\n",
            "use.py": "from base import Bar, Foo\nprint(Foo().y, Bar().y)\n",
        },
        {"use.py": "from base import Bar, Foo\nprint(Foo().y.no, Bar().y.no)\n"},
        {"m.py": "import k\nfrom base import Bar\nk.it = Bar()\n"},
        {"use.py": "from base import Bar, Foo\nprint(Bar().y.no, Foo().y.no)\n"},
        {"m.py": "X = 1\n"},
    ],
    "by way of the library": [
        {
            "base.py": "class Foo: ...\nclass Bar: ...\n",
            "m.py": "import threading\nfrom base import Foo\nthreading.Thread.it = Foo()\n",
            "p.py": "import threading\nthreading.Thread.it.y = 'a'\n",
            "use.py": "from base import Bar, Foo\nprint(Foo().y, Bar().y)\n",
        },
        {"use.py": "from base import Bar, Foo\nprint(Foo().y.no, Bar().y.no)\n"},
        {"m.py": "import threading\nfrom base import Bar\nthreading.Thread.it = Bar()\n"},
        {"use.py": "from base import Bar, Foo\nprint(Bar().y.no, Foo().y.no)\n"},
        {"use.py": "from threading import Thread\nprint(Thread.it.z, Thread().it.y.no)\n"},
        {"m.py": "X = 1\n"},
    ],
    "attributes from elsewhere are counted": [
        {"base.py": MANY, "p.py": "from base import C\nC().more = 1\n"},
        {"pylintrc": "[MAIN]\nmax-attributes=8\n"},
        {"pylintrc": ""},
        {"p.py": "from base import C\nX = 1\n"},
        {"p.py": "from base import C\nC().more = 1\n"},
        {"base.py": MANY.replace("self.a", "self.b")},
        {"q.py": "from base import C\nC().still = 1\n"},
    ],
    "one adds to what adds": [
        {
            "base.py": "class C: ...\n",
            "p.py": "from base import C\nnumber = 1\nC.x = number\nC.y = number\n",
            "q.py": "import p\np.number = 'a'\n",
            "use.py": "from base import C\nC.x.no()\n",
        },
        {"use.py": "from base import C\nC.x.no(1)\n"},
        {"q.py": "import p\np.number = 2.0\n"},
        {"q.py": "import p\np.digit = 2.0\n"},
        {"use.py": "from base import C\nC.x.no(2)\n"},
    ],
    "what adds is built in the middle of what adds": [
        {
            "a.py": "from b import *\nfrom base import C\nC.x = 1\nC.z = 1\n",
            "b.py": "from base import C\nC.x = 'a'\nC.y = 'a'\n__all__ = ['C']\n",
            "base.py": "class C: ...\n",
            "c.py": "from b import C\nC.x = 2.0\n",
            "use.py": "from base import C\nC.y.no(C.z)\n",
        },
        {"use.py": "from base import C\nC.y.no(C.z.no)\n"},
        {"use.py": "from base import C\nC.x.no(C.q)\nimport b\nb.C.x.no()\n"},
        {"c.py": "from b import C\nC.q = 2.0\n"},
        {"use.py": "from base import C\nC.x.no(C.q)\n"},
    ],
    "a later one is built first": [
        {
            "base.py": "class C: ...\nclass D: ...\n",
            "p.py": "from base import C, D\nC.x = 'a'\nC.one = 1\nD.x = C\n",
            "q.py": "from base import C, D\nC.y = 'a'\nD.x = 1\nC.two = 1\n",
            "r.py": "from base import C, D\nD.x.three = 1\n",
            "use.py": "from base import C\nprint(C.y.no)\n",
        },
        {"use.py": "from base import C\nprint(C.y.no, C.x.no)\n"},
        {"use.py": "from base import C, D\nprint(C.two.no, D.x.no, C.on)\n"},
        {"use.py": "from base import C, D\nprint(C.three.no, D.x.no, C.tw)\n"},
        {"p.py": "from base import C, D\nC.x = 'a'\nC.one = 1\nD.x = D\n"},
    ],
    "a name is added before or after all names are copied": [
        {
            "a.py": "import p\nprint(p.X)\n",
            "base.py": "Y = 1\n",
            "copy1.py": "from base import *\n",
            "p.py": "import base\nX = 1\nbase.fool = 1\n",
            "use.py": "import copy1\nprint(copy1.foo)\n",
        },
        {"a.py": "print(1)\n"},
        {"a.py": "print(2)\n"},
        {"a.py": "import p\nprint(p.X)\n"},
    ],
}
"""Steps of repositories in which trees that wait add attributes to others."""


PATCHED: Files = LAST | {
    "a.py": "from base import C\nC().meth().y = 1\n",
    "b.py": "import base\nfrom base import C\nC.z = 1\nbase.deco = print\n",
    "base.py": "def deco(it): return it\n\n\nclass C:\n    def meth(self): return self\n"
    "    @property\n    def size(self): return 1\n",
    "use.py": "from base import C\nprint(C().z, C().size)\n",
}


@pytest.fixture
async def sandbox(open_sandbox: OpenSandbox) -> AsyncIterator[LayeredSandbox]:
    async with open_sandbox("auto", warm=True) as started:
        yield started


async def test_a_tree_that_is_built_late_is_what_it_would_have_been(
    sandbox: LayeredSandbox, checkout: Path, tmp_path: Path
):
    counting = Counting(sandbox)
    memory = open_memory(tmp_path / "memories")
    await lint(counting, write(checkout, KIT), memory)
    differing, built = [], {}
    for step, files in KIT_STEPS.items():
        laid_out = write(checkout, files)
        if await lint(counting, laid_out, memory) != await lint(sandbox, laid_out, None):
            differing.append(step)
        built[step] = counting.built
    assert differing == []
    assert counting.runs == 1 + len(KIT_STEPS)  # not one was run again with nothing known
    assert built["nothing is asked for"] == 1  # the last
    assert built["the same again"] == 1


@pytest.mark.parametrize(
    ("cases", "repeated"),
    [(WAITING, []), (ADDING, ["one adds to what adds"])],
    ids=["waiting", "adding"],
)
async def test_it_does_not_matter_when_a_tree_is_built(
    sandbox: LayeredSandbox,
    checkout: Path,
    tmp_path: Path,
    cases: dict[str, list[Files]],
    repeated: list[str],
):
    differing, again = [], []
    for number, (case, steps) in enumerate(cases.items()):
        root, counting = checkout / f"case{number}", Counting(sandbox)
        memory = open_memory(tmp_path / f"memories{number}")
        for place, files in enumerate(steps):
            laid_out = write(root, LAST | files)
            found = await lint(counting, laid_out, memory)
            if found != await lint(sandbox, laid_out, None):
                differing.append((case, place))
        if counting.runs > len(steps):
            again.append(case)
    assert (differing, again) == ([], repeated)


async def test_who_adds_what_to_whom_is_known(
    sandbox: LayeredSandbox, checkout: Path, tmp_path: Path
):
    differing, again = [], set()
    for number, (case, steps) in enumerate(HISTORIES.items()):
        root, counting = checkout / f"case{number}", Counting(sandbox)
        memory = open_memory(tmp_path / f"memories{number}")
        for place, step in enumerate(steps):
            laid_out = write(root, LAST | to_files(step))
            found = await lint(counting, laid_out, memory, only=("pylint",))
            nothing = open_memory(tmp_path / f"nothing{number}-{place}")
            if found != await lint(sandbox, laid_out, nothing, only=("pylint",)):
                differing.append((case, place))
        if counting.runs > len(steps):
            again.add(case)
    assert differing == []
    assert again <= REPEATED


async def test_what_is_patched_in_a_usual_way_is_remembered(
    sandbox: LayeredSandbox, checkout: Path, tmp_path: Path
):
    counting, memory = Counting(sandbox), open_memory(tmp_path / "memories")
    await lint(counting, write(checkout, PATCHED), memory, only=("pylint",))
    again = write(checkout, {"use.py": PATCHED["use.py"] + "\n# more\n"})
    await lint(counting, again, memory, only=("pylint",))
    assert (counting.judged["pylint"], counting.runs) == (1, 2)
