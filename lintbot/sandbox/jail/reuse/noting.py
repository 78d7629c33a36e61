"""Shell: has astroid's trees tell the recorder what is read of them, from their building on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from .held import with_nothing_inferred
from .recorder import (
    ANNOTATIONS,
    ASSIGNED,
    BODY,
    DOC,
    LIBRARY,
    OUTCOME,
    RECORDER,
    Frame,
    Watched,
)
from .shapes import ANNOTATED

OUTCOME_OF = (
    *("_get_return_nodes_skip_functions", "_get_yield_nodes_skip_functions"),
    "_get_yield_nodes_skip_lambdas",
)
"""Methods of a function that tell what it returns or yields, and nothing else of it."""


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


class _KeptForReader:
    """What looking at a node leaves on it: each reader of other files looks anew, so it is noted.

    Until then it is what was there before anybody looked.
    """

    def __init__(self, name: str, is_left: Callable[[Any, Any], bool]) -> None:
        """Take the place of an attribute.

        Args:
            name: its own.
            is_left: tells whether a value was left by looking at the node.
        """
        self._name = name
        self._kept = f"_lintbot_{name}"
        self._is_left = is_left

    def __get__(self, node: Any, owner: type | None = None) -> Any:
        if node is None:
            return None
        kept = node.__dict__.get(self._kept)
        if kept is not None and kept[0] is RECORDER.frame:
            return kept[1]
        try:
            return node.__dict__[self._name]
        except KeyError:
            raise AttributeError(self._name) from None

    def __set__(self, node: Any, value: Any) -> None:
        if RECORDER.frame is not None and self._is_left(node, value):
            node.__dict__[self._kept] = RECORDER.frame, value
        else:
            node.__dict__[self._name] = value


class _Tip(_KeptForReader):
    """How a node is inferred: what astroid sets as a tree is built stays, there may be nothing."""

    def __get__(self, node: Any, owner: type | None = None) -> Any:
        try:
            return super().__get__(node, owner)
        except AttributeError:
            return None


class _Remembered:
    """A cached property that is computed once, and noted by everybody who uses it.

    It is computed with nothing inferred: what its reader has inferred already would not be noted.
    """

    def __init__(self, name: str, compute: Callable[[Any], Any]) -> None:
        self._name = f"_lintbot_{name}"
        self._compute = compute

    def __get__(self, node: Any, owner: type | None = None) -> Any:
        if node is None:
            return self
        got = node.__dict__.get(self._name)
        if got is None:
            frame, apart = Frame(None), RECORDER.apart
            RECORDER.once.append((frame, len(RECORDER.changes)))
            try:
                with RECORDER.note_for(frame), with_nothing_inferred():
                    value = self._compute(node)
            except Exception:
                if RECORDER.frame is not None:
                    RECORDER.frame.merge(frame)
                raise
            got = node.__dict__.get(self._name)
            if got is None or RECORDER.apart == apart:
                got = node.__dict__[self._name] = (value, frame)
            # Else a tree was built late meanwhile, which in its turn would have been the first.
        if RECORDER.frame is not None:
            RECORDER.frame.merge(got[1])
            RECORDER.frame.once[id(got[1])] = got[1]
        return got[0]


def install() -> None:
    """Watch every tree that is built from now on."""
    nodes = import_module("astroid.nodes.scoped_nodes.scoped_nodes")
    _watch_names(nodes.Lambda)
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
    nodes.ClassDef.type = _Remembered("type", nodes.ClassDef.type.fget)
    nodes.ClassDef._all_bases_known = _KeptForReader(  # noqa: SLF001  # no other way
        "_all_bases_known", lambda _, __: True
    )
    tip = _Tip("_explicit_inference", _is_left_by_inference)
    for kind in (import_module("astroid.nodes").Subscript, import_module("astroid.nodes").Call):
        kind._explicit_inference = tip  # noqa: SLF001  # no other way


def _is_left_by_inference(node: Any, tip: Any) -> bool:
    """Tell whether a tip was set as a node of the repository was inferred, and not as it was built.

    Those for what is in ``typing`` are: astroid/brain/brain_typing.py.
    """
    code = getattr(tip, "__code__", None)
    by_typing = code is not None and code.co_filename.endswith("brain_typing.py")
    return by_typing and RECORDER.find_home(node) != LIBRARY


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
        if type(self.locals) is not Watched:  # a function is a sort of lambda
            self.locals = Watched(self, "l", self.locals)
        if "globals" in self.__dict__:
            self.globals = self.locals
        if "instance_attrs" in self.__dict__:
            self.instance_attrs = Watched(self, "i", self.instance_attrs)

    kind.__init__ = start_watched


def _replace(kind: Any, name: str, make: Callable[[str, Callable[[Any], Any]], Any]) -> None:
    setattr(kind, name, make(name, kind.__dict__[name].func))
