"""Shell: counts what is in a tree's Python files, in the sandbox."""

from __future__ import annotations

import logging
from importlib.resources import files
from pathlib import Path

from lintbot.model.counts import Counts
from lintbot.ports import Ending, Sandbox, SandboxJob

_log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 60.0
MAX_CRASHES = 5
"""After a file that takes the parser down the count goes on behind it, so many times."""
_MAX_DIGITS = 9
_PROGRAM = files("lintbot.trust").joinpath("counter.py").read_text(encoding="utf-8")
_FIELDS = (
    *("names", "documented", "public", "explained", "functions", "typed"),
    *("statements", "test_statements", "tests"),
)


async def measure(sandbox: Sandbox, root: Path) -> Counts | None:
    """Count; None when the files could not be counted to their end.

    Raises:
        SandboxUnavailableError: no tier holds on this machine.
    """
    lines: list[str] = []
    first = 0
    for _ in range(MAX_CRASHES):
        job = SandboxJob(
            argv=("python3", "-I", "-c", _PROGRAM, str(first)),
            root=root,
            timeout_seconds=TIMEOUT_SECONDS,
        )
        result = await sandbox.run(job)
        done, at = split_output(result.stdout.decode(errors="replace"))
        lines += done
        if at is None:
            return add_up(lines)
        if result.ending is not Ending.KILLED or at < first:
            break
        lines.append("-")
        first = at + 1
    _log.warning("the Python files of a tree were not counted to their end")
    return None


def split_output(text: str) -> tuple[list[str], int | None]:
    """Return the numbers of whole lines, and at which file it died; None: it did not.

    The text is written by our own program, but in a process that hostile sources may break.
    """
    done: list[str] = []
    following = 0
    for line in text.splitlines():
        number, _, numbers = line.partition(" ")
        if line == "end":
            return done, None
        if not number.isdecimal() or not numbers:
            return done, int(number) if number.isdecimal() else following
        done.append(numbers)
        following = int(number) + 1
    return done, following


def add_up(lines: list[str]) -> Counts:
    """Return the sums; a line that makes no sense is a file that was not read."""
    sums, unread = [0] * len(_FIELDS), 0
    for line in lines:
        numbers = line.split(",")
        if len(numbers) == len(_FIELDS) and all(map(_is_count, numbers)):
            sums = [total + int(number) for total, number in zip(sums, numbers, strict=True)]
        else:
            unread += 1
    values = dict(zip(_FIELDS, sums, strict=True))
    return Counts(files=len(lines) - unread, unread=unread, **values)


def _is_count(text: str) -> bool:
    return text.isdecimal() and len(text) <= _MAX_DIGITS
