"""Shell: which modules a tree offers, by name, and which names moved between two trees."""

from __future__ import annotations

import os
import sys
from pathlib import PurePosixPath
from typing import Any

from .recorder import RECORDER

_SOURCES = (".py", ".pyi", ".pyc", ".zip", ".egg", ".whl")
_COMPILED = (".so", ".pyd")
_CONFIGURED = ("setup.cfg", "pyproject.toml")
"""isort takes no folder with one of these for a namespace package."""
_NAMED = (*_SOURCES, *_COMPILED, *_CONFIGURED)
_HEAD_BYTES = 4096
"""So far astroid looks for a namespace package: astroid/interpreter/_import/spec.py."""


class Layout:
    """One tree's folders and modules.

    Attributes:
        entries: relative paths of folders and of files that can be imported, sorted.
        roots: the tree's folders that modules are looked for in, in order.
        obstacle: what of it forbids to reuse anything; empty: nothing.
    """

    def __init__(self, entries: list[str], roots: list[str], obstacle: str = "") -> None:
        self.entries = entries
        self.roots = roots
        self.obstacle = obstacle

    @classmethod
    def read(cls, checkout: str) -> Layout:
        """Read the working directory; ``sys.path`` is as pylint set it.

        Args:
            checkout: the folder that holds it, or itself.
        """
        entries = []
        for folder, folders, files in os.walk("."):
            names = (*folders, *(name for name in files if name.endswith(_NAMED)))
            entries += [os.path.normpath(f"{folder}/{name}") for name in names]
        paths = [os.path.abspath(path) + os.sep for path in sys.path]  # noqa: PTH100  # links stay
        roots = [path for path in paths if path.startswith(RECORDER.root)]
        return cls(
            sorted(entries),
            [root.removeprefix(RECORDER.root) for root in roots],
            _find_obstacle(entries, set(paths) - set(roots), checkout),
        )

    def names_in_roots(self) -> set[str]:
        """Return the names that stand in a folder that modules are looked for in.

        A folder without an ``__init__`` hides no module that is found elsewhere.
        """
        folders = {os.path.normpath(root or ".") for root in self.roots}
        packages = {_folder(it) for it in self.entries if PurePosixPath(it).stem == "__init__"}
        return {
            name
            for entry in self.entries
            if _folder(entry) in folders and ("." in entry or entry in packages)
            for name in names_of(entry)
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
        both = {*entries, *self.entries}
        differing = set(entries) ^ set(self.entries)
        moved = {name for entry in differing for name in names_of(entry)}
        # A folder without __init__.py is a package by what lies in it.
        folders = {_folder(entry) for entry in differing}
        moved |= {PurePosixPath(it).name for it in folders if f"{it}/__init__.py" not in both}
        for root in set(roots) ^ set(self.roots):
            folder = os.path.normpath(root or ".")
            moved |= {n for e in both if _folder(e) == folder for n in names_of(e)}
        for path, facts in before["files"].items():
            if path in modules and facts.get("module") != modules[path]:
                moved.update(modules[path].split("."), str(facts.get("module")).split("."))
        return frozenset(moved)


def _find_obstacle(entries: list[str], elsewhere: set[str], checkout: str) -> str:
    """Return what forbids to reuse anything.

    Args:
        entries: see ``Layout``.
        elsewhere: folders outside the working one that modules are looked for in.
        checkout: the folder that holds the working one, or itself.
    """
    if any(path.startswith(f"{checkout}{os.sep}") for path in elsewhere):
        return "modules above the folder"
    if any(entry.endswith(_COMPILED) for entry in entries):
        return "compiled modules"
    inits = [entry for entry in entries if PurePosixPath(entry).name == "__init__.py"]
    return "namespace packages of old" if any(map(_extends_path, inits)) else ""


def _extends_path(init: str) -> bool:
    try:
        with open(init, "rb") as file:  # noqa: PTH123  # hundreds of them
            head = file.read(_HEAD_BYTES)
    except OSError:
        return True
    return b"extend_path" in head or b"declare_namespace" in head


def _folder(entry: str) -> str:
    return str(PurePosixPath(entry).parent)


def names_of(entry: str) -> tuple[str, ...]:
    """Return what an entry may be imported as."""
    path = PurePosixPath(entry)
    name = path.name.partition(".")[0]
    return (path.parent.name, name) if name == "__init__" else (name,)
