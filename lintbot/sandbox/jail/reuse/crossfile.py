"""Shell: what pylint compares across files: similar lines and cyclic imports.

Both are decided when every file has been walked, from what each walk left behind. A file that is
not walked leaves behind what it left the last time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from .similar import find_shared

GRAPHS = ("import_graph", "_excluded_edges")
"""Attributes of pylint's checker of imports."""
Remains = dict[str, Any]
"""What one walk left: ``edges`` of the import graph and the ``lines`` that are compared."""


class CrossFile:
    """The two checkers of one run that look across files."""

    def __init__(self, linter: Any) -> None:
        symilar = import_module("pylint.checkers.symilar")
        imports = import_module("pylint.checkers.imports")
        self._symilar = symilar
        # pylint quotes one file of those that are alike, by where they lie in memory.
        symilar.LineSet.__hash__ = _hash_name
        self._remembered = _remembered(symilar.LineSet)
        checkers = linter.get_checkers()
        self._lines = _only(checkers, symilar.SimilaritiesChecker)
        self._lines._iter_sims = self._find_shared  # noqa: SLF001
        self._imports = _only(checkers, imports.ImportsChecker)
        self._edges: list[tuple[str, str, str]] = []
        self._add = self._imports._add_imported_module  # noqa: SLF001  # no other way
        self._imports._add_imported_module = self._logged_add  # noqa: SLF001
        self._seen_lines = 0

    def _find_shared(self) -> Iterator[Any]:
        least = self._lines.namespace.min_similarity_lines
        return find_shared(self._symilar, self._lines.linesets, least)

    def _logged_add(self, node: Any, name: str) -> None:
        """Add to the import graph, and log it, also what a namesake's walk added before.

        One by one, as pylint does: by which way a set grew decides in which order it is read, and
        that decides which of several overlapping cycles are named.
        """
        graphs = {which: getattr(self._imports, which) for which in GRAPHS}
        added: dict[str, defaultdict[str, set[str]]] = {which: defaultdict(set) for which in GRAPHS}
        vars(self._imports).update(added)
        try:
            self._add(node, name)
        finally:
            vars(self._imports).update(graphs)
        for which, graph in added.items():
            for context, edges in graph.items():
                for edge in edges:
                    graphs[which][context].add(edge)
                    self._edges.append((which, context, edge))

    def start(self) -> None:
        """Begin a walk."""
        self._edges = []
        self._seen_lines = len(self._lines.linesets)

    def remains(self) -> Remains:
        """Return what the walk since ``start`` left behind."""
        new = self._lines.linesets[self._seen_lines :]
        return {
            "edges": self._edges,
            "lines": [
                [
                    lines.name,
                    len(lines),
                    [line.line_number for line in lines.stripped_lines],
                    "\n".join(line.text for line in lines.stripped_lines),
                ]
                for lines in new
            ],
        }

    def drop(self) -> None:
        """Compare nothing."""
        self._lines.linesets.clear()

    def restore(self, remains: Remains, read: Callable[[], list[str]]) -> None:
        """Leave behind what a walk left; ``read`` returns the file's lines.

        Raises:
            LookupError, TypeError, ValueError: it is damaged; nothing was changed.
        """
        sets = [self._line_set(words, read) for words in remains["lines"]]
        edges = [(GRAPHS[GRAPHS.index(it)], str(n), str(e)) for it, n, e in remains["edges"]]
        self._lines.linesets += sets
        for which, node, edge in edges:
            getattr(self._imports, which)[node].add(edge)

    def _line_set(self, words: list[Any], read: Callable[[], list[str]]) -> Any:
        name, total, numbers, text = words
        lines = self._remembered.__new__(self._remembered)
        lines.name, lines.total, lines.read = str(name), int(total), read
        texts = text.split("\n") if numbers else []
        if len(texts) != len(numbers):
            raise ValueError("a line without its number")
        lines._stripped_lines = list(map(self._symilar.LineSpecifs, numbers, texts))  # noqa: SLF001
        return lines


def _remembered(line_set: Any) -> Any:
    """Return a kind of line set that reads its file only when it is quoted."""

    class Remembered(line_set):  # type: ignore[misc]
        def __len__(self) -> int:
            return int(self.total)

        @property
        def real_lines(self) -> list[str]:
            return self.read()  # type: ignore[no-any-return]

    return Remembered


def _hash_name(lines: Any) -> int:
    return hash(lines.name)


def _only(checkers: list[Any], kind: Any) -> Any:
    return next(checker for checker in checkers if type(checker) is kind)
