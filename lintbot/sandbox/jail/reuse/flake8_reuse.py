"""Shell: flake8, judging only the files whose bytes have changed.

What flake8 and the checks that it comes with say of a file depends on its bytes, its name and the
options, and on nothing else. A plugin may look anywhere; with one that is not known, all is judged.
"""

from __future__ import annotations

import builtins
import hashlib
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from . import facts
from .digests import digest
from .environment import name_tools

_PURE = frozenset({"pycodestyle", "pyflakes", "mccabe"})
"""Distributions whose checks look at nothing but the file and the options."""


class Flake8Reuse:
    """One run of flake8.

    Attributes:
        judged: paths that were judged, rather than taken from memory.
    """

    def __init__(self, memory: tuple[bytes, ...]) -> None:
        self._memory = memory
        self._known: facts.FileFacts = {}
        self._files: facts.FileFacts = {}
        self._environment = ""
        self._is_pure = False
        self.judged: list[str] = []

    def install(self) -> None:
        """Stand before flake8's own check of a file."""
        checker = import_module("flake8.checker")
        start = checker.Manager.start

        def start_knowing(manager: Any) -> None:
            self._look_at(manager)
            start(manager)

        checker.Manager.start = start_knowing
        checker.FileChecker.run_checks = self._reusing(checker.FileChecker.run_checks)

    def left(self) -> bytes:
        """Return what is to be remembered; nothing if nothing may be."""
        if not self._is_pure:
            return b""
        return facts.encode(
            {"format": facts.FORMAT, "environment": self._environment, "files": self._files}
        )

    def _look_at(self, manager: Any) -> None:
        plugins = [it for kind in manager.plugins for it in kind]
        self._is_pure = all(it.plugin.package in _PURE for it in plugins)
        self._environment = _describe(manager.options, plugins)
        known = facts.recall(self._memory, self._environment) if self._is_pure else None
        if known is not None:
            self._known = known["files"]

    def _reusing(self, judge: Callable[..., Any]) -> Callable[..., Any]:
        def judge_or_repeat(checker: Any) -> Any:
            if not self._is_pure or checker.processor is None:
                return judge(checker)
            name = str(checker.filename)
            content = hashlib.sha256(Path(name).read_bytes()).hexdigest()
            said = _read(self._known.get(name), content)
            if said is None:
                self.judged.append(name)
                _, said, statistics = judge(checker)
                self._files[name] = [content, said, statistics]
            else:
                self._files[name] = self._known[name]
                statistics = self._known[name][2]
            return checker.display_name, list(map(tuple, said)), statistics

        return judge_or_repeat


def _read(known: Any, content: str) -> list[Any] | None:
    """Return what was said of these very bytes; None if it is not known."""
    try:
        before, said, statistics = known
        fits = before == content and isinstance(statistics, dict)
        whole = all(
            isinstance(code, str) and line >= column - column for code, line, column, *_ in said
        )
    except (TypeError, ValueError):
        return None
    return said if fits and whole else None


def _describe(options: Any, plugins: list[Any]) -> str:
    """Return a digest of everything but the files that a finding may depend on."""
    root = str(Path.cwd())
    chosen = sorted(f"{name}={value!r}".replace(root, ".") for name, value in vars(options).items())
    checks = sorted(f"{it.plugin.package} {it.plugin.version} {it.entry_name}" for it in plugins)
    names = sorted(vars(builtins))
    return digest(name_tools(), sys.version, version("flake8"), *names, "", *chosen, "", *checks)
