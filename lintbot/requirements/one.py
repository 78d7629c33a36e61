"""Pure: one requirement as it is written, and on which line it stands."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Callable
from functools import cached_property, partial

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Parsed
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from lintbot.model.requirement import Requirement

MAX_LINE = 1_000
"""Characters of one requirement; packaging's parser is not asked about longer ones."""
MAX_SEARCHED = 32 * 1024 * 1024
"""Characters of one file that are looked at, in all, to tell lines: many times each."""


class Lines:
    """Finds on which line of a file something stands; the same thing twice in file order.

    A file that makes the search long gets no more lines told: 1, as for what is not there.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._at: dict[str, int] = {}
        self._left = MAX_SEARCHED

    def find(self, *spellings: str) -> int:
        """Return the line of the first spelling that is there, after the last time; else 1."""
        for spelling in spellings:
            at = self._next(spelling, partial(self._text.find, spelling))
            if at >= 0:
                return self._line_of(at)
        return 1

    def find_key(self, name: str) -> int:
        """Return the line of the first ``name = …``, after the last time; else 1."""
        if len(name) > MAX_LINE:
            return 1
        key = re.compile(rf"""^[ \t]*+["']?{re.escape(name)}["']?[ \t]*+=""", re.MULTILINE)

        def search(start: int) -> int:
            match = key.search(self._text, start)
            return match.start() if match else -1

        at = self._next(name, search)
        return self._line_of(at) if at >= 0 else 1

    def _next(self, spelling: str, search: Callable[[int], int]) -> int:
        """Return where it stands after the last time, else where it stands first, else -1."""
        at = self._search(search, self._at.get(spelling, -1) + 1)
        if at < 0 and spelling in self._at:
            at = self._search(search, 0)
        if at >= 0:
            self._at[spelling] = at
        return at

    def _search(self, search: Callable[[int], int], start: int) -> int:
        if self._left <= 0:
            return -1
        at = search(start)
        self._left -= (at if at >= 0 else len(self._text)) - start
        return at

    def _line_of(self, at: int) -> int:
        return bisect_left(self._ends, at) + 1

    @cached_property
    def _ends(self) -> array[int]:
        return array("I", (it.start() for it in re.finditer("\n", self._text)))


def make_requirement(  # noqa: PLR0913  each is one fact about where it stands
    text: str,
    path: str,
    line: int,
    *,
    group: str = "",
    locked: bool = False,
    elsewhere: bool = False,
) -> Requirement | None:
    """Return the requirement that a text is; None when it is none (an address, a path, noise)."""
    if len(text) > MAX_LINE:
        return None
    try:
        parsed = Parsed(text.strip())
    except (InvalidRequirement, RecursionError):
        return None
    return Requirement(
        name=canonicalize_name(parsed.name),
        specifier=str(parsed.specifier),
        path=path,
        line=line,
        group=group,
        pinned=_pin_of(parsed.specifier),
        locked=locked,
        elsewhere=elsewhere or parsed.url is not None,
        marker=str(parsed.marker or ""),
    )


def _pin_of(specifier: SpecifierSet) -> str | None:
    """Return the version of ``==1.2``; None for ``==1.*`` and everything else."""
    exact = [it.version for it in specifier if it.operator in {"==", "==="}]
    return exact[0] if len(exact) == 1 and not exact[0].endswith(".*") else None
