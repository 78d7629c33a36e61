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
        self._looks: dict[str, dict[str, Scopes]] = {}
        self._settled: list[tuple[Mapping[str, Scopes], set[str], int]] = []

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
            digest(*self._additions.seen({}, range(moment.changes), names)),
            *self._additions.seen(on, counted),
            *(text for name in asked for text in self._missed_by(name, moment)),
        )

    def _missed_by(self, name: str, moment: Moment) -> list[str]:
        """Return what was added to what a tree's building had looked at, if it was built before.

        If the walk itself had it built, it would see that, too.
        """
        aside = self._library.asides.get(name)
        if aside is None or aside.number >= moment.asides or aside.turn == moment.changes:
            return []
        if name not in self._looks:
            self._looks[name] = self._scopes_of(aside.frame)
        counted = range(aside.turn, moment.changes)
        missed = self._additions.seen(self._looks[name], counted, aside.frame.names)
        return [name, *missed] if missed else []

    def _scopes_of(self, frame: Frame) -> dict[str, Scopes]:
        return {
            path: {scope: [names] for scope, names in scopes.items()}
            for path, scopes in self._describe(frame).items()
        }

    # --- what is found out once and for all -------------------------------------------------

    def find_settled(self, frame: Frame) -> list[Any]:
        """Return what was looked at for what a walk took for settled, and names in the library.

        If another asked first this time, the walk itself may be the first the next time.
        """
        settled = Frame(None)
        for once in frame.once.values():
            settled.merge(once)
        return [self._scopes_of(settled), " ".join(sorted(settled.names))]

    def take_for_settled(self, on: Mapping[str, Scopes], names: set[str]) -> None:
        """Tell that a walk is repeated that took for settled what was found out by these looks.

        Args:
            on: by path, the scopes that were looked at.
            names: that were looked up in the library.
        """
        self._settled.append((on, names, len(self._library.changes)))

    def unsettled(self) -> bool:
        """Tell whether something was added later that a repeated walk took for settled."""
        end = len(self._library.changes)
        return any(
            self._additions.seen(on, range(start, end), names) for on, names, start in self._settled
        )
