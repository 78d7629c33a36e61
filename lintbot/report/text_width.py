"""Pure: how wide a text is in the fonts of a badge, as shields measures it.

The tables (``widths/``, see the notice there) are constants of the package, read once.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from enum import StrEnum
from functools import cache
from importlib.resources import files

_COMMON = 0x250
"""Code points below this (Latin) are looked up at once."""


class Font(StrEnum):
    """The fonts of the badge styles; a table file bears each name."""

    VERDANA_11 = "verdana-11"
    VERDANA_10 = "verdana-10"
    VERDANA_10_BOLD = "verdana-10-bold"
    HELVETICA_11_BOLD = "helvetica-11-bold"


class _Table:
    """Widths in px by ranges of code points; an unknown one counts like an ``m``."""

    def __init__(self, numbers: list[int]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._widths: list[float] = []
        end = 0
        for gap, more, hundredths in zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True):
            self._starts.append(end + gap)
            end += gap + more
            self._ends.append(end)
            self._widths.append(hundredths / 100)
        self._unknown = self._find(ord("m"))
        self._common = [self._find(code) for code in range(_COMMON)]

    def measure(self, text: str) -> float:
        # Not sum(): from Python 3.12 on it compensates rounding, and truncation would differ.
        width = 0.0
        for character in text:
            code = ord(character)
            width += self._common[code] if code < _COMMON else self._find(code)
        return width

    def _find(self, code: int) -> float:
        if code < 0x20 or code == 0x7F:  # noqa: PLR2004  control characters have no width
            return 0.0
        index = bisect_right(self._starts, code) - 1
        return self._widths[index] if code <= self._ends[index] else self._unknown


def text_width(text: str, font: Font) -> float:
    """Return the width in px, without kerning."""
    return _table(font).measure(text)


@cache
def _table(font: Font) -> _Table:
    data = files("lintbot.report").joinpath("widths", f"{font}.json").read_bytes()
    return _Table(json.loads(data))
