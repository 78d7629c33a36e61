"""Pure: one requirement as it is written, and on which line it stands."""

from __future__ import annotations

import re

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Parsed
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from lintbot.model.requirement import Requirement

MAX_LINE = 1_000
"""Characters of one requirement; packaging's parser is not asked about longer ones."""


class Lines:
    """Finds on which line of a file something stands; the same thing twice in file order."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at: dict[str, int] = {}

    def find(self, *spellings: str) -> int:
        """Return the line of the first spelling that is there, after the last time; else 1."""
        for spelling in spellings:
            at = self._text.find(spelling, self._at.get(spelling, -1) + 1)
            if at < 0:
                at = self._text.find(spelling)
            if at >= 0:
                self._at[spelling] = at
                return self._text.count("\n", 0, at) + 1
        return 1

    def find_key(self, name: str) -> int:
        """Return the line of the first ``name = …``, after the last time; else 1."""
        spelling = re.compile(rf"""^[ \t]*["']?{re.escape(name)}["']?[ \t]*=""", re.MULTILINE)
        match = spelling.search(self._text, self._at.get(name, -1) + 1)
        match = match or spelling.search(self._text)
        if match is None:
            return 1
        self._at[name] = match.start()
        return self._text.count("\n", 0, match.start()) + 1


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
