"""What a node says survives what no other file can see, and nothing else."""

from __future__ import annotations

import argparse
import ast
import dataclasses
import inspect
import subprocess
import sys
import tokenize
from typing import Any

import astroid
import pytest
from astroid import nodes

from lintbot.sandbox.jail.reuse.shapes import (
    is_made_up,
    spell_annotations,
    spell_head,
    spell_whole,
)

EVERY_KIND = '''
"""A module."""
from __future__ import annotations
import a.b as c, d
from .e import (f as g, h)
async def i(j, /, k: int = 1, *l: str, m=(n := 2), **o) -> int:
    """A function."""
    global p; p = [q for q in range(3) if q if not q]
    async with r as s, t: await s
    async for u in v: yield u
    else: pass
    return {**k, "a": 1}, {1, *l}, lambda w, x=3: w[1:2, ...], f"{k!r:>{m}} b"
@y.z(1)
class A(B, C.D, metaclass=E, key=1):
    """A class."""
    f: int; g: str = "a"; h = 1j
    try: i()
    except (F, G) as e: raise H from e
    else: del i.j, k[0]
    finally: assert l, "m"
    while n: continue
    n += -1 if not o else ~2
match p:
    case [1, *_] | {"a": q, **r} | S(t, u=v) | None if w: x
    case _: print(*y, **z)
'''


def functions(text: str) -> list[Any]:
    return list(astroid.parse(text).nodes_of_class((nodes.FunctionDef, nodes.ClassDef)))


@pytest.mark.parametrize(
    "text", [EVERY_KIND, *map(inspect.getsource, (argparse, dataclasses, tokenize))]
)
def test_it_survives_another_layout(text: str):
    """``ast.unparse`` drops comments and breaks lines elsewhere."""
    again = ast.unparse(ast.parse(text))
    assert again != text
    ones, others = ([astroid.parse(it), *functions(it)] for it in (text, again))
    for one, other in zip(ones, others, strict=True):
        for spell in (spell_head, spell_whole):
            assert wherever(spell(one)) == wherever(spell(other))


def wherever(said: str) -> list[str]:
    """Return the words without those of which statements share a line: see below."""
    return [word for word in said.removesuffix(";").split("\0") if word != ";"]


class Changes(ast.NodeTransformer):
    """Makes the change of one number."""

    def __init__(self, number: int) -> None:
        self.number = number

    def visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        for name, value in ast.iter_fields(node):
            changed = self._change(name, value)
            if changed is not None:
                self.number -= 1
                if self.number == 0:
                    setattr(node, name, changed)
        return node

    def _change(self, name: str, value: Any) -> Any:
        if name in {"ctx", "type_comment", "kind"}:
            return None
        if isinstance(value, str) and name in {"id", "attr", "arg", "name", "value", "module"}:
            return f"{value}x"
        if isinstance(value, int) and name == "value":
            return value + 1
        if isinstance(value, list) and len(value) > 1 and name not in {"ops", "keys", "keywords"}:
            return value[::-1]
        return None


