"""Shell: notes what pylint's library looks at outside the file that is being linted.

Everything that one module's tree offers to another lies in its dictionaries of names and in the
bodies of its functions and classes. So these are replaced by watched ones. A note is the
dictionary and the name that was asked for, found or not.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from .shapes import ANNOTATED

BODY, ASSIGNED, NAMES, ALL = "()", "=", "~", "*"
"""Instead of a name: the whole body, what a class assigns, the list of names, everything."""

DOC, ANNOTATIONS, OUTCOME = '"', ":", "->"
"""Instead of a name: the docstring, the annotations of a function's arguments, and what a call of
it comes to: what it returns and yields, and whether it does anything."""

LIBRARY = ""
"""The home of every module that is not the repository's."""


class Frame:
    """What was noted while one file was built or linted.

    Attributes:
        here: the home whose own names need no note; None: note all.
        seen: by identity, each watched dictionary of the repository and the names asked of it.
        names: asked of modules that are not the repository's.
        asked: full names of modules, in the order of the asking.
    """

    __slots__ = ("_merged", "asked", "here", "names", "seen")

    def __init__(self, here: str | None) -> None:
        self.here = here
        self.seen: dict[int, tuple[Watched, set[str]]] = {}
        self.names: set[str] = set()
        self.asked: dict[str, None] = {}
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


class Recorder:
    """Where notes go.

    Attributes:
        root: the checkout, with a slash at its end.
        frame: of the file that is being built or linted; None: nobody wants notes.
        assigned: while an attribute is assigned from outside: where it may have gone.
    """

    __slots__ = ("assigned", "frame", "root")

    def __init__(self) -> None:
        self.root = "\0"
        self.frame: Frame | None = None
        self.assigned: list[tuple[Watched, str]] | None = None

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

    def note(self, name: str) -> None:
        """Note that somebody asked for a name."""
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
        if RECORDER.frame is not None:
            self.note(name)
        return dict.__getitem__(self, name)

    def get(self, name: str, default: Any = None) -> Any:
        """Note the name."""
        if RECORDER.frame is not None:
            self.note(name)
        return dict.get(self, name, default)

    def __contains__(self, name: object) -> bool:
        """Note the name."""
        if RECORDER.frame is not None:
            self.note(str(name))
        return dict.__contains__(self, name)

    def setdefault(self, name: str, default: Any = None) -> Any:
        """Note that something may be assigned to the name."""
        if RECORDER.assigned is not None:
            RECORDER.assigned.append((self, name))
        return dict.setdefault(self, name, default)

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


class _Noted:
    """An attribute of a module, class or function, or of its arguments: reading it is noted.

    Where it is known what a reader looks for, less than all of it is noted.
    """

    def __init__(self, name: str, note: str, readers: Mapping[Any, str] | None = None) -> None:
        self._name = name
        self._note = note
        self._readers = readers or {}

    def __get__(self, node: Any, owner: type | None = None) -> Any:
        if node is None:
            return self
        if RECORDER.frame is not None:
            scope = node.parent if self._note == ANNOTATIONS else node
            names = getattr(scope, "locals", None)
            if type(names) is Watched:
                asks = sys._getframe(1).f_code  # noqa: SLF001  # no other way
                names.note(self._readers.get(asks, self._note))
        try:
            return node.__dict__[self._name]
        except KeyError:
            raise AttributeError(self._name) from None

    def __set__(self, node: Any, value: Any) -> None:
        node.__dict__[self._name] = value


class _Assigned:
    """The assignments in a class's own body that may decorate a method: asked for every method.

    Only they are looked at, for ``method = staticmethod(method)``: less than all of the body.
    """

    def __init__(self, compute: Callable[[Any], Any]) -> None:
        nodes = import_module("astroid.nodes")
        self._call, self._name = nodes.Call, nodes.Name
        self._compute = compute

    def _may_decorate(self, assign: Any) -> bool:
        value = assign.value
        return value.__class__ is self._call and value.func.__class__ is self._name

    def __get__(self, node: Any, owner: type | None = None) -> Any:
        if node is None:
            return self
        if RECORDER.frame is not None and type(node.locals) is Watched:
            node.locals.note(ASSIGNED)
        got = node.__dict__.get("_lintbot_assigned")
        if got is None:
            with RECORDER.note_for(None):
                assigned = self._compute(node)
            got = node.__dict__["_lintbot_assigned"] = list(filter(self._may_decorate, assigned))
        return got


