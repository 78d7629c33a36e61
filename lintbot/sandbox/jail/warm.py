"""Shell: imports the linters before the first job and keeps what they remember honest.

pylint's library keeps the modules that it has read, by name. A job may use what was read before it
only where it would read the same itself: not when the checkout has a module of such a name, and
not when a plugin or an option changes how modules are read. Then it starts from nothing.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

SAMPLE = Path(__file__).with_name("sample_of_lintbot.py")
"""The only file linted before the first job; it is ours."""


class Memory:
    """The modules that pylint's library has read so far."""

    def __init__(self, manager: Any) -> None:
        self._manager = manager
        self._names = {name.partition(".")[0] for name in manager.astroid_cache}
        self._names |= {name.partition(".")[0] for name, _ in manager._mod_file_cache}  # noqa: SLF001  # no other way
        self._intact = True

    def forget(self) -> None:
        """Start from nothing, as a new process would."""
        if self._intact:
            self._intact = False  # first: reading again registers transforms
            self._manager.clear_cache()

    def forget_if_shadowed(self, root: str) -> None:
        """Forget if any file or folder of the checkout has the name of a module read before."""
        for _, folders, files in os.walk(root):
            if not self._names.isdisjoint(name.partition(".")[0] for name in (*folders, *files)):
                self.forget()
                return

    def guard(self, linter: Any) -> None:
        """Forget when a plugin registers a transform or an option changes how modules are read."""
        transforms = self._manager._transform  # noqa: SLF001  # no other way
        transforms.register_transform = self._forgetting(transforms.register_transform)
        usual, opened = self._reading_options(), linter.open

        def open_honestly(this: Any) -> None:
            opened(this)
            if self._reading_options() != usual:
                self.forget()

        linter.open = open_honestly

    def _forgetting(self, register: Callable[..., Any]) -> Callable[..., Any]:
        def forget_and_register(*words: Any, **named: Any) -> Any:
            self.forget()
            return register(*words, **named)

        return forget_and_register

    def _reading_options(self) -> tuple[Any, ...]:
        manager = self._manager
        return (
            manager.always_load_extensions,
            manager.max_inferable_values,
            getattr(manager, "prefer_stubs", None),  # older versions have none
            frozenset(manager.extension_package_whitelist),
        )


def preload() -> Memory | None:
    """Import the linters and lint the sample, so that jobs find everything in place.

    A set of one pinned tool has only that one.
    """
    os.chdir("/")
    memory = _preload_pylint() if find_spec("pylint") else None
    if find_spec("flake8"):
        import_module("flake8.main.cli").main(["--isolated", "-j1", str(SAMPLE)])
    sys.stdout.flush()
    gc.collect()
    gc.freeze()
    return memory


def _preload_pylint() -> Memory:
    lint = import_module("pylint.lint")
    lint.Run(["--rcfile", os.devnull, "-j1", "--persistent=n", str(SAMPLE)], exit=False)
    memory = Memory(import_module("astroid.manager").AstroidManager())
    memory.guard(lint.PyLinter)
    return memory
