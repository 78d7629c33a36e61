"""Pure: patterns for paths and branches. Their cost is bounded, whoever wrote them.

``*``, ``?`` and ``[…]`` stay within one part; ``**`` stands for any number of parts.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable

_ANY = "**"

_Part = Callable[[str], object] | None
"""Matches one part; None: any number of parts."""


def match_paths(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Return a test of paths: does any pattern fit it, or a folder that it is in?

    A pattern without a slash fits at any depth, as in ``.gitignore``; one with a slash begins
    at the repository's root.
    """
    every = [_compile(_rooted(pattern)) for pattern in patterns]
    return lambda path: any(_reach(parts, path.split("/")) for parts in every)


def match_names(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Return a test of branch names: does any pattern fit the whole name?"""
    every = [_compile(pattern) for pattern in patterns]

    def fits(name: str) -> bool:
        names = name.split("/")
        return any(len(names) in _reach(parts, names) for parts in every)

    return fits


def _rooted(pattern: str) -> str:
    pattern = pattern.rstrip("/")
    return pattern.removeprefix("/") if "/" in pattern else f"{_ANY}/{pattern}"


def _compile(pattern: str) -> list[_Part]:
    return [
        None if part == _ANY else re.compile(fnmatch.translate(part)).match
        for part in pattern.split("/")
    ]


def _reach(parts: list[_Part], names: list[str]) -> set[int]:
    """Return after how many names all parts are used up; none when they do not fit.

    All ways are followed side by side, so that many ``**`` cost no more than one.
    """
    at = {0}
    for part in parts:
        if part is None:
            at = set(range(min(at), len(names) + 1))
        else:
            at = {n + 1 for n in at if n < len(names) and part(names[n])}
        if not at:
            break
    return at