class _Remembered:
    """A cached property that is computed once, and noted by everybody who uses it."""

    def __init__(self, name: str, compute: Callable[[Any], Any]) -> None:
        self._name = f"_lintbot_{name}"
        self._compute = compute

    def __get__(self, node: Any, owner: type | None = None) -> Any:
        if node is None:
            return self
        got = node.__dict__.get(self._name)
        if got is None:
            frame = Frame(None)
            with RECORDER.note_for(frame):
                value = self._compute(node)
            got = node.__dict__[self._name] = (value, frame)
        if RECORDER.frame is not None:
            RECORDER.frame.merge(got[1])
        return got[0]


def install() -> None:
    """Watch every tree that is built from now on."""
    nodes = import_module("astroid.nodes.scoped_nodes.scoped_nodes")
    for kind in (nodes.Module, nodes.ClassDef, nodes.FunctionDef):
        _watch_names(kind)
        kind.body = _Noted("body", BODY, _find_readers() if kind is nodes.FunctionDef else None)
        kind.doc_node = _Noted("doc_node", DOC)
    arguments = import_module("astroid.nodes").Arguments
    for name in ANNOTATED:
        setattr(arguments, name, _Noted(name, ANNOTATIONS))
    _watch_outcome(nodes.FunctionDef, import_module("astroid.nodes").Return)
    _replace(nodes.ClassDef, "_assign_nodes_in_scope", lambda _, compute: _Assigned(compute))
    for kind, name in (
        (nodes.FunctionDef, "type"),
        (nodes.FunctionDef, "extra_decorators"),
        (nodes.ClassDef, "_all_slots"),
    ):
        _replace(kind, name, _Remembered)


OUTCOME_OF = (
    *("_get_return_nodes_skip_functions", "_get_yield_nodes_skip_functions"),
    "_get_yield_nodes_skip_lambdas",
)
"""Methods of a function that tell what it returns or yields, and nothing else of it."""


def _find_readers() -> dict[Any, str]:
    """Return the code that looks into a function's body only for what a call of it comes to."""
    nodes = import_module("astroid.nodes")
    checks = import_module("pylint.checkers.typecheck").TypeChecker
    readers = (
        *(nodes.FunctionDef.infer_call_result, nodes.FunctionDef.is_abstract),
        *(import_module("pylint.checkers.utils").is_error, checks._is_ignored_function),  # noqa: SLF001
    )
    return {reader.__code__: OUTCOME for reader in readers}


def _watch_outcome(kind: Any, returns: Any) -> None:
    """Note who asks what a function returns and yields; what is looked at for it is not noted."""
    for name in OUTCOME_OF:
        setattr(kind, name, _noting_outcome(getattr(kind, name)))
    find_nodes = kind.nodes_of_class
    find_returns = _noting_outcome(find_nodes)

    def nodes_of_class(function: Any, klass: Any, skip_klass: Any = None) -> Any:
        return (find_returns if klass is returns else find_nodes)(function, klass, skip_klass)

    kind.nodes_of_class = nodes_of_class


def _noting_outcome(find: Callable[..., Any]) -> Callable[..., Any]:
    def find_noting(function: Any, *words: Any) -> Any:
        if RECORDER.frame is None or type(function.locals) is not Watched:
            return find(function, *words)
        function.locals.note(OUTCOME)
        with RECORDER.note_for(None):
            return iter(list(find(function, *words)))

    return find_noting


def _watch_names(kind: Any) -> None:
    start = kind.__init__

    def start_watched(self: Any, *words: Any, **named: Any) -> None:
        start(self, *words, **named)
        self.locals = Watched(self, "l", self.locals)
        if "globals" in self.__dict__:
            self.globals = self.locals
        if "instance_attrs" in self.__dict__:
            self.instance_attrs = Watched(self, "i", self.instance_attrs)

    kind.__init__ = start_watched


def _replace(kind: Any, name: str, make: Callable[[str, Callable[[Any], Any]], Any]) -> None:
    setattr(kind, name, make(name, kind.__dict__[name].func))
