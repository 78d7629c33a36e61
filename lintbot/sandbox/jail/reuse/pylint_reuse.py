"""Shell: pylint, walking only the files whose messages may have changed, where that is exact."""

from __future__ import annotations

import gc
import os
from functools import partialmethod
from importlib import import_module
from pathlib import Path
from typing import Any

from ..confine import Request  # noqa: TID252  # the jail is copied under another name
from . import facts
from .environment import describe_environment, find_obstacle
from .held import Library
from .incremental import Incremental
from .layout import Layout
from .recorder import RECORDER


class PylintReuse:
    """One run of pylint.

    Attributes:
        obstacle: why it had to be a plain run; empty: it had not, or it has not begun.
    """

    def __init__(self, library: Library, request: Request) -> None:
        """Prepare.

        Args:
            library: trees that are held ready.
            request: without memory it is a plain run, which leaves nothing.
        """
        self._library = library
        self._memory = request.memory
        self._share = request.share
        self._root = request.root
        self._ran_hook = False
        self._run: Incremental | None = None
        self._environment = ""
        self._layout: Layout | None = None
        self.obstacle = ""

    def install(self) -> None:
        """Take over from pylint's own check. The working directory is the group's folder."""
        RECORDER.root = f"{Path.cwd()}{os.sep}"
        linter = import_module("pylint.lint.pylinter").PyLinter
        self._build = linter._get_asts  # noqa: SLF001  # no other way
        self._walk = linter._lint_files  # noqa: SLF001
        linter._get_asts = partialmethod(_call, self._get_asts)  # noqa: SLF001  # noqa: SLF001
        linter._lint_files = partialmethod(_call, self._lint_files)  # noqa: SLF001  # noqa: SLF001
        config = import_module("pylint.config.config_initialization")
        config.exec = self._run_hook  # type: ignore[attr-defined]

    def left(self) -> bytes:
        """Return what is to be remembered; nothing if nothing may be."""
        if self._run is None or self._layout is None:
            return b""
        try:
            remembered = self._run.remember()
        except Exception:  # noqa: BLE001  # a tree that astroid itself trips over
            return b""
        return facts.encode(
            {
                "format": facts.FORMAT,
                "environment": self._environment,
                "layout": self._layout.entries,
                "roots": self._layout.roots,
                **remembered,
            }
        )

    def _run_hook(self, code: str) -> None:
        self._ran_hook = True
        exec(code, import_module("pylint.config.config_initialization").__dict__)  # noqa: S102  # confined

    def _get_asts(self, linter: Any, items: Any, *rest: Any) -> Any:
        files = list(items)
        layout = Layout.read(self._root)
        if self._library.names & layout.names_in_roots():
            self._library.forget()
        else:
            self._library.trust_places()
        if self._memory is not None:
            self.obstacle = layout.obstacle or find_obstacle(linter, ran_hook=self._ran_hook)
            if not self.obstacle:
                self._begin(linter, layout, self._memory)
        if self._share is not None and self._run is None:
            return {}  # nothing may be remembered, so there is nothing to learn
        if self._run is None:
            return self._build(linter, files, *rest)
        with self._run.leaving_out(files):
            asts = self._build(linter, files, *rest)
        gc.freeze()
        return asts

    def _begin(self, linter: Any, layout: Layout, memory: tuple[bytes, ...]) -> None:
        self._environment, self._layout = describe_environment(linter), layout
        known = facts.recall(memory, self._environment)
        self._run = Incremental(linter, self._library, layout, known)

    def _lint_files(self, linter: Any, asts: dict[Any, Any], check: Any, progress: Any) -> None:
        if self._run is None:
            self._walk(linter, asts, check, progress)
            return
        self._run.lint(asts, lambda some: self._walk(linter, some, check, progress), self._share)


def _call(linter: Any, method: Any, *words: Any) -> Any:
    """Call a method of ours in the place of one of pylint's."""
    return method(linter, *words)
