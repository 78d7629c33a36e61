"""The import graph is built as pylint builds it, so the same cycles are named."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import astroid
from hypothesis import given
from hypothesis import strategies as st
from pylint.checkers.imports import ImportsChecker
from pylint.lint import PyLinter

from lintbot.sandbox.jail.reuse.crossfile import GRAPHS, CrossFile

IMPORTS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 40)), max_size=60)


def a_checker() -> tuple[PyLinter, Any]:
    linter = PyLinter()
    linter.load_default_plugins()
    linter.set_current_module("one")
    return linter, next(it for it in linter.get_checkers() if type(it) is ImportsChecker)


def read(checker: Any) -> list[Any]:
    """Return the graphs in the order in which they are read."""
    return [[(node, list(edges)) for node, edges in getattr(checker, it).items()] for it in GRAPHS]


def test_edges_are_read_in_the_order_of_a_plain_run():
    """Whether a file is walked, or what its walk left is restored."""
    (_, plainly), (walked, walking), (again, restoring) = (a_checker() for _ in range(3))
    crossing, restored = CrossFile(walked), CrossFile(again)

    @given(IMPORTS)
    def is_so(imports: list[tuple[int, int]]) -> None:
        for checker in (plainly, walking, restoring):
            vars(checker).update({it: defaultdict(set) for it in GRAPHS})
        crossing.start()
        for importer, imported in imports:
            name = f"not_installed_{imported}"
            tree = astroid.parse(f"import {name}", f"m{importer}", f"/m{importer}.py")
            plainly._add_imported_module(tree.body[0], name)
            walking._add_imported_module(tree.body[0], name)
        restored.restore(crossing.remains(), list)
        assert read(walking) == read(restoring) == read(plainly)

    is_so()
