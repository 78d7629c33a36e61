"""Shell: puts the incremental run in the place of pylint's own, where it is exactly the same."""

from __future__ import annotations

import gc
import os
from importlib import import_module
from typing import Any

from . import facts as memory
from .environment import describe_environment, find_obstacle
from .incremental import Incremental
from .layout import Layout
from .library import Library
from .recorder import RECORDER


class Engine:
    """What one job does with pylint.

    Attributes:
        walked: paths that were walked; None: it was a plain run.
        remembered: what is to be remembered, packed; empty: nothing.
    """

    def __init__(self, library: Library, blobs: list[bytes]) -> None:
        self._library = library
        self._blobs = blobs
        self._ran_hook = False
        self._run: Incremental | None = None
        self.obstacle = ""
        self.walked: list[str] | None = None
        self.remembered = b""

    def install(self) -> None:
        """Take over from pylint's own check. Call it where the checkout is the working directory."""
        RECORDER.root = os.getcwd() + os.sep
        gc.disable()
        linter = import_module("pylint.lint.pylinter").PyLinter
        self._build, self._walk = linter._get_asts, linter._lint_files  # noqa: SLF001
        linter._get_asts = lambda this, items, *rest: self._get_asts(this, list(items), *rest)
        linter._lint_files = self._lint_files
        config = import_module("pylint.config.config_initialization")
        config.exec = self._run_hook

    def _run_hook(self, code: str) -> None:
        self._ran_hook = True
        exec(code, import_module("pylint.config.config_initialization").__dict__)  # noqa: S102

    def _get_asts(self, linter: Any, items: list[Any], *rest: Any) -> Any:
        layout = Layout.read()
        if self._library.names & layout.names_in_roots():
            self._library.forget()
        else:
            self._library.trust_places()
        self.obstacle = find_obstacle(
            linter, ran_hook=self._ran_hook, extensions=layout.extensions
        )
        if not self.obstacle:
            environment = describe_environment(linter)
            known = memory.merge(self._blobs, environment)
            self._run = Incremental(linter, self._library, layout, known)
            self._environment, self._layout = environment, layout
        asts = self._build(linter, items, *rest)
        gc.freeze()
        return asts

    def _lint_files(self, linter: Any, asts: dict[Any, Any], check: Any, progress: Any) -> None:
        run = self._run
        if run is None:
            self._walk(linter, asts, check, progress)
            return
        run.lint(asts, lambda some: self._walk(linter, some, check, progress))
        self.walked = run.walked
        self.remembered = memory.encode(
            {
                "format": memory.FORMAT,
                "environment": self._environment,
                "layout": self._layout.entries,
                "roots": self._layout.roots,
                "files": run.files,
            }
        )
