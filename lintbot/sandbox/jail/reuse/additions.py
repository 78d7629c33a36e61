"""Shell: what trees add to others, as it was done or is promised, and who looks at it.

Building a tree adds an attribute to another where its file sets one on a module, a class or a
function of another file. What a third tree or a walk sees of that hangs on when it looks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .digests import ADDED, ANYWHERE, Scopes, describe, digest, locate, name_scope
from .recorder import ALL, BODY, INSIDE, LIBRARY, NAMES, RECORDER, Frame, Place, Watched

_WHOLE = frozenset({NAMES, ALL})
"""Instead of a name: any name may be meant."""


@dataclass(frozen=True)
class Change:
    """An attribute that a module's tree added to another's.

    Attributes:
        at: where it went.
        node: the assignment.
    """

    at: Watched
    name: str
    node: Any

    @cached_property
    def by(self) -> str:
        """The path of the file that added it, or LIBRARY."""
        return RECORDER.find_home(self.node) or LIBRARY

    @property
    def place(self) -> Place:
        """Where it went."""
        return self.at.place

    @property
    def text(self) -> str:
        """A digest of all that it shows, when the trees are whole."""
        place = locate(self.node) if self.by == LIBRARY else ""
        shown = place or describe(self.node)
        owner, (scope, inner) = self.at.owner, name_scope(self.at)
        if self.at.kind == "l":  # whoever looks up a name asks which line comes first
            shown += f" {self.node.fromlineno}"
        line = str((owner.lineno or 0) - (owner.parent.scope().lineno or 0)) if inner else ""
        return digest(self.at.home or LIBRARY, owner.qname(), scope, line, self.name, shown)


@dataclass(frozen=True)
class Promise:
    """An attribute that a tree that waits adds to another's when it is built; see ``Change``."""

    by: str
    place: Place
    name: str
    text: str

    def plain(self) -> list[str]:
        """Return it as it is remembered with its file."""
        return [*self.place, self.name, self.text]


Added = Change | Promise


def spell(added: Added) -> Promise:
    """Return all that is to be known of an addition, when the trees are whole."""
    if isinstance(added, Promise):
        return added
    return Promise(added.by, added.place, added.name, added.text)


def in_order(added: Iterable[Added]) -> list[Promise]:
    """Spell additions; their order matters at each place only."""
    return sorted(map(spell, added), key=lambda it: it.place)


def read_promises(path: str, adds: list[list[str]]) -> list[Promise]:
    """Return what building a file's tree adds to others, as an earlier run left it.

    Raises:
        TypeError: it is damaged.
        ValueError: it is damaged.
    """
    promises = []
    for home, kind, owner, name, text in adds:
        if {type(it) for it in (home, kind, owner, name, text)} != {str}:
            raise TypeError(adds)
        promises.append(Promise(path, (home, kind, owner), name, text))
    return promises


def looked_at_any(frame: Frame, changes: Iterable[Added]) -> bool:
    """Tell whether what a building looked at may have been changed by one of these."""
    looked_at: dict[Place, set[str]] = {}
    for watched, names in frame.seen.values():
        looked_at.setdefault(watched.place, set()).update(names)
    for change in changes:
        names = looked_at.get(change.place, set())
        if change.name in names or not names.isdisjoint(_WHOLE):
            return True
        if change.place[0] == LIBRARY and _goes_by(change, frame.names):
            return True
    return False


def _goes_by(change: Added, names: Collection[str]) -> bool:
    """Tell whether one of the names that were looked up in the library may mean a change."""
    return change.name in names or f"*{change.place[2]}" in names


