"""Shell: which modules a tree offers, by name, and which names moved between two trees."""

from __future__ import annotations

import os
import sys
from pathlib import PurePosixPath
from typing import Any

from .recorder import RECORDER

_SOURCES = (".py", ".pyi", ".pyc", ".zip", ".egg", ".whl")
_COMPILED = (".so", ".pyd")


class Layout:
    """One tree's folders and modules.

    Attributes:
        entries: relative paths of folders and of files that can be imported, sorted.
        roots: the tree's folders that modules are looked for in, in order.
        extensions: some file is a compiled module.
    """

    def __init__(self, entries: list[str], roots: list[str]) -> None:
        self.entries = entries
        self.roots = roots
        self.extensions = any(entry.endswith(_COMPILED) for entry in entries)

    @classmethod
    def read(cls) -> Layout:
        """Read the checkout that is the working directory; ``sys.path`` is as pylint set it."""
        entries = []
        for folder, folders, files in os.walk("."):
            names = (*folders, *(name for name in files if name.endswith((*_SOURCES, *_COMPILED))))
            entries += [os.path.normpath(os.path.join(folder, name)) for name in names]
        inside = [os.path.abspath(path) + os.sep for path in sys.path]
        roots = [path.removeprefix(RECORDER.root) for path in inside]
        return cls(
            sorted(entries),
            [root for root, path in zip(roots, inside, strict=True) if root != path],
        )

    def names_in_roots(self) -> set[str]:
        """Return the names that stand in a folder that modules are looked for in."""
        folders = {os.path.normpath(root or ".") for root in self.roots}
        return {
            name for entry in self.entries for name in _names(entry) if _folder(entry) in folders
        }

    def moved_since(self, before: dict[str, Any], modules: dict[str, str]) -> frozenset[str] | None:
        """Return every name that may now be found elsewhere, or not at all; None: any may.

        Args:
            before: the facts of an earlier run.
            modules: path to the name of its module, now.
        """
        entries, roots = before.get("layout"), before.get("roots")
        if not isinstance(entries, list) or not isinstance(roots, list):
            return None
        common = [root for root in self.roots if root in roots]
        if common != [root for root in roots if root in self.roots]:
            return None
        moved = {name for entry in set(entries) ^ set(self.entries) for name in _names(entry)}
        for root in set(roots) ^ set(self.roots):
            folder = os.path.normpath(root or ".")
            both = {*entries, *self.entries}
            moved |= {n for e in both if _folder(e) == folder for n in _names(e)}
        for path, facts in before["files"].items():
            if path in modules and facts.get("module") != modules[path]:
                moved.update(modules[path].split("."), str(facts.get("module")).split("."))
        return frozenset(moved)


def _folder(entry: str) -> str:
    return str(PurePosixPath(entry).parent)


def _names(entry: str) -> tuple[str, ...]:
    """Return what an entry may be imported as."""
    path = PurePosixPath(entry)
    name = path.name.partition(".")[0]
    return (path.parent.name, name) if name == "__init__" else (name,)
