"""Pure: what was counted in the Python files of a tree."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Numbers over all Python files that could be read.

    Attributes:
        files: read; ``unread``: too large, not Python 3, or the parser gave up on them.
        names: modules, classes and functions; ``documented``: with a docstring.
        public: public ones outside tests; ``explained``: whose docstring says something.
        functions: outside tests; ``typed``: with a type for every argument and the result.
        statements: outside tests; ``test_statements``: in tests, without ``pass`` and texts.
        tests: test functions that check something.
    """

    files: int = 0
    unread: int = 0
    names: int = 0
    documented: int = 0
    public: int = 0
    explained: int = 0
    functions: int = 0
    typed: int = 0
    statements: int = 0
    test_statements: int = 0
    tests: int = 0
