"""Shell: what a confined job runs: a linter in this process, the self-test, or a program."""

from __future__ import annotations

import json
import os
import signal
import site
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from .confine import Request
from .linters import REMEMBERING, Reuse, run_linter
from .reuse.again import be_plain
from .reuse.environment import knows_flake8, knows_mypy, knows_pylint
from .reuse.flake8_reuse import Flake8Reuse
from .reuse.mypy_reuse import MypyReuse
from .reuse.pylint_reuse import PylintReuse
from .rlimits import ProcessLimits
from .selftest import SELF_TEST, run_self_test
from .warm import Warm, make_library

READY = b"R"
"""Written once everything is confined, just before anything of the repository runs."""

_NOT_FOUND, _NOT_RUN = 127, 126


def parse_request(text: bytes) -> Request:
    """Read a request's body: a line of JSON, then what an earlier run left."""
    line, _, memory = text.partition(b"\n")
    fields = json.loads(line)
    fields["argv"] = tuple(fields["argv"])
    fields["limits"] = ProcessLimits(**fields["limits"])
    sizes = fields.pop("memory_bytes")
    fields["memory"] = None if sizes is None else tuple(_cut(memory, sizes))
    fields["share"] = fields["share"] and tuple(fields["share"])
    return Request(**fields)


def _cut(text: bytes, sizes: list[int]) -> Iterator[bytes]:
    start = 0
    for size in sizes:
        yield text[start : start + size]
        start += size


def use_libraries(folder: str) -> None:
    """Let imports see the standard library and this folder, and nothing else."""
    own = str(Path(__file__).parents[1])
    sys.path[:] = [path for path in sys.path if path != own] + [folder]
    # The interpreter is started without its site module, which makes these builtins: linters ask
    # it which names there are, and `exit` is one of them wherever people run Python.
    for add in (site.setquit, site.setcopyright, site.sethelper):
        add()
    # No folder is writable, and a search for one would end older tools as they are imported.
    tempfile.tempdir = "/tmp"  # noqa: S108  # nothing can be written there


def run(request: Request, warm: Warm | None, memory: int) -> NoReturn:
    """Run the job and end this process.

    Args:
        request: the job.
        warm: what is held ready; None: nothing.
        memory: the descriptor that takes what a linter remembers.
    """
    if not request.in_process:
        _execute(request.argv)
    if request.argv[0] == SELF_TEST:
        run_self_test(request.argv[1])
    if request.argv[0] in REMEMBERING:
        sys.path[-1] += f"-{request.argv[0]}"
    reuse = _make_reuse(request, warm)
    run_linter(request.argv, watched=request.watched, reuse=reuse, memory=memory)


def _make_reuse(request: Request, warm: Warm | None) -> Reuse | None:
    """Return what stands before the linter's own checks; None: nothing does."""
    if request.argv[0] == "flake8":
        reuses = request.memory is not None and knows_flake8()
        return Flake8Reuse(request.memory or ()) if reuses else None
    if request.argv[0] == "mypy":
        return MypyReuse(request.memory or (), request.root) if knows_mypy() else be_plain()
    if warm is not None:
        return PylintReuse(warm.held, request)
    if request.memory is not None and knows_pylint():
        return PylintReuse(make_library(), request)
    return None


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
