"""Shell: what the walks before one built and added, of what it may see.

Files that are not linted, and second trees of those that go by two names, are built when somebody
asks for them: mostly in the middle of a walk. What such a tree adds to others is seen by the walks
after that one, and what it is itself hangs on what had been added before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .additions import Additions
from .digests import ANYWHERE, Scopes, digest
from .held import Library
from .recorder import Frame

_ALL: Scopes = {ANYWHERE: [[]]}
"""What a file's own walk may have looked at there."""


@dataclass(frozen=True)
class Moment:
    """When a walk begins.

    Attributes:
        changes: how many attributes had been added to other files' trees by then.
        asides: how many trees had been built of files that are not linted, and second ones.
    """

    changes: int
    asides: int


class Earlier:
    """What walks see of those before them, in one run."""

    def __init__(
        self,
        library: Library,
        additions: Additions,
        describe: Callable[[Frame], Mapping[str, Mapping[str, list[str]]]],
    ) -> None:
        """Prepare.

        Args:
            library: builds the trees.
            additions: all of the run.
            describe: returns notes as path, scope and names.
        """
        self._library = library
        self._additions = additions
        self._describe = describe
        self._first = 0
        self._states: dict[str, str] = {}

    def begin(self) -> None:
        """Tell that all trees are built, or wait, and the walks begin."""
        self._first = len(self._library.changes)

    def now(self) -> Moment:
        """Return the moment at which the next walk begins."""
        return Moment(len(self._library.changes), len(self._library.asides))

    def show(
        self,
        path: str,
        asked: Iterable[str],
        names: set[str],
        looked_at: Mapping[str, list[Any]],
        moment: Moment,
    ) -> str:
        """Return a digest of what a walk may have seen of what those before it did.

        Args:
            path: of the file that it walked.
            asked: full names of the modules that it asked for.
            names: that it looked up in the library.
            looked_at: by path, in a pair with something else, the scopes that it looked at.
            moment: when it began.
        """
        counted = range(self._first, moment.changes)
        on = {other: scopes for other, (_, scopes) in looked_at.items()} | {path: _ALL}
        return digest(
            self._additions.to_library(names, moment.changes),
            *self._additions.seen(on, counted),
            "",
            *(self._state_of(name) for name in asked if self._is_built(name, moment)),
        )

    def _is_built(self, name: str, moment: Moment) -> bool:
        aside = self._library.asides.get(name)
        return aside is not None and aside.number < moment.asides

    def _state_of(self, name: str) -> str:
        """Return what had been added to what a tree's building looked at; empty: nothing."""
        if name not in self._states:
            aside = self._library.asides[name]
            on = {
                path: {scope: [names] for scope, names in scopes.items()}
                for path, scopes in self._describe(aside.frame).items()
            }
            seen = self._additions.seen(on, range(aside.turn), aside.frame.names)
            self._states[name] = digest(name, *seen) if seen else ""
        return self._states[name]
