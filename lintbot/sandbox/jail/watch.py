"""Shell: watches a linter file by file, so that a bad file loses only its own results.

A file that takes too much of the job's processor time is given up, and so is one on which the
linter fails; the linter goes on with the next. What cannot be interrupted (one long match of a
regular expression, a crash of the interpreter) ends the whole job; so each file is named on
standard error before it is judged, and whoever asked for the job knows which one it was.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

BEGINS = "\x01>"
"""Before processor seconds so far, a blank and a file's name: it is judged from now on."""
ENDS = "\x01<"
"""A line of its own: the file has been judged."""
GIVEN_UP = "\x01!"
"""Before a file's name, a tab and why it is given up."""

SHARE = 0.5
"""Of the processor time that the job has left, for one file."""
LEAST_SECONDS = 1.0
_AGAIN_SECONDS = 1.0
"""A handler of errors in the linter may have swallowed the first one."""


class TooLongError(Exception):
    """A file took too much processor time."""


def watch(tool: str) -> None:
    """Watch ``pylint`` or ``flake8`` from now on in this process."""
    signal.signal(signal.SIGPROF, _stop)
    if tool == "pylint":
        linter = import_module("pylint.lint").PyLinter
        linter.get_ast = _watched(linter.get_ast, str)
        linter._lint_file = _watched(linter._lint_file, lambda item: str(item.filepath))  # noqa: SLF001  # no other way
    else:
        checker = import_module("flake8.checker").FileChecker
        checker.run_checks = _forgiving(checker.run_checks)


def _stop(_signal: int, _frame: object) -> None:
    raise TooLongError("it took too much processor time")


@contextmanager
def _limit(path: str) -> Iterator[None]:
    """Name a file and give it its share of the time that is left."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = usage.ru_utime + usage.ru_stime
    _say(f"{BEGINS}{used:.1f} {path}")
    most, _ = resource.getrlimit(resource.RLIMIT_CPU)
    left = most - used if most != resource.RLIM_INFINITY else 3600.0
    signal.setitimer(signal.ITIMER_PROF, max(left * SHARE, LEAST_SECONDS), _AGAIN_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    _say(ENDS)


def _say(line: str) -> None:
    name = line.replace("\n", " ")
    os.write(sys.stderr.fileno(), f"{name}\n".encode(errors="surrogateescape"))


def _give_up(path: str, error: Exception) -> None:
    cause = error.__cause__ or error  # pylint wraps it
    _say(f"{GIVEN_UP}{path}\t{type(cause).__name__}: {cause}"[:500])


def _watched(judge: Callable[..., Any], name: Callable[[Any], str]) -> Callable[..., Any]:
    """Watch a method whose errors pylint itself turns into messages about the file."""

    def judge_in_time(linter: Any, file: Any, *words: Any, **named: Any) -> Any:
        path = os.path.relpath(name(file))
        try:
            with _limit(path):
                return judge(linter, file, *words, **named)
        except Exception as error:
            _give_up(path, error)
            raise

    return judge_in_time


def _forgiving(judge: Callable[..., Any]) -> Callable[..., Any]:
    """Watch a method whose errors would end flake8: what it found of the file is left out."""

    def judge_or_give_up(checker: Any) -> Any:
        path = os.path.relpath(checker.filename)
        try:
            with _limit(path):
                return judge(checker)
        except Exception as error:  # noqa: BLE001  # a plugin may raise whatever it likes
            _give_up(path, error)
            return checker.display_name, [], checker.statistics

    return judge_or_give_up
