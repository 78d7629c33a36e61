"""Shell: what a module's tree shows to others, as digests that survive changes elsewhere in it.

A digest covers what was looked at and the order in which it stands, but not the line where it
stands, nor comments: moved code looks the same from outside.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from .recorder import (
    ALL,
    ANNOTATIONS,
    ASSIGNED,
    BODY,
    DOC,
    NAMES,
    OUTCOME,
    RECORDER,
    Frame,
    Watched,
    find_root,
)
from .shapes import (
    find_names,
    is_made_up,
    kind_of,
    spell_annotations,
    spell_head,
    spell_start,
    spell_whole,
)

MISSING = "-"
ADDED, ADDED_INSIDE = "+", "+()"
"""Instead of a scope: all that other modules added to those of a file, or to those inside of its
functions."""
ANYWHERE = "?"
"""A scope that cannot be reached by name: the whole file counts."""
_APART = frozenset({DOC, ANNOTATIONS})
"""What is no part of what a node says: see ``shapes``."""


def digest(*words: str) -> str:
    """Return 16 hexadecimal digits over some words."""
    text = "\0".join(words).encode(errors="surrogatepass")
    return hashlib.blake2b(text, digest_size=8).hexdigest()


@cache
def digest_file(file: str) -> str:
    """Return the digest of a file's bytes; of an unreadable one, that of none."""
    try:
        text = Path(file).read_bytes()
    except OSError:
        text = b""
    return digest(text.decode(errors="surrogateescape"))


Scopes = dict[str, list[Any]]
"""Of one path: scope to the names looked at, sorted, and their digest at last."""


def describe_notes(frame: Frame) -> dict[str, dict[str, list[str]]]:
    """Return notes as path, scope and sorted names."""
    found: dict[str, dict[str, set[str]]] = {}
    for watched, names in frame.seen.values():
        home = watched.home
        if home is None or home == frame.here:
            continue
        scope, inner = name_scope(watched)
        if inner and not _APART.isdisjoint(names):
            scope = ANYWHERE
        scopes = found.setdefault(home, {})
        scopes.setdefault(scope, set()).update({BODY} if inner else names)
        if inner:
            scopes[ADDED_INSIDE] = set()
    found |= {path: {ANYWHERE: set()} for path in frame.broken if path != frame.here}
    return {
        path: {scope: sorted(names) for scope, names in sorted(scopes.items())}
        for path, scopes in sorted(found.items())
    }


def name_scope(watched: Watched) -> tuple[str, bool]:
    """Return a scope's name, and whether it is a function around what was really looked at."""
    if kind_of(watched.owner) == "Lambda":
        return ANYWHERE, True
    chain = []
    node = watched.owner
    while node.parent is not None:
        if kind_of(node) in {"ClassDef", "FunctionDef"}:
            chain.append(node)
        node = node.parent
    chain.reverse()
    words: list[str] = []
    parent = node
    for place, scope in enumerate(chain):
        twins = _twins(parent, scope.name)
        number = next((n for n, twin in enumerate(twins) if twin is scope), None)
        if number is None:
            return ANYWHERE, True
        words.append(f"{scope.name}#{number}")
        if kind_of(scope) == "FunctionDef" and place < len(chain) - 1:
            return f"l:{'.'.join(words)}", True
        parent = scope
    return f"{watched.kind}:{'.'.join(words)}", False


def _twins(scope: Any, name: str) -> list[Any]:
    """Return the classes and functions of one name in a scope."""
    return [
        node
        for node in dict.get(scope.locals, name, ())
        if kind_of(node) in {"ClassDef", "FunctionDef"}
    ]


class Trees:
    """The trees of one commit, asked for what they show.

    Attributes:
        modules: path to tree.
        contents: path to a digest of the file's bytes.
        added: path to a digest of what other modules added to its classes and functions.
        inside: path to a digest of what they added to those inside of functions.
        build_late: puts a tree that waits among the modules, by its path.
    """

    def __init__(self, modules: dict[str, Any], contents: dict[str, str]) -> None:
        self.modules = modules
        self.contents = contents
        self.added: dict[str, str] = {}
        self.inside: dict[str, str] = {}
        self.build_late: Callable[[str], None] = lambda _: None
        self._known: dict[tuple[str, str, str], tuple[str, list[tuple[int, int, str]]]] = {}

    def content_of(self, path: str) -> str:
        """Return a digest of any file of the checkout."""
        if path not in self.contents:
            self.contents[path] = digest_file(RECORDER.root + path)
        return self.contents[path]

    def whole_of(self, path: str) -> str:
        """Return a digest of any file, and of what other modules added to it."""
        return digest(self.content_of(path), self.added.get(path, MISSING))

    def digest_of(self, path: str, scope: str, names: list[str]) -> str:
        """Return the digest of what some names of a scope show; MISSING if it is not there."""
        if scope == ADDED:
            return self.added.get(path, MISSING)
        if scope == ADDED_INSIDE:
            return self.inside.get(path, MISSING)
        if path not in self.modules:
            self.build_late(path)
        module = self.modules.get(path)
        if module is None or scope == ANYWHERE:
            return self.whole_of(path)
        kind, _, name = scope.partition(":")
        owner = _find_scope(module, name)
        if owner is None:
            return MISSING
        words: list[str] = []
        places: list[tuple[int, int, str]] = []
        for asked in names:
            key = (path, scope, asked)
            if key not in self._known:
                self._known[key] = _show(owner, kind, asked)
            text, placed = self._known[key]
            words.append(f"{asked} {text}")
            places += placed
        return digest(*words, *(text for _, _, text in sorted(places)))


