"""Pure: how far a watched linter came; the marks are those of ``sandbox/jail/watch.py``."""

from __future__ import annotations

from dataclasses import dataclass

BEGINS = "\x01>"
ENDS = "\x01<"
GIVEN_UP = "\x01!"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What a linter told beside its report. Hostile: the repository's plugins ran in it.

    Attributes:
        words: what else it wrote to standard error.
        last: the file that it had begun and not ended; empty when there was none.
        given_up: files that it could not judge, and why.
    """

    words: str
    last: str
    given_up: dict[str, str]


def read_progress(stderr: str) -> Progress:
    """Take what a watched linter tells apart from what else it says."""
    words: list[str] = []
    given_up: dict[str, str] = {}
    last = ""
    for line in stderr.splitlines(keepends=True):
        if line.startswith(BEGINS):
            last = line.removeprefix(BEGINS).strip()
        elif line.startswith(ENDS):
            last = ""
        elif line.startswith(GIVEN_UP):
            path, _, why = line.removeprefix(GIVEN_UP).strip().partition("\t")
            given_up[path] = why
        else:
            words.append(line)
    return Progress(words="".join(words), last=last, given_up=given_up)
