"""Shell: runs a linter inside this process as its console script would."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import traceback
from contextlib import suppress
from importlib import import_module
from typing import NoReturn, Protocol

from .watch import watch

MEMORY_SIGNAL = signal.SIGUSR2
"""A linter that runs out of memory ends itself with this."""


LINTERS = {"pylint": ("pylint", "run_pylint"), "flake8": ("flake8.main.cli", "main")}
"""What runs inside the job server's child: the module and function of each console script."""
REMEMBERING = {"mypy": ("mypy.__main__", "console_entry")}
"""What runs there only to remember, from a folder of libraries of its own; else it is executed."""


class Reuse(Protocol):
    """Stands before a linter's own checks and leaves out those whose result is known."""

    def install(self) -> None:
        """Take its stand."""
        ...

    def left(self) -> bytes:
        """Return what is to be remembered."""
        ...


def run_linter(
    argv: tuple[str, ...], *, watched: bool = False, reuse: Reuse | None = None, memory: int = -1
) -> NoReturn:
    """Run ``pylint``, ``flake8`` or ``mypy`` and end this process with its status.

    Args:
        argv: as its console script would have it.
        watched: file by file, where the linter can be: see ``watch``.
        reuse: what it leaves is written in the end; None: everything is judged.
        memory: the descriptor to write that to.
    """
    module, function = (LINTERS | REMEMBERING)[argv[0]]
    sys.argv[:] = argv
    try:
        if watched and argv[0] in LINTERS:
            watch(argv[0])
        if reuse is not None:  # after the watch: what is not judged needs none
            reuse.install()
        code = _run(module, function)
        if reuse is not None and memory >= 0:
            _write(memory, reuse.left())
        _leave(code)
    except MemoryError:
        _die_of_memory()
    except BaseException:  # noqa: BLE001  # what the interpreter does with an error nobody caught
        traceback.print_exc()
        _leave(1)


def _run(module: str, function: str) -> object:
    try:
        return getattr(import_module(module), function)()
    except SystemExit as end:
        return end.code


def _write(descriptor: int, data: bytes) -> None:
    """Write all of it; a reader that has gone does not matter."""
    with suppress(OSError):
        while data:
            data = data[os.write(descriptor, data) :]


def _leave(code: object) -> NoReturn:
    """Do what the interpreter does at its end, but for destroying objects."""
    if code is not None and not isinstance(code, int):
        sys.stderr.write(f"{code}\n")
        code = 1
    try:
        atexit._run_exitfuncs()  # noqa: SLF001  # nothing public runs them
        sys.stdout.flush()
        sys.stderr.flush()
    except MemoryError:
        _die_of_memory()
    except Exception:  # noqa: BLE001  # as the interpreter: a broken stream is status 120
        code = 120
    os._exit((code or 0) & 0xFF)


def _die_of_memory() -> NoReturn:
    os.kill(os.getpid(), MEMORY_SIGNAL)
    os._exit(1)