def _find_scope(module: Any, name: str) -> Any:
    scope = module
    for word in name.split(".") if name else ():
        plain, _, number = word.rpartition("#")
        twins = _twins(scope, plain)
        if len(twins) <= int(number):
            return None
        scope = twins[int(number)]
    return scope


def _show(owner: Any, kind: str, asked: str) -> tuple[str, list[tuple[int, int, str]]]:
    """Return what is shown without a place, and what is shown with its line and column."""
    names = owner.locals if kind == "l" else owner.instance_attrs
    names.settle(asked)
    with RECORDER.note_for(None):
        if asked == BODY:
            return digest(describe(owner, whole=True), *_state_inside(owner)), []
        if asked == ASSIGNED:
            return "", [_place(node, "=") for node in owner._assign_nodes_in_scope]  # noqa: SLF001
        if asked == NAMES:
            return ",".join(dict.keys(names)), []
        if asked == OUTCOME:
            return _show_outcome(owner), []
        if asked in _APART:
            return _show_apart(owner, asked), []
        return _show_named(owner, names, asked)


def _state_inside(owner: Any) -> list[str]:
    """Return which names the classes and functions inside of one have: others may decide that."""
    kinds = import_module("astroid.nodes")
    texts: list[str] = []
    for node in owner.nodes_of_class((kinds.ClassDef, kinds.FunctionDef, kinds.Lambda)):
        of = [node.locals] if isinstance(node, kinds.ClassDef) else []
        of += [node.instance_attrs] if hasattr(node, "instance_attrs") else []
        for names in of if node is not owner else []:
            for name in dict.keys(names):
                texts += [name, *map(describe, dict.__getitem__(names, name))]
    return texts


def _show_named(owner: Any, names: Any, asked: str) -> tuple[str, list[tuple[int, int, str]]]:
    wanted = list(dict.keys(names)) if asked == ALL else [asked]
    shown: list[str] = [",".join(wanted)] if asked == ALL else []
    placed: list[tuple[int, int, str]] = []
    module = find_root(owner)
    for name in wanted:
        if not dict.__contains__(names, name):
            shown.append(MISSING)
            continue
        for node in dict.__getitem__(names, name):
            if find_root(node) is module and node.lineno is not None:
                placed.append(_place(node, name))
                shown.append("")
            else:
                shown.append(describe(node))
    return " ".join(shown), placed


def _show_outcome(function: Any) -> str:
    """Return what a call comes to: what is returned and yielded, and whether anything is done."""
    kinds = import_module("astroid.nodes")
    ends = (kinds.Return, kinds.Yield, kinds.YieldFrom)
    found = function.nodes_of_class(ends, skip_klass=kinds.FunctionDef)
    body = function.body
    # Whether it is a stub, or does nothing but raise, hangs on its first and last statement.
    ends_with = type(body[-1]).__name__ if body else MISSING
    starts = map(spell_start, body[:1])
    return digest(str(min(len(body), 2)), ends_with, *starts, "", *map(describe, found))


def _show_apart(owner: Any, asked: str) -> str:
    """Return what is no part of what a node says: see ``shapes``."""
    if asked == DOC:
        doc = owner.doc_node
        return MISSING if doc is None else digest("", str(doc.value))
    return digest(spell_annotations(owner))


def _place(node: Any, name: str) -> tuple[int, int, str]:
    return node.lineno or 0, node.col_offset or 0, f"{name} {describe(node)}"


def describe(node: Any, *, whole: bool = False) -> str:
    """Return a digest of a node's text and of the heads of what it stands in.

    Args:
        node: any node; of a class or function only the head counts.
        whole: its body counts too.
    """
    known = node.__dict__.setdefault("_lintbot_digests", {})
    if whole not in known:
        with RECORDER.note_for(None):
            try:
                known[whole] = digest(*_texts(node, whole=whole))
            except RecursionError:  # too deep: the whole file counts
                known[whole] = digest_file(getattr(find_root(node), "file", None) or "")
    return str(known[whole])


def locate(node: Any) -> str:
    """Return where a node of the library stands, whose files never change; empty: in no file."""
    file = getattr(find_root(node), "file", None) or ""
    return f"{file}:{node.lineno}:{node.col_offset}" if file.endswith(".py") else ""


def _texts(node: Any, *, whole: bool) -> list[str]:
    module = find_root(node)
    file = getattr(module, "file", None) or "?"
    texts = [file.removeprefix(RECORDER.root), type(node).__name__]
    if whole or is_made_up(node):
        texts.append(spell_whole(node))
    while node.parent is not None:
        above = node.parent
        if node.is_statement and kind_of(above) in {"Module", "ClassDef", "FunctionDef"}:
            texts += spell_head(node), _order_in(above, node)
        node = above
    return texts


def _order_in(scope: Any, statement: Any) -> str:
    """Return whether what a statement names is assigned in its scope before, in or after it.

    That decides which of the assignments an inference believes.
    """
    first, last = statement.lineno or 0, statement.end_lineno or 0
    words = []
    for name in sorted(find_names(statement)):
        scope.locals.settle(name)
        lines = [it.fromlineno or 0 for it in dict.get(scope.locals, name, ())]
        words += [name, *("<" if it < first else ">" if it > last else "=" for it in lines)]
    return " ".join(words)
