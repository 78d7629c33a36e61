"""Pure: how far a watched linter came; the marks are those of ``sandbox/jail/watch.py``."""

from __future__ import annotations

from dataclasses import dataclass

BEGINS = "\x01>"
ENDS = "\x01<"
GIVEN_UP = "\x01!"
MAX_DIGITS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What a linter told beside its report. Hostile: the repository's plugins ran in it.

    Attributes:
        words: what else it wrote to standard error.
        last: the file that it had begun and not ended; empty when there was none.
        began_at: after how many processor seconds it had begun that file.
        given_up: files that it could not judge, and why.
    """

    words: str
    last: str
    began_at: float
    given_up: dict[str, str]


def read_progress(stderr: str) -> Progress:
    """Take what a watched linter tells apart from what else it says."""
    words: list[str] = []
    given_up: dict[str, str] = {}
    last, began_at = "", 0.0
    for line in stderr.splitlines(keepends=True):
        if line.startswith(BEGINS):
            seconds, _, last = line.removeprefix(BEGINS).strip().partition(" ")
            began_at = _read_seconds(seconds)
        elif line.startswith(ENDS):
            last = ""
        elif line.startswith(GIVEN_UP):
            path, _, why = line.removeprefix(GIVEN_UP).strip().partition("\t")
            given_up[path] = why
        else:
            words.append(line)
    return Progress(words="".join(words), last=last, began_at=began_at, given_up=given_up)


def _read_seconds(text: str) -> float:
    fits = len(text) <= MAX_DIGITS and text.replace(".", "", 1).isdecimal() and text.isascii()
    return float(text) if fits else 0.0
