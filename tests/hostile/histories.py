"""Histories of small repositories in which it matters who adds what to whom, and when.

Each is a list of steps: module or file to its text, None where it goes. What is not named stays.
"""

from __future__ import annotations

from tests.hostile.remembering import Files

Step = dict[str, str | None]


def to_files(step: Step) -> Files:
    """Return a step as files to write; an empty one is removed."""
    return {
        name if "." in name or name == "pylintrc" else f"{name}.py": text or ""
        for name, text in step.items()
    }


SET_TWICE = (
    "import os\nfrom base import C\nif os.name:\n    K = C\nelse:\n    from r import D as K\n"
)
IGNORES = "[MAIN]\nignore=ign.py\n"
DECORATED = "from d import deco\nclass Foo:\n    @deco\n    def make(cls, arg): return 3\n"
PATCHES = "import d\nclass My(classmethod): pass\nd.deco = My\n"
MAKES = "def make():\n    class C: ...\n    return C\n"
USES_MADE = "from base import make\nmake().x.no()\n"

HISTORIES: dict[str, list[Step]] = {
    "what a tree looks at while another is built": [
        {
            "deep": "class Z: ...\n",
            "base": "from deep import Z as K\n",
            "ax": "import m\nfrom base import K\nK.zz = 1\nm.nothing.tt = 1\n",
            "m": "# pylint: skip-file\nfrom base import K\nK.x = 1\n",
            "other": "class W: ...\n",
            "use": "from other import W\nprint(W.x.no)\n",
        },
        {"ax": "X = 1\n", "deep": "from other import W as Z\n"},
        {"use": "from other import W\nprint(W.x.no1)\n"},
    ],
    "by way of what a function returns": [
        {
            "impl1": "def f(a, b):\n    return a\n",
            "impl2": "def f(a, b):\n    return b\n",
            "deep": "from impl1 import f as Z\n",
            "base": "from deep import Z as K\n",
            "ax": "import m\nfrom base import K\nK.zz = 1\nm.nothing.tt = 1\n",
            "m": "from base import K\nclass A: ...\nclass B: ...\nK(A, B).x = 1\n",
            "use": "from m import A, B\nprint(A.x.no, B.x.no)\n",
        },
        {"deep": "from impl2 import f as Z\n"},
    ],
    "one is added in the middle of adding another": [
        {
            "base": "class C: ...\n",
            "p": f"{SET_TWICE}K().x = 1\n",
            "r": "from base import C\nC().x = 'a'\nclass D: ...\n",
            "use": "from base import C\nprint(C().x.no)\n",
        },
        {"aa": "from r import *\n"},
        {"use": "from base import C\nprint(C().x.no1)\n"},
        {"p": f"{SET_TWICE}K().x = 2.0\n"},
    ],
    "what is found out once, and by whom first": [
        {
            "d": "def deco(f): return f\n",
            "m": f"{DECORATED}class A: ...\n".replace(
                "(cls, arg): return 3", "(cls, a=0): return cls"
            ),
            "mx": "from m import Foo\nFoo.make().attr.no = 1\n",
            "my": PATCHES,
            "p": "from m import Foo, A\nFoo.make(A).x = 1\n",
            "use": "from m import A, Foo\nprint(A.x.no, Foo.x.no)\n",
        },
        {"mx": "X = 1\n"},
    ],
    "whether it takes a class": [
        {
            "d": "def deco(f): return f\n",
            "m": DECORATED,
            "x": "from m import Foo\nFoo.make().attr.no = 1\n",
            "zpatch": PATCHES,
            "zuse": "from m import Foo\nFoo.make(1)\n",
        },
        {"x": "X = 1\n"},
        {"zuse": "from m import Foo\nFoo.make(1)\nX = 1\n"},
        {"x": "from m import Foo\nFoo.make().attr.no = 1\n"},
    ],
    "what there is room for": [
        {
            "base": "class S: ...\n",
            "mr": "from base import S\nS().a = 1\n",
            "p": "from base import S\nS.__slots__ = ('a',)\n",
            "use": "from base import S\nS().b = 1\n",
        },
        {"mr": "X = 1\n"},
        {"use": "from base import S\nS().b = 2\n"},
        {"mr": "from base import S\nS().a = 1\n"},
    ],
    "a class inside a function": [
        {
            "base": MAKES,
            "p": "from base import make\nmake().x = 1\n",
            "use": USES_MADE,
        },
        {"p": "from base import make\nmake().x = 'a'\n"},
        {"p": "from base import make\nmake().y = 'a'\n"},
    ],
    "a function inside a function": [
        {
            "base": "def deco(f):\n    def wrapper(*it): return f(*it)\n    return wrapper\n",
            "p": "import base\nbase.deco(1).calls = 1\n",
            "use": "import base\nprint(base.deco(1).calls.no)\n",
        },
        {"p": "import base\nbase.deco(1).calls = 'a'\n"},
    ],
    "classes of one name": [
        {
            "base": "class A:\n    class Meta: ...\nclass B:\n    class Meta: ...\n",
            "conf": "from base import A as K\n",
            "p": "from conf import K\nK.Meta.x = 1\n",
            "use": "from base import A, B\nprint(A.Meta.x.no, B.Meta.x.no)\n",
        },
        {"conf": "from base import B as K\n"},
    ],
    "of the library": [
        {
            "conf": "from threading import Event as K\n",
            "p": "from conf import K\nK.x = 1\n",
            "use": "from threading import Event\nprint(Event.x.no)\n",
        },
        {"conf": "from asyncio.locks import Event as K\n"},
    ],
    "to what is not linted": [
        {
            "pylintrc": IGNORES,
            "ign": "class C: ...\n",
            "p": "from ign import C\nC.x = 1\n",
            "use": "from ign import C\nprint(C.x.no)\n",
        },
        {"p": "from ign import C\nC.x = 'a'\n"},
        {"p": "X = 1\n"},
    ],
    "to a lambda": [
        {
            "base": "v = 'a'\nf = lambda: v\n",
            "p": "import base\nbase.f.v = 1\n",
            "use": "import base\nprint(base.f().no)\n",
        },
        {"use": "import base\nprint(base.f().nothing)\n"},
    ],
    "a name that is patched in a file that adds": [
        {
            "app/__init__": "\n",
            "app/core": "class App:\n    handlers = []\n",
            "app/plug": "from app.core import App\nclass Conf: ...\nApp.conf = Conf()\n",
            "app/qlug": "from app.core import App\nApp.other = 'a'\n",
            "tests/__init__": "\n",
            "tests/test_x": "import app.plug\nclass Fake: ...\napp.plug.Conf = Fake\n",
            "tests/test_y": "from app.core import App\nprint(App.other.no)\n",
        },
        {"tests/test_y": "from app.core import App\nprint(App.other.no1)\n"},
        {"tests/test_y": "from app.core import App\nprint(App.other.no2)\n"},
    ],
    "whether all bases are known": [
        {
            "compat": "from missing import B\n",
            "base": "from compat import B\nclass C(B): ...\n",
            "use1": "from base import C\nprint(1 in C)\n",
            "use2": "from base import C\nprint(1 in C)\n",
        },
        {"compat": "class B: ...\n"},
    ],
    "a base that was generic": [
        {
            "compat": "from typing import Generic, TypeVar\nT = TypeVar('T')\n",
            "base": "from compat import Generic, T\nclass C(Generic[T]): ...\n",
            "use1": "from base import C\nprint(C().nope)\n",
            "use2": "from base import C\nprint(C().nope)\n",
        },
        {"compat": "from typing import TypeVar\nT = TypeVar('T')\nclass Generic: ...\n"},
    ],
    "what a function does to a class of its own": [
        {
            "helper": "def helper(c):\n    return c()\n",
            "base": "from helper import helper\ndef make():\n    class C: ...\n    c = helper(C)\n"
            "    c.x = 1\n    return C\n",
            "use": "from base import make\nprint(make()().x)\n",
        },
        {"helper": "def helper(c):\n    return 3\n"},
    ],
    "a field of a dataclass": [
        {
            "compat": "from dataclasses import field\n",
            "base": "from dataclasses import dataclass\nfrom compat import field\n"
            "@dataclass\nclass C:\n    x: int = field(default=3)\n",
            "use": "from base import C\nprint(C.x.nope)\n",
        },
        {"compat": "class Y:\n    nope = 1\ndef field(default):\n    return Y()\n"},
    ],
    "the parents of a path": [
        {
            "compat": "from pathlib import Path\nP = Path('a')\n",
            "base": "from compat import P\nX = P.parents[0]\n",
            "use": "from base import X\nprint(X.nope)\n",
        },
        {
            "compat": "class Y:\n    nope = 1\nclass Z:\n    parents = [Y()]\nP = Z()\n",
        },
    ],
    "the line that something is added in": [
        {
            "a": "import base\nbase.X = ''\nbase.NEW = 1\n",
            "base": "X = 1\n\n\nprint(X.nope)\ndef f(NEW):\n    return NEW\n",
        },
        {"a": "import base\n\n\n\n\n\nbase.X = ''\nbase.NEW = 1\n"},
    ],
    "a number of many digits": [
        {
            "base": "class X: ...\n",
            "a": f"import base\nbase.X.y = 0x{'f' * 4000}\n",
            "use": "from base import X\nprint(X.y.nope)\n",
        },
        {"use": "from base import X\nprint(X.y.no)\n"},
    ],
    "yes becomes one": [
        {"base": "X = True\n", "use": "from base import X\nprint(X.nope)\n"},
        {"base": "X = 1\n"},
    ],
    "half a character": [
        {
            "base": "class X:\n    y = '\\ud800'\n",
            "use": "from base import X\nprint(X.y.nope)\n",
        },
        {"base": "class X:\n    y = 1\n"},
    ],
    "what is not linted adds": [
        {
            "pylintrc": IGNORES,
            "base": "class C: ...\n",
            "ign": "from base import C\nC.x = 1\n",
            "mid": "import ign\nprint(ign)\n",
            "use": "from base import C\nprint(C.x.no)\n",
        },
        {"ign": "from base import C\nC.x = 'a'\n"},
        {"ign": "from base import C\nC.y = 'a'\n"},
        {"ign": "from base import C\nC.x = 'a'\n"},
        {"mid": "X = 1\n"},
        {"a": "import ign\nprint(ign)\n"},
        {"a": None, "last": "import ign\nprint(ign)\n"},
    ],
    "what is not linted adds to a file that looks at itself": [
        {
            "pylintrc": IGNORES,
            "aaa": "import ign\nprint(ign)\n",
            "base": "class C:\n    x = 'a'\nprint(C.x.no)\n",
            "ign": "from base import C\nC.x = 1\n",
        },
        {"ign": "from base import C\nC.x = 2.0\n"},
        {"aaa": "X = 1\n"},
    ],
    "who asks for it looks at what it added": [
        {
            "pylintrc": IGNORES,
            "base": "class C: ...\n",
            "ign": "from base import C\nC.x = 1\n",
            "use": "import ign\nfrom base import C\nprint(ign, C.x.no)\n",
        },
        {"ign": "from base import C\nC.x = 'a'\n"},
        {"ign": "from base import C\nC.y = 'a'\n"},
    ],
    "two that are not linted, one of which adds by way of the other": [
        {
            "pylintrc": "[MAIN]\nignore=ign.py,jgn.py\n",
            "aaa": "import ign\nimport jgn\nprint(ign, jgn)\n",
            "base": "class C: ...\nclass D: ...\n",
            "ign": "from base import C, D\nC.x = D\n",
            "jgn": "from base import C\nC.x.y = 1\n",
            "use": "import jgn\nfrom base import D\nprint(jgn, D.y.no)\n",
        },
        {"aaa": "import jgn\nimport ign\nprint(ign, jgn)\n"},
        {"aaa": "import jgn\nprint(jgn)\n"},
        {"aaa": "import ign\nprint(ign)\n"},
    ],
    "it is built before what it looks at is added": [
        {
            "pylintrc": IGNORES,
            "bbb": "from ign import *\n",
            "base": "class C: ...\nclass D: ...\n",
            "ccc": "from base import C, D\nC.x = D\n",
            "ddd": "from ign import *\n",
            "ign": "from base import C\nC.x.y = 1\n",
            "use": "import ign\nfrom base import D\nprint(ign, D.y.no)\n",
        },
        {"bbb": "X = 1\n"},
        {"ddd": "X = 1\n"},
        {"bbb": "from ign import *\n"},
    ],
    "what is not linted is mended": [
        {
            "pylintrc": IGNORES,
            "aaa": "import ign\nprint(ign)\n",
            "base": "from ign import *\nclass C: ...\n",
            "ign": "(\n",
            "use": "import ign\nimport base\nprint(ign.x.no, base.x.no, base.C.y.no)\n",
        },
        {"ign": "\n\n)\n"},
        {"ign": "x = 1\n"},
        {"ign": "# -*- coding: foo -*-\n"},
        {"ign": "import base\nbase.C.y = 'a'\n"},
    ],
    "it is found out once by one that is repeated": [
        {
            "pylintrc": IGNORES,
            "aaa": "from m import Foo\nFoo.make(2)\n",
            "bbb": "X = 1\n",
            "d": "def deco(f): return f\n",
            "ign": "X = 1\n",
            "m": DECORATED,
            "zuse": "from m import Foo\nFoo.make(1)\n",
        },
        {"bbb": "import ign\nprint(ign)\n"},
        {"ign": PATCHES},
        {"bbb": "X = 1\n"},
        {"bbb": "import ign\nprint(ign)\n"},
    ],
    "the place of what is added": [
        {
            "base": "class C: ...\n",
            "p": "from base import C\nC().foo = 1\nC().BadName = 1\n",
        },
        {"p": "from base import C\n\n\nC().foo = 1\nC().BadName = 1\n"},
        {"p": "from base import C\n\n\nC().foo = 1\nC() .BadName = 1\n"},
    ],
    "the second tree of a file adds": [
        {
            "atool/tool": "from base import C\nC.x = 1\n",
            "base": "class C: ...\n",
            "mid": "import atool.tool\nprint(atool)\n",
            "use": "from base import C\nprint(C.x.no)\n",
        },
        {"atool/tool": "from base import C\nC.x = 'a'\n"},
        {"mid": "X = 1\n"},
        {"atool/tool": "from base import C\nC.y = 'a'\n"},
    ],
}

REPEATED = {
    "whether it takes a class",
    "what there is room for",
    "of the library",
    "it is found out once by one that is repeated",
}
"""Those that may be run again with nothing known: what is found hangs on who asks first."""
