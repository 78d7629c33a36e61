"""Pure: TOML that strangers wrote, read at a bounded cost."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any, Final

MAX_KEY_PARTS: Final = 32
"""The standard library's parser takes time with the square of a key's dots: 64 KiB of them
take 15 seconds, 1 MiB an hour. Nobody nests a setting so deep."""

MAX_SEARCHED_CHARACTERS: Final = 64 * 1024
MAX_CANDIDATES: Final = 10
"""How far a line is looked for: each candidate costs two readings of the document."""

_WORD = "[A-Za-z0-9_-]"
_PART = rf"""(?:{_WORD}++|"[^"\n]*+"|'[^'\n]*+')"""
_LONG_KEY = re.compile(rf"(?<!{_WORD}){_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{{MAX_KEY_PARTS}}}")


def load_toml(data: bytes | str) -> dict[str, Any]:
    """Return the tables of a TOML document.

    Raises:
        ValueError: it is not UTF-8 or not TOML, or it is nested too deep; the text says where.
    """
    text = data if isinstance(data, str) else data.decode()
    # No key goes on on the next line, and looking for one costs half of what reading a lock does.
    if any(_LONG_KEY.search(it) for it in text.split("\n") if it.count(".") >= MAX_KEY_PARTS):
        raise ValueError(f"a key has more than {MAX_KEY_PARTS} parts")
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("its values are nested too deep") from error


def find_line(text: str, path: tuple[str, ...]) -> int | None:
    """Return the line (from 1) on which a key or its table is given; None if it cannot be told.

    Args:
        text: a document that ``load_toml`` takes; of a large one no line is told.
        path: of the key, from the top.

    A line counts when what stands above it is a document without the key, and the line adds it:
    so a line within a text of several lines is not mistaken for it.
    """
    if len(text) > MAX_SEARCHED_CHARACTERS:
        return None
    lines = text.split("\n")
    candidates = [number for number, line in enumerate(lines) if path[-1] in line]
    for number in candidates[:MAX_CANDIDATES]:
        above = "\n".join(lines[:number])
        if _has(above, path) is False and _has(f"{above}\n{_without_value(lines[number])}", path):
            return number + 1
    return None if len(path) == 1 else find_line(text, path[:-1])


def _without_value(line: str) -> str:
    """Return a line whose value, which may go on below, is replaced by one that ends here."""
    key, equals, _ = line.partition("=")
    return f"{key}= 0" if equals else line


def _has(text: str, path: tuple[str, ...]) -> bool | None:
    """Tell whether a text gives the key; None when it is no document."""
    try:
        at: Any = load_toml(text)
    except ValueError:
        return None
    for name in path:
        if not isinstance(at, Mapping) or name not in at:
            return False
        at = at[name]
    return True
