"""Shell: leaves trees unbuilt until somebody asks for them.

Most trees are built only to be left alone: nothing that is walked looks at them. A tree may wait
where the file, its name and the files that its building looked at are the same as in an earlier
run. What its walk said is repeated as for any other file. What its building added to other trees
is promised: whoever looks up such a name there, or the list of names, has it built.

If somebody asks for it after all, it is built then, apart from what is going on, together with
those that were built while it was. That must give what building it in its turn had given: if what
its building looked at has changed since, if it asks for other modules than before, or adds other
attributes than it had promised, the process ends with ``AGAIN``, before it has reported anything,
and the run is repeated with nothing known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from . import facts as memory
from .additions import Added, Promise, in_order, looked_at_any, read_promises
from .again import give_up
from .held import Library
from .recorder import ALL, NAMES, RECORDER, Place, Watched


class Unbuilt:
    """The files of one run whose trees wait.

    Attributes:
        steady: paths of files that are the same as before, like all that building them looks at.
        ever: paths of all whose turn passed without their being built.
        paths: of those that are not built yet.
    """

    def __init__(self, library: Library, known: memory.Facts, modules: dict[str, Any]) -> None:
        """Prepare; nothing waits yet.

        Args:
            library: builds the trees.
            known: what an earlier run left.
            modules: path to tree; those that are built late are put there.
        """
        self._library = library
        self._known: Mapping[str, memory.FileFacts] = known["files"]
        self._twins = frozenset(known.get("twins", ()))
        self._second_names = frozenset(known.get("second_names", ()))
        self._modules = modules
        self._may_be: frozenset[str] = frozenset()
        self._modules_of: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._paths: dict[str, str] = {}
        self._around: dict[str, str] = {}
        self._promises: dict[str, list[Promise]] = {}
        self._due: dict[Place, dict[str, set[str]]] = {}
        self._turns: dict[str, int] = {}
        self._turn: int | None = None
        self._kept: list[tuple[list[Promise], list[Added]]] = []
        self._complete = False
        self.steady: set[str] = set()
        self.ever: set[str] = set()
        self.paths: set[str] = set()
        library.unbuilt = self
        RECORDER.build_due = self._build_due

    def look_at(self, modules: dict[str, str]) -> None:
        """Find out which module is which file's.

        Args:
            modules: path to the name of its module as pylint has it, of all files in order.
        """
        self._modules_of = modules
        self._names = {path: _name_in_cache(name) for path, name in modules.items()}
        count = Counter(self._names.values())
        self._paths = {name: path for path, name in self._names.items() if count[name] == 1}

    def choose(self, moved: frozenset[str], content_of: Callable[[str], str]) -> None:
        """Choose which trees may wait.

        Args:
            moved: names that may be found elsewhere now.
            content_of: returns the digest of a file.
        """
        known, modules = self._known, self._modules_of
        same = {
            path
            for path, name in modules.items()
            if path in known
            and known[path]["content"] == content_of(path)
            and known[path]["module"] == name
        }
        self.steady = _closed(same, lambda path: known[path]["on"])
        last = next(reversed(modules), "")
        quiet = {
            path
            for path in self.steady
            if path != last
            and path not in self._twins
            and known[path]["late"]
            and self._paths.get(self._names[path]) == path
            and moved.isdisjoint(split_names(known[path]["built_with"]))
        }
        self._promises = {path: read_promises(path, known[path]["adds"]) for path in quiet}
        self._may_be = frozenset(_closed(quiet, lambda path: known[path]["inside"]))

    def leaves_out(self, path: str) -> bool:
        """Tell whether a tree waits, at the moment when it would be built.

        Modules of the library that its building asked for are asked for all the same: that may
        change others.
        """
        if path in self.paths:
            return True
        cache = self._library.manager.astroid_cache
        if path not in self._may_be or self._names[path] in cache:
            return False
        inside, elsewhere = self._known[path]["inside"], []
        for name in self._known[path]["built_with"].split():
            asked = self._paths.get(name)
            if asked is None and name not in self._second_names:
                elsewhere.append(name)
            elif name not in cache and asked not in {path, *self.paths, *inside}:
                return False
        changes = len(self._library.changes)
        self._library.activate(elsewhere)
        for it in (*inside, path):
            if it not in self.paths and self._names[it] not in cache:
                self.paths.add(it)
                self.ever.add(it)
                self._library.seen_changes[it] = changes
                self._around[it] = path
                self._promise(it)
        return path in self.paths

    def _promise(self, path: str) -> None:
        """Let it be known what building a tree adds to others."""
        self._turns[path] = len(self._turns)
        for promise in self._promises[path]:
            self._library.changes.append(promise)
            self._due.setdefault(promise.place, {}).setdefault(path, set()).add(promise.name)
            RECORDER.due |= {promise.name, NAMES, ALL}

    def _build_due(self, at: Watched, name: str) -> None:
        """Build the trees that add a name there, if their turns come before what is being built."""
        adds = self._due.get(at.place, {}) if at.home is not None else {}
        for path in [it for it, names in adds.items() if name in {ALL, NAMES, *names}]:
            turn = self._turn
            if path in self.paths and (turn is None or self._turns[path] < turn):
                self.build_late(path)

    def leaves_unbuilt(self, path: str) -> bool:
        """Tell whether a file's tree waits."""
        return path in self.paths

    def is_own(self, path: str, name: str) -> bool:
        """Tell whether a file is linted, and a module's name is its own, and only its own."""
        return self._paths.get(_name_in_cache(name)) == path

    def waits(self, name: str) -> bool:
        """Tell whether the tree of a module waits."""
        return self._paths.get(_name_in_cache(name)) in self.paths

    def ask_for(self, name: str) -> Any:
        """Build the tree of a module, and those around it, if it waits; return it or None."""
        path = self._paths.get(_name_in_cache(name))
        if path not in self.paths:
            return None
        self.build_late(path)
        return self._modules[path]

    def build_late(self, path: str) -> None:
        """Build a tree that waits, if that gives what building it in its turn had given."""
        try:
            for first in self._needed(self._around[path]):
                if first in self.paths:
                    self._build_group(first)
        except Exception:  # noqa: BLE001  # it could be built the last time
            give_up()
        if path in self.paths:
            give_up()

    def _needed(self, path: str) -> list[str]:
        """Return the trees that building this one will ask for, and itself, as their turns came.

        So they are built one after the other, and not each in the middle of another's building.
        """
        needed, left = set(), [path]
        while left:
            path = left.pop()
            if path not in needed:
                needed.add(path)
                names = self._known[path]["built_with"].split()
                asked = [self._paths.get(name) for name in names]
                left += [self._around[it] for it in asked if it in self.paths]
        return [it for it in self._around if it in needed]

    def _build_group(self, first: str) -> None:
        """Build a tree, and those that are built in the middle of that."""
        group = [it for it, around in self._around.items() if around == first and it in self.paths]
        self.paths.difference_update(group)
        manager = self._library.manager
        before, self._turn = self._turn, self._turns[first]
        with self._library.apart() as added:  # absolute: who knows where it is asked for
            manager.ast_from_file(RECORDER.root + first, self._modules_of[first], source=True)
        self._turn = before
        for it in group:
            module = manager.astroid_cache.get(self._names[it])
            if module is None or not self._is_as_in_turn(it):
                give_up()
            self._modules[it] = module
        self._kept.append(([it for path in group for it in self._promises[path]], added))
        if self._complete:
            self.prove()

    def prove(self) -> None:
        """Make sure that trees that were built late added what they had promised.

        What an attribute shows hangs on what others add to its tree: all turns must be over.
        """
        self._complete = True
        while self._kept and self._turn is None:  # else the outermost building goes on first
            promised, added = self._kept.pop()
            if in_order(promised) != in_order(added):
                give_up()

    def remember(self) -> memory.Facts:
        """Return what is to be remembered of all files together.

        A file that has another tree under another name is built in its turn the next time.
        """
        second_names, twins = set(), set()
        for path, names in self._library.built_as.items():
            own = {_name_in_cache(name) for name in names}
            second_names |= {name for name in own if self._paths.get(name) != path}
            if len(names) > 1:
                twins.add(path)
        return {"second_names": sorted(second_names), "twins": sorted(twins)}

    def _is_as_in_turn(self, path: str) -> bool:
        builds, known = self._library.builds, self._known
        if path not in builds:
            return False
        if self._library.half[path] != known[path]["half"]:
            return False
        frame, expected = builds[path], set(known[path]["built_with"].split())
        # Those inside it that were built before it was asked for them then.
        others = {name for it in known[path]["inside"] if it in builds for name in builds[it].asked}
        asked = set(frame.asked)
        if not asked <= expected <= asked | others:
            return False
        return not looked_at_any(frame, self._library.changes_after(path))


def _name_in_cache(name: str) -> str:
    """Return the name by which astroid knows a module that pylint calls so."""
    return name.removesuffix(".__init__")


def _closed(paths: set[str], needs: Callable[[str], Iterable[str]]) -> set[str]:
    """Return the most of some paths that need no others."""
    closed = set(paths)
    while left := {path for path in closed if not closed.issuperset(needs(path))}:
        closed -= left
    return closed


def split_names(names: str) -> set[str]:
    """Return the parts of dotted names."""
    return set(names.replace(".", " ").split())
