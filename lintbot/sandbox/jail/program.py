"""Shell: what a confined job runs: a linter in this process, the self-test, or a program."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

from .confine import Request
from .linters import run_linter
from .rlimits import ProcessLimits
from .selftest import SELF_TEST, run_self_test
from .warm import Memory

READY = b"R"
"""Written once everything is confined, just before anything of the repository runs."""

_NOT_FOUND, _NOT_RUN = 127, 126


def parse_request(text: bytes) -> Request:
    """Read a request's body."""
    fields = json.loads(text)
    fields["limits"] = ProcessLimits(**fields["limits"])
    return Request(**{**fields, "argv": tuple(fields["argv"])})


def use_libraries(folder: str) -> None:
    """Let imports see the standard library and this folder, and nothing else."""
    own = str(Path(__file__).parents[1])
    sys.path[:] = [path for path in sys.path if path != own] + [folder]
    # No folder is writable, and a search for one would end older tools as they are imported.
    tempfile.tempdir = "/tmp"  # noqa: S108  # nothing can be written there


def run(request: Request, memory: Memory | None) -> NoReturn:
    """Run the job and end this process."""
    if not request.in_process:
        _execute(request.argv)
    if request.argv[0] == SELF_TEST:
        run_self_test(request.argv[1])
    if memory is not None:
        memory.forget_if_shadowed(request.root)
    run_linter(request.argv)


def _execute(argv: tuple[str, ...]) -> NoReturn:
    for name in (
        signal.SIGPIPE,
        signal.SIGXFSZ,
    ):  # Python ignores them; a program must not inherit that
        signal.signal(name, signal.SIG_DFL)
    try:
        os.execvp(argv[0], argv)  # noqa: S606  # confined by now: this is the job
    except (OSError, ValueError) as error:
        sys.stderr.write(f"cannot run {argv[0]!r}: {error}\n")
        sys.stderr.flush()
        os._exit(_NOT_FOUND if isinstance(error, FileNotFoundError) else _NOT_RUN)
