"""Shell: leaves trees unbuilt that nobody looks at.

Most trees are built only to be left alone: nobody imports a test, and nothing in it has changed.
A tree may be left out where an earlier run saw that building it changed no other tree and built
no other file's, and that nobody asked for it; and where the file, its name and the files that its
building and its walk looked at are the same. What its walk said is repeated as for any other file.

That nobody asks for it now, either, can only be hoped. Whenever it turns out otherwise the process
ends with ``AGAIN``, before it has reported anything, and the run is repeated with nothing known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from . import facts as memory
from .again import give_up
from .digests import read_lines
from .held import Library
from .layout import names_of
from .recorder import ALL, ASSIGNED, BODY, LIBRARY, NAMES, RECORDER, Frame

_WORD = re.compile(r"\w+")
_WHOLE = frozenset({BODY, ASSIGNED, NAMES, ALL})


class Unbuilt:
    """The files of one run whose trees are left unbuilt.

    Attributes:
        paths: of those that were left out so far and still are.
    """

    def __init__(self, library: Library, known: Mapping[str, memory.FileFacts]) -> None:
        self._library = library
        self._known = known
        self._may_be: frozenset[str] = frozenset()
        self._names: frozenset[str] = frozenset()
        self._seen_changes: dict[str, int] = {}
        self.paths: set[str] = set()
        library.unbuilt = self.paths

    def choose(
        self, modules: dict[str, str], moved: frozenset[str], content_of: Callable[[str], str]
    ) -> None:
        """Choose which trees may be left out.

        Args:
            modules: path to the name of its module, of all files in their order.
            moved: names that may be found elsewhere now.
            content_of: returns the digest of a file.
        """
        known = self._known
        same = {it for it in modules if it in known and known[it]["content"] == content_of(it)}
        self._names = frozenset(name for it in modules.values() for name in it.split("."))
        asked = _split(it[kind] for it in known.values() for kind in ("asked", "built_with"))
        looked_at = {path for it in known.values() for path in (*it["looked_at"], *it["on"])}
        new = [path for path in modules if path not in same]
        mentioned = {word for path in new for word in _words(path)}
        stirred = moved.union(*(names_of(path) for path in new))
        last = next(reversed(modules), "")
        self._may_be = frozenset(
            path
            for path in same
            if path != last
            and path not in looked_at
            and known[path]["quiet"]
            and known[path]["module"] == modules[path]
            and (stem := PurePosixPath(path).stem) != "__init__"
            and stem not in asked
            and stem not in mentioned
            and same.issuperset((*known[path]["on"], *known[path]["looked_at"]))
            and stirred.isdisjoint(_split((known[path]["built_with"],)))
        )

    def leaves_out(self, path: str) -> bool:
        """Tell whether to leave out a tree, at the moment when it would be built.

        Modules of the library that its building asked for are asked for all the same: that may
        change others.
        """
        if path not in self._may_be:
            return False
        asked = self._known[path]["built_with"].split()
        cache = self._library.manager.astroid_cache
        if any(name not in cache and not self._names.isdisjoint(name.split(".")) for name in asked):
            return False
        self._library.activate(asked)
        self._seen_changes[path] = len(self._library.changes)
        self.paths.add(path)
        return True

    def build_late(self, path: str, build: Callable[[], Any]) -> Any:
        """Build a tree that was left out, if that gives what building it in its turn had given."""
        self.paths.discard(path)
        later = self._library.changes[self._seen_changes[path] :]
        module = build()
        frame = self._library.builds[path]
        others = set(frame.asked) != set(self._known[path]["built_with"].split())
        if others or path in self._library.noisy or _looked_at_any(frame, later):
            give_up()
        return module


def _looked_at_any(frame: Frame, changes: Iterable[Any]) -> bool:
    """Tell whether what a building looked at may have been changed by one of these."""
    for change in changes:
        watched, names = frame.seen.get(id(change.at), (None, set()))
        if watched is not None and (change.name in names or not names.isdisjoint(_WHOLE)):
            return True
        at_home = (change.at.home or LIBRARY) == LIBRARY
        if at_home and not frame.names.isdisjoint((change.name, f"*{change.at.owner.name}")):
            return True
    return False


def _split(names: Iterable[str]) -> set[str]:
    return set(" ".join(names).replace(".", " ").split())


def _words(path: str) -> set[str]:
    return set(_WORD.findall("\n".join(read_lines(RECORDER.root + path))))
