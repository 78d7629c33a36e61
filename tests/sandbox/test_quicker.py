"""What stands in the place of astroid's own does the same."""

from __future__ import annotations

import ast
import difflib
import enum
import inspect
import subprocess
import sys
import tokenize
from functools import partial
from typing import Any

import astroid
import pytest
from astroid import constraint, nodes
from astroid.brain.brain_builtin_inference import _builtin_filter_predicate
from astroid.manager import AstroidManager
from astroid.nodes.node_ng import NodeNG
from astroid.transforms import TransformVisitor

from lintbot.sandbox.jail.reuse.quicker import make_get_constraints, make_transform

MODULES = (ast, difflib, enum, inspect, tokenize)
CALLS = """
from re import *
Pattern = type(sre_compile.compile("", 0))
a = dict.fromkeys("ab")
b = int("1") + len(str(bool(0)))
c = getattr(a, "b", dict(x=1))
d = (lambda: list)()()
e = f"{isinstance(a, tuple)}"
"""


@pytest.fixture(params=[*(inspect.getsource(it) for it in MODULES), CALLS])
def source(request: pytest.FixtureRequest) -> str:
    text: str = request.param
    return text


@pytest.mark.parametrize("tells", [True, False])
def test_the_same_rules_are_applied_to_the_same_nodes(source: str, tells: bool):
    """Real rules, but their changes are only noted; astroid's own mostly return the node."""
    applied: list[int] = []

    def noting(number: int) -> Any:
        def note(node: Any) -> Any:
            applied.append(number)
            return node if tells else None

        return note

    plain, quick = TransformVisitor(), make_transform(TransformVisitor._transform)
    for kind, rules in AstroidManager()._transform.transforms.items():
        plain.transforms[kind] = [(noting(n), rule[1]) for n, rule in enumerate(rules)]
    assert len(plain.transforms[nodes.Call]) > 20
    count = 0
    for node in astroid.parse(source).nodes_of_class(NodeNG):
        assert plain._transform(node) is node
        plainly = applied.copy()
        applied.clear()
        assert quick(plain, node) is node
        assert applied == plainly
        count += len(applied)
        applied.clear()
    assert count > 5


def test_after_a_change_every_rule_is_asked_again():
    """What stands in a call's place may be about something else; nothing ends it."""
    call, other = astroid.extract_node("int(1)"), astroid.extract_node("str(1)")
    visitor = TransformVisitor()
    of = {name: partial(_builtin_filter_predicate, builtin_name=name) for name in ("int", "str")}
    seen: list[str] = []
    visitor.transforms[nodes.Call] = [
        (lambda _: other, of["int"]),
        (lambda _: seen.append("int"), of["int"]),
        (lambda it: seen.append("str") or it, of["str"]),
        (lambda _: seen.append("last"), of["str"]),
        (lambda _: seen.append("never"), of["str"]),
    ]
    assert make_transform(TransformVisitor._transform)(visitor, call) is other
    assert seen == ["str", "last"]


CONDITIONS = """
def f(a, b):
    if a is None:
        b = [a for c in b if a if c is not None]
        return b
    elif not a:
        return {a: c for c in b if a for d in c if not d}
    return a if isinstance(b, int) else (lambda: b)() or {c for c in a if c}
"""


def shape(found: Any) -> Any:
    return {node: sorted(type(it).__name__ for it in some) for node, some in found.items()}


@pytest.mark.parametrize("text", [*map(inspect.getsource, MODULES), CONDITIONS])
def test_the_same_conditions_are_found(text: str):
    usual = constraint.get_constraints
    quick = make_get_constraints(usual)
    count = 0
    for node in astroid.parse(text).nodes_of_class((nodes.Name, nodes.AssignName)):
        for frame in (node.frame(), node.root(), node.parent, node):
            found = usual(node, frame)
            assert shape(quick(node, frame)) == shape(found)
            count += bool(found)
    assert count


def test_what_may_decorate_a_method_is_found_where_astroid_finds_it():
    """In a process of its own: there is no way back from watching trees."""
    text = """
class A:
    x = y = 1
    def f(self): ...
    f = staticmethod(f)
    def g(self): ...
    g = h = classmethod(g)
    i = f.g(f)
    if x:
        g = staticmethod(g)
"""
    code = f"""
import astroid
from lintbot.sandbox.jail.reuse import noting
def show():
    tree = astroid.parse({text!r})
    found = [it.as_string() for f in tree.body[0].mymethods() for it in f.extra_decorators]
    return found, [f.type for f in tree.body[0].mymethods()]
usual = show()
noting.install()
assert show() == usual and len(usual[0]) >= 3, (usual, show())
"""
    subprocess.run([sys.executable, "-c", code], check=True)