def code_of(text: str) -> str:
    """Return what is left of a text without docstrings and annotations of arguments."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            node.annotation = None
        body = getattr(node, "body", None)
        if isinstance(node, ast.Module | ast.ClassDef | ast.AsyncFunctionDef) and body:
            first = body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                del body[0]
    return ast.dump(tree)


def test_every_change_of_code_shows():
    text = ast.unparse(ast.parse(EVERY_KIND))
    usual, code = spell_whole(astroid.parse(text)), code_of(text)
    seen = 0
    for number in range(1, 400):
        changes = Changes(number)
        try:
            other = ast.unparse(changes.visit(ast.parse(text)))
            tree = astroid.parse(other)
        except (SyntaxError, astroid.AstroidSyntaxError):
            continue  # it means nothing now
        if changes.number > 0:
            break
        differs = code_of(other) != code
        assert (spell_whole(tree) != usual) is differs, other
        seen += differs
    assert seen > 60


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("def f(a: int): ...", "def f(a): ...", True),
        ("def f(a) -> int: ...", "def f(a): ...", False),
        ('def f(a):\n  """Doc."""', 'def f(a):\n  """Other."""', True),
        ('class f:\n  """Doc."""\n  x = 1', "class f:\n  x = 1  # y", True),
        ("class f: x: int", "class f: x: str", False),
        (
            "def f(a):\n  # type: (int) -> int\n  ...",
            "def f(a):\n  # type: (int) -> str\n  ...",
            False,
        ),
        ("def f():\n  a = b  # type: int", "def f():\n  a = b  # type: str", False),
        ("def f(a, b=1): ...", "def f(a, b=2): ...", False),
        ("def f(a, *b): ...", "def f(a, **b): ...", False),
        ("def f(a, /, b): ...", "def f(a, b): ...", False),
        ("def f(a, *, b): ...", "def f(a, b): ...", False),
        ("@a\ndef f(): ...", "@b\ndef f(): ...", False),
        ("async def f(): ...", "def f(): ...", False),
        ("class f(a): ...", "class f(metaclass=a): ...", False),
        ("def f():\n  a = 1\n  return a", "def f():\n  a = 1; return a", False),
        ("def f():\n  if a:\n    return a", "def f():\n  if a: return a", False),
        ("def f():\n  return 'a b'", "def f():\n  return 'ab'", False),
        ("def f():\n  return (a)", "def f():\n  return (\n a # b\n)", True),
    ],
)
def test_what_counts(one: str, other: str, same: bool):
    assert (spell_whole(functions(one)[0]) == spell_whole(functions(other)[0])) is same


def test_a_head_has_no_body():
    one, other = functions("def f(a): return 1")[0], functions("def f(a):\n  b = 1")[0]
    assert spell_head(one) == spell_head(other)
    assert spell_whole(one) != spell_whole(other)
    annotated = functions("def f(a: int): return 1")[0]
    assert spell_head(one) == spell_head(annotated)
    assert spell_annotations(one) != spell_annotations(annotated)


def test_a_statement_that_shares_a_line_says_so():
    apart, together = (astroid.parse(it).body[1] for it in ("a = 1\nb = 2", "a = 1; b = 2"))
    assert spell_head(apart) != spell_head(together)


def test_what_astroid_makes_up_is_told_from_what_is_written():
    text = "import dataclasses\n@dataclasses.dataclass\nclass A:\n  a: int\n  def f(self): ..."
    of = astroid.parse(text).body[1]
    assert [is_made_up(of.locals[name][0]) for name in ("__init__", "f", "a")] == [
        True,
        False,
        False,
    ]


def test_reading_a_docstring_or_an_annotation_is_noted():
    """In a process of its own: there is no way back from watching trees."""
    code = """
import astroid
from lintbot.sandbox.jail.reuse import digests, noting, recorder
noting.install()
recorder.RECORDER.root = "/r/"
def tree(a):
    return astroid.parse(f'\\"\\"\\"Module.\\"\\"\\"\\nclass A:\\n  \\"\\"\\"Doc {a}.\\"\\"\\"\\n'
                         f'  def f(self, a: {a}):\\n    def g(x: {a}): ...\\n', path="/r/a.py")
def notes(look):
    frame = recorder.Frame("b.py")
    module = tree("int")
    with recorder.RECORDER.note_for(frame):
        look(module)
    found = digests.describe_notes(frame)
    def shown(module):
        trees = digests.Trees({"a.py": module}, {"a.py": str(id(module))})
        return {(s, n): trees.digest_of("a.py", s, [n])
                for s, names in found.get("a.py", {}).items() for n in names}
    one, same, other = shown(module), shown(tree("int")), shown(tree("str"))
    return [(s, n, one[s, n] == other[s, n]) for s, n in one], one == same
print(notes(lambda m: m.doc_node), notes(lambda m: dict.get(m.locals, "A")[0].doc_node),
      notes(lambda m: dict.get(dict.get(m.locals, "A")[0].locals, "f")[0].args.annotations),
      notes(lambda m: dict.get(dict.get(m.locals, "A")[0].locals, "f")[0].args.args),
      notes(lambda m: dict.get(dict.get(dict.get(m.locals, "A")[0].locals, "f")[0].locals, "g")
            [0].args.annotations)[0], sep="\\n")
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == [
        "([('l:', '\"', True)], True)",
        "([('l:A#0', '\"', False)], True)",
        "([('l:A#0.f#0', ':', False)], True)",
        "([], True)",
        "[('?', '()', False)]",
    ]
