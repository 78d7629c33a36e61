"""Shell: notes what pylint's library looks at outside the file that is being linted.

Everything that one module's tree offers to another lies in its dictionaries of names and in a few
attributes of its functions and classes. So these are replaced by watched ones (``noting``). A note
is the dictionary and the name that was asked for, found or not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

BODY, ASSIGNED, NAMES, ALL = "()", "=", "~", "*"
"""Instead of a name: the whole body, what a class assigns, the list of names, everything."""

DOC, ANNOTATIONS, OUTCOME = '"', ":", "->"
"""Instead of a name: the docstring, the annotations of a function's arguments, and what a call of
it comes to: what it returns and yields, and whether it does anything."""

LIBRARY = ""
"""The home of every module that is not the repository's."""

Place = tuple[str, str, str]
"""What names can be added to: the path of its file, or LIBRARY; the kind of ``Watched``; the name
of its owner, which is none for a file's module. Others of that file may go by the same."""
INSIDE = "()"
"""Instead of an owner's name: one of those inside of a file's functions, or a lambda."""


class Frame:
    """What was noted while one file was built or linted.

    Attributes:
        here: the home whose own names need no note; None: note all.
        seen: by identity, each watched dictionary of the repository and the names asked of it.
        names: asked of modules that are not the repository's.
        asked: full names of modules, in the order of the asking.
        sought: full names of modules of which only the place was asked for.
        broken: paths of files that could not be built.
        once: by identity, what was noted to find out what is found out once and for all.
    """

    __slots__ = ("_merged", "asked", "broken", "here", "names", "once", "seen", "sought")

    def __init__(self, here: str | None) -> None:
        self.here = here
        self.seen: dict[int, tuple[Watched, set[str]]] = {}
        self.names: set[str] = set()
        self.asked: dict[str, None] = {}
        self.sought: set[str] = set()
        self.broken: set[str] = set()
        self.once: dict[int, Frame] = {}
        self._merged: dict[int, Frame] = {}

    def merge(self, other: Frame) -> None:
        """Add what another frame noted, but for what is at home here.

        Nothing is noted there any more.
        """
        if id(other) in self._merged:
            return
        self._merged[id(other)] = other
        for number, (watched, names) in other.seen.items():
            if watched.home != self.here:
                self.seen.setdefault(number, (watched, set()))[1].update(names)
        self.names |= other.names
        self.asked.update(other.asked)
        self.sought |= other.sought
        self.broken |= other.broken
        self.once |= other.once


class Recorder:
    """Where notes go.

    Attributes:
        root: the checkout, with a slash at its end.
        frame: of the file that is being built or linted; None: nobody wants notes.
        assigned: while an attribute is assigned from outside: where it may have gone.
        apart: how often something was built apart from what was going on.
        changes: what trees have added to others so far.
        once: what was looked at to find out something once and for all, and how many changes there
            were before.
        due: names that trees which wait add to others when they are built; if there are any,
            ALL and NAMES are among them.
        build_due: builds those that add such a name there and would be built by now.
    """

    __slots__ = ("apart", "assigned", "build_due", "changes", "due", "frame", "once", "root")

    def __init__(self) -> None:
        self.root = "\0"
        self.frame: Frame | None = None
        self.assigned: list[tuple[Watched, str]] | None = None
        self.apart = 0
        self.changes: Sequence[Any] = ()
        self.once: list[tuple[Frame, int]] = []
        self.due: set[str] = set()
        self.build_due: Callable[[Watched, str], None] = lambda _, __: None

    @contextmanager
    def note_for(self, frame: Frame | None) -> Iterator[None]:
        """Send notes there, inside the ``with``."""
        before, self.frame = self.frame, frame
        try:
            yield
        finally:
            self.frame = before

    def find_home(self, node: Any) -> str | None:
        """Return the path of a node's module in the checkout, or LIBRARY; None: it has none yet."""
        module = find_root(node)
        file = getattr(module, "file", None)
        if file is None:
            return LIBRARY if getattr(module, "pure_python", None) is False else None
        return file[len(self.root) :] if file.startswith(self.root) else LIBRARY


RECORDER = Recorder()


def find_root(node: Any) -> Any:
    """Return the module that a node stands in, or the last node above it."""
    while node.parent is not None:
        node = node.parent
    return node


class Watched(dict[str, Any]):
    """The names of a module, class or function, or the attributes of its instances.

    Attributes:
        owner: the node that it belongs to.
        kind: ``l`` for local names, ``i`` for attributes of instances.
    """

    __slots__ = ("_home", "kind", "owner")

    def __init__(self, owner: Any, kind: str, names: dict[str, Any]) -> None:
        super().__init__(names)
        self.owner = owner
        self.kind = kind
        self._home: str | None = None

    @property
    def home(self) -> str | None:
        """Of its module; see ``Recorder.find_home``."""
        if self._home is None:
            self._home = RECORDER.find_home(self.owner)
        return self._home

    @property
    def place(self) -> Place:
        """Where this is."""
        home, above = self.home or LIBRARY, self.owner.parent
        if home == LIBRARY:
            return home, self.kind, self.owner.name
        if above is None:
            return home, self.kind, ""
        if type(self.owner).__name__ == "Lambda":
            return home, self.kind, INSIDE
        while above is not None:
            if type(above).__name__ in {"FunctionDef", "AsyncFunctionDef"}:
                return home, self.kind, INSIDE
            above = above.parent
        return home, self.kind, self.owner.name

    def settle(self, name: str) -> None:
        """Have everything here by this name that a plain run would have by now."""
        if name in RECORDER.due:
            RECORDER.build_due(self, name)

    def note(self, name: str) -> None:
        """Note that somebody asks for a name."""
        self.settle(name)
        frame = RECORDER.frame
        if frame is None:
            return
        home = self._home or self.home
        if home == frame.here or home is None:
            return
        if home == LIBRARY:
            frame.names.add(f"*{self.owner.name}" if name in {ALL, NAMES} else name)
            return
        entry = frame.seen.get(id(self))
        if entry is None:
            frame.seen[id(self)] = (self, {name})
        else:
            entry[1].add(name)

    def __getitem__(self, name: str) -> Any:
        """Note it, and do as a dictionary does; so do all the others."""
        if RECORDER.frame is not None or RECORDER.due:
            self.note(name)
        return dict.__getitem__(self, name)

    def get(self, name: str, default: Any = None) -> Any:
        """Note the name."""
        if RECORDER.frame is not None or RECORDER.due:
            self.note(name)
        return dict.get(self, name, default)

    def __contains__(self, name: object) -> bool:
        """Note the name."""
        if RECORDER.frame is not None or RECORDER.due:
            self.note(str(name))
        return dict.__contains__(self, name)

    def setdefault(self, name: str, default: Any = None) -> Any:
        """Note that something may be assigned to the name; the order of names stays."""
        self.settle(name if dict.__contains__(self, name) else NAMES)
        if RECORDER.assigned is not None:
            RECORDER.assigned.append((self, name))
        return dict.setdefault(self, name, default)

    def __len__(self) -> int:
        """Note the list of names."""
        self.note(NAMES)
        return dict.__len__(self)

    def __iter__(self) -> Iterator[str]:
        """Note the list of names."""
        self.note(NAMES)
        return dict.__iter__(self)

    def keys(self) -> Any:
        """Note the list of names."""
        self.note(NAMES)
        return dict.keys(self)

    def values(self) -> Any:
        """Note everything."""
        self.note(ALL)
        return dict.values(self)

    def items(self) -> Any:
        """Note everything."""
        self.note(ALL)
        return dict.items(self)
