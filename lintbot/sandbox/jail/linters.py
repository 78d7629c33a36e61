"""Shell: runs a linter inside this process as its console script would."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import traceback
from importlib import import_module
from typing import NoReturn

from .watch import watch

MEMORY_SIGNAL = signal.SIGUSR2
"""A linter that runs out of memory ends itself with this."""


LINTERS = {"pylint": ("pylint", "run_pylint"), "flake8": ("flake8.main.cli", "main")}
"""What runs inside the job server's child: the module and function of each console script."""


def run_linter(argv: tuple[str, ...], *, watched: bool = False) -> NoReturn:
    """Run ``pylint`` or ``flake8`` and end this process with its status.

    Args:
        argv: as its console script would have it.
        watched: file by file, see ``watch``.
    """
    module, function = LINTERS[argv[0]]
    sys.argv[:] = argv
    try:
        if watched:
            watch(argv[0])
        _leave(getattr(import_module(module), function)())
    except SystemExit as end:
        _leave(end.code)
    except MemoryError:
        _die_of_memory()
    except BaseException:  # noqa: BLE001  # what the interpreter does with an error nobody caught
        traceback.print_exc()
        _leave(1)


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