class Additions:
    """All additions of a run so far, spelled once."""

    def __init__(self, changes: list[Added]) -> None:
        """Prepare.

        Args:
            changes: in the order in which a plain run would make them; it grows.
        """
        self._changes = changes
        self._spelled: list[Promise] = []
        self._to: dict[str, list[tuple[int, Promise]]] = {}

    def _read(self) -> list[Promise]:
        for change in self._changes[len(self._spelled) :]:
            promise = spell(change)
            number = len(self._spelled)
            self._spelled.append(promise)
            self._to.setdefault(promise.place[0], []).append((number, promise))
        return self._spelled

    def by_home(self, *, inside: bool = False) -> dict[str, list[str]]:
        """Return the texts of what was added, by the path that it was added to.

        Args:
            inside: only of what was added inside of functions.
        """
        found: dict[str, list[str]] = {}
        for it in in_order(self._read()):
            if not inside or it.place[2] == INSIDE:
                found.setdefault(it.place[0], []).append(it.text)
        return found

    def makers(self, path: str) -> set[str]:
        """Return the files of the repository that added something to one."""
        self._read()
        return {it.by for _, it in self._to.get(path, ())} - {LIBRARY}

    def by_maker(self) -> dict[str, list[Promise]]:
        """Return what was added, by the path that it was added by, in order."""
        found: dict[str, list[Promise]] = {}
        for it in self._read():
            found.setdefault(it.by, []).append(it)
        return found

    def changed_later(self, looks: Iterable[tuple[Frame, int]]) -> bool:
        """Tell whether something was added to what some looks saw after they saw it.

        Args:
            looks: each with the number of additions before it.
        """
        spelled = self._read()
        last = {it.place: number for number, it in enumerate(spelled)}
        to_library = {it.name for it in spelled if it.place[0] == LIBRARY}
        to_library |= {f"*{it.place[2]}" for it in spelled if it.place[0] == LIBRARY}
        return any(
            count < len(spelled)
            and (
                any(last.get(watched.place, -1) >= count for watched, _ in frame.seen.values())
                or not to_library.isdisjoint(frame.names)
            )
            and looked_at_any(frame, spelled[count:])
            for frame, count in looks
        )

    def around(
        self, path: str, turn: int, on: Mapping[str, Scopes], names: set[str]
    ) -> tuple[str, str]:
        """Return digests of what others added to what a building looked at, before and after it.

        Args:
            path: of its file.
            turn: how many additions there were before.
            on: by path, the scopes that it looked at.
            names: that it looked up in the library.
        """
        found = self._find(on, names, range(len(self._changes)))
        seen = [(number, it) for number, it in found if it.by != path]
        before = in_order(it for number, it in seen if number < turn)
        after = in_order(it for number, it in seen if number >= turn)
        return digest(*(it.text for it in before)), digest(*(it.text for it in after))

    def seen(
        self, on: Mapping[str, Scopes], counted: range, names: Collection[str] = ()
    ) -> list[str]:
        """Return the texts of what was added to what was looked at.

        Args:
            on: by path, the scopes that were looked at.
            counted: which additions count.
            names: that were looked up in the library.
        """
        found = self._find(on, names, counted)
        return [it.text for it in in_order(it for _, it in found)]

    def _find(
        self, on: Mapping[str, Scopes], names: Collection[str], counted: range
    ) -> list[tuple[int, Promise]]:
        """Return what was added to scopes, by path, and to what goes by these names elsewhere."""
        if not counted:
            return []
        self._read()
        found = [
            (number, it)
            for home in self._to.keys() & on.keys()
            for number, it in self._to[home]
            if number in counted and _is_among(it, on[home])
        ]
        library = self._to.get(LIBRARY, ()) if names else ()
        found += [it for it in library if it[0] in counted and _goes_by(it[1], names)]
        return sorted(found, key=lambda it: it[0])


def _is_among(added: Promise, scopes: Scopes) -> bool:
    """Tell whether something may have been added to what was looked at in these scopes."""
    _, kind, owner = added.place
    for scope, (names, *_) in scopes.items():
        if scope in {ADDED, ANYWHERE}:
            return True
        if owner == INSIDE:
            found = BODY in names
        else:
            of, _, place = scope.partition(":")
            same = of == kind and place.rpartition(".")[2].rpartition("#")[0] == owner
            found = same and (added.name in names or not _WHOLE.isdisjoint(names))
        if found:
            return True
    return False
