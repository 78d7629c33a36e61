"""Shell: what astroid and pylint do most often, done with less work and the same outcome.

Building a tree asks each call twenty times whether it calls a certain builtin function. Inferring
anything makes a new manager, which is but another handle of the only one, and looks for conditions
around each name, of which most have none. pylint's report is written in one go.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from importlib import import_module
from types import SimpleNamespace
from typing import Any

Rule = tuple[Any, Any]
"""A transform and its predicate, as astroid keeps them."""
ANY = "*"
"""Instead of a name: any rule may be about it."""
CONDITIONAL = (
    *("If", "IfExp", "Comprehension"),
    *("ListComp", "SetComp", "DictComp", "GeneratorExp"),
)
"""Nodes whose parts hold under a condition: astroid/constraint.py."""


def install() -> None:
    """Take the place of astroid's and pylint's own."""
    visitor = import_module("astroid.transforms").TransformVisitor
    visitor._transform = make_transform(visitor._transform)  # noqa: SLF001  # no other way
    manager = import_module("astroid.manager").AstroidManager()
    for name in ("astroid.nodes.node_ng", "astroid.nodes.scoped_nodes.utils"):
        import_module(name).AstroidManager = lambda: manager  # type: ignore[attr-defined]
    context = import_module("astroid.context")
    context.InferenceContext.inferred = context._INFERENCE_CACHE  # noqa: SLF001  # as it returns
    constraint = import_module("astroid.constraint")
    constraint.get_constraints = make_get_constraints(constraint.get_constraints)  # type: ignore[attr-defined]
    reporter = import_module("pylint.reporters.json_reporter")
    reporter.json = SimpleNamespace(dumps=_dump)  # type: ignore[attr-defined]


def _dump(found: Any, **_: Any) -> str:
    """Write a report without the indents, with which it takes much longer, but for its first line.

    By that its beginning is known.
    """
    return json.dumps(found).replace("{", "{\n", 1)


def make_transform(usual: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Return what transforms a node, and asks of a call only the rules that may be about it.

    Args:
        usual: astroid's own way, for all other nodes.
    """
    book = Rules()

    def transform(visitor: Any, node: Any) -> Any:
        rules = visitor.transforms[node.__class__]
        if not rules:
            return node
        if node.__class__ is not book.call:
            return usual(visitor, node)
        for place, change, predicate in book.find(rules, node.func):
            if predicate is None or predicate(node):
                return book.go_on(rules[place + 1 :], node, change(node))
        return node

    return transform


def make_get_constraints(usual: Callable[..., Any]) -> Callable[..., Any]:
    """Return what finds the conditions that a name stands under, and looks for none in vain.

    Args:
        usual: astroid's own way.
    """
    nodes = import_module("astroid.nodes")
    conditional = frozenset(getattr(nodes, name) for name in CONDITIONAL)

    def get_constraints(expr: Any, frame: Any) -> Any:
        node = expr
        while node is not None and node is not frame:
            node = node.parent
            if node.__class__ in conditional:
                return usual(expr, frame)
        return {}

    return get_constraints


class Rules:
    """The rules for calls, by what is called."""

    def __init__(self) -> None:
        nodes = import_module("astroid.nodes")
        brain = import_module("astroid.brain.brain_builtin_inference")
        context = import_module("astroid.context")
        self.call = nodes.Call
        self.forget_inferred = context._invalidate_cache  # noqa: SLF001  # no other way
        self._name, self._attribute = nodes.Name, nodes.Attribute
        self._is_builtin = brain._builtin_filter_predicate  # noqa: SLF001
        self._count = 0
        self._about: dict[str, list[tuple[int, Any, Any]]] = {}

    def find(self, rules: list[Rule], called: Any) -> list[tuple[int, Any, Any]]:
        """Return those that may be about a call, and where each stands among all.

        Args:
            rules: all there are.
            called: the node that is called.
        """
        if len(rules) != self._count:
            self._count, self._about = len(rules), {}
        name = ""
        if called.__class__ is self._name:
            name = called.name
        elif called.__class__ is self._attribute and called.attrname == "fromkeys":
            name = ANY  # of ``dict`` it counts as each builtin
        if name not in self._about:
            self._about[name] = [
                (place, *rule)
                for place, rule in enumerate(rules)
                if self._may_be_about(rule[1], name)
            ]
        return self._about[name]

    def _may_be_about(self, predicate: Any, name: str) -> bool:
        if name != ANY and isinstance(predicate, partial) and predicate.func is self._is_builtin:
            return bool(predicate.keywords["builtin_name"] == name)
        return True

    def go_on(self, rules: list[Rule], node: Any, changed: Any) -> Any:
        """Do what astroid does after the first rule that is about a call.

        Args:
            rules: those that come after it.
            node: the call.
            changed: what the rule returned; anything but a call ends it.
        """
        left = iter(rules)
        while changed is not None:
            self.forget_inferred()
            node, changed = changed, None
            if node.__class__ is self.call:
                about = (change for change, predicate in left if not predicate or predicate(node))
                changed = next(about, _nothing)(node)
        return node


def _nothing(_: Any) -> None:
    """No rule is left."""
