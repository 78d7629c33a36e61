"""Shell: what a node of a tree says: its fields, and those of the nodes below it.

That is all that an inference from another file can come upon. Comments, blank lines, the breaking
of lines and where it stands do not count; nor do docstrings and the annotations of arguments: who
reads these notes that (``recorder``), and they are spelled apart.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from importlib import import_module
from typing import Any

ANNOTATED = (
    *("annotations", "posonlyargs_annotations", "kwonlyargs_annotations"),
    *("varargannotation", "kwargannotation"),
)
"""Fields of a function's arguments."""
_APART = frozenset({*ANNOTATED, "doc_node", "position"})
_BESIDE = {
    "ClassDef": ("_metaclass",),
    "FunctionDef": ("type_comment_args", "type_comment_returns"),
}
"""What nodes of a kind say besides, although astroid does not count it among their fields."""
_BODY = frozenset({"body"})
_TIPPED = "!"
"""Follows a node that astroid infers in another way than its kind: which, hangs on what it says."""
_SAME_LINE = ";"
"""Follows a statement that begins on the line of the one before it, or around it: astroid asks
which of two statements stands on a later line."""


def kind_of(node: Any) -> str:
    """Return the name of a node's kind; it says no more of a function whether it is ``async``."""
    name = type(node).__name__
    return "FunctionDef" if name == "AsyncFunctionDef" else name


def is_made_up(node: Any) -> bool:
    """Tell whether a node was made by astroid, and does not stand in the file."""
    if node.parent is None:
        return False
    try:
        node.parent.locate_child(node)
    except Exception:  # noqa: BLE001  # as it raises where there is no such child, and others
        return True
    return bool(node.lineno is None)


def spell_whole(node: Any) -> str:
    """Return what a node says, with all that stands inside."""
    return _spell(node, frozenset())


def spell_head(node: Any) -> str:
    """Return what a statement says; of a class or function what stands before its body."""
    head = _spell(node, _BODY if kind_of(node) in {"ClassDef", "FunctionDef"} else frozenset())
    return head + _SAME_LINE if _shares_line(node) else head


def find_names(statement: Any) -> set[str]:
    """Return the names that a statement reads; of a class or function those before its body."""
    name = import_module("astroid.nodes").Name
    parts = [statement]
    match kind_of(statement):
        case "ClassDef":
            parts = [*statement.bases, *statement.keywords, statement.decorators]
        case "FunctionDef":
            args = statement.args
            parts = [*(args.defaults or ()), *(args.kw_defaults or ()), statement.decorators]
    return {it.name for part in parts if part is not None for it in part.nodes_of_class(name)}


def spell_start(statement: Any) -> str:
    """Return what a statement says; of one with others inside only its kind."""
    blocks = getattr(statement, "_multi_line_block_fields", ())
    return type(statement).__name__ if blocks else spell_whole(statement)


def spell_annotations(function: Any) -> str:
    """Return the annotations of a function's arguments."""
    words: list[str] = []
    for name in ANNOTATED:
        _write(getattr(function.args, name), words)
    return "\0".join(words)


def _spell(node: Any, without: Collection[str]) -> str:
    words: list[str] = []
    while not _is_node(node):  # an instance, such as a member of an enum: its class says it all
        node = node._proxied  # noqa: SLF001  # no other way
    _write_node(node, words, without)
    return "\0".join(words)


def _write_node(node: Any, words: list[str], without: Collection[str] = ()) -> None:
    words.append(type(node).__name__)
    if node.__dict__.get("_explicit_inference") is not None:
        words.append(_TIPPED)
    for name in _fields_of(node.__class__):
        if name not in without:
            _write(getattr(node, name, None), words)
    words.append(")")


def _write(value: Any, words: list[str]) -> None:
    if _is_node(value):
        _write_node(value, words)
    elif isinstance(value, list | tuple):
        words.append("(")
        line = None
        for it in value:
            _write(it, words)
            if getattr(it, "is_statement", False):
                if it.lineno in {line, it.parent.lineno}:
                    words.append(_SAME_LINE)
                line = it.lineno
        words.append(")")
    elif type(value).__module__.startswith("astroid."):
        words.append(type(value).__name__)  # inferred from what is written already
    else:
        # A decimal number of thousands of digits is refused; True is a number, too, but not 1.
        words.append(hex(value) if type(value) is int else repr(value))


def _is_node(value: Any) -> bool:
    """Ask its type: an inferred value has any attribute."""
    return hasattr(type(value), "_astroid_fields")


@cache
def _fields_of(kind: Any) -> tuple[str, ...]:
    names = (*kind._other_fields, *kind._astroid_fields)  # noqa: SLF001  # no other way
    if kind.__name__ == "Module":
        names = ("future_imports", "body")
    # Of an assignment, a loop or a ``with`` the type comment is no field, either.
    typed = ("type_annotation",) if "type_annotation" in kind._other_other_fields else ()  # noqa: SLF001
    beside = next((_BESIDE[it.__name__] for it in kind.__mro__ if it.__name__ in _BESIDE), typed)
    return tuple(name for name in (*names, *beside) if name not in _APART)


def _shares_line(statement: Any) -> bool:
    """Tell whether a statement begins on the line of the one before it, or around it."""
    if is_made_up(statement) or not statement.is_statement:
        return False
    before = statement.previous_sibling() or statement.parent
    return bool(before.lineno == statement.lineno)
