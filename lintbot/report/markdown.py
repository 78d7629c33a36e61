"""Pure: untrusted text inside GitHub's Markdown, and cuts at a number of bytes.

Rules: https://github.github.com/gfm/ and, for what GitHub links after rendering (mentions,
issue numbers), https://docs.github.com/en/get-started/writing-on-github
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import accumulate

ZERO_WIDTH_SPACE = "\u200b"
"""Stands where GitHub would otherwise see a mention, an issue number or an address."""

_JOINERS = "\u200c\u200d"  # emoji and several scripts need them; they cannot reorder text
_SPECIAL = re.compile(r"[\\`*_\[\]<>&#$~!]")
_AT_START = re.compile(r"^([0-9]*)([-+=:]|[.)](?=\s|$))")
"""Begins a list, a table's ruler or the line under a heading."""
_LINKED = re.compile(r"(@|#|\bGH-|:(?=//)|\bwww(?=\.))", re.IGNORECASE)
_BACKTICKS = re.compile(r"`+")


def visible(text: str) -> str:
    r"""Return one line in which nothing is hidden: neither reordered, nor invisible, nor a control.

    White space becomes a space; control, bidirectional and invisible characters and halves of
    surrogate pairs become escapes such as ``\u202e``.
    """
    if text.isprintable():
        return text.strip()
    return "".join(map(_visible_character, text)).strip()


def visible_code(text: str) -> str:
    """Return a line of source in which nothing is hidden; its tabs and spaces stay."""
    return "".join(it if it == "\t" else _visible_character(it) for it in text).rstrip()


def _visible_character(character: str) -> str:
    if character.isprintable() or character in _JOINERS:
        return character
    if character.isspace():
        return " "
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"  # noqa: PLR2004  the BMP


def defuse(text: str) -> str:
    """Return text in which GitHub finds nobody to notify and nothing to link."""
    return _LINKED.sub(rf"\1{ZERO_WIDTH_SPACE}", text)


def escape(text: str) -> str:
    """Return Markdown that shows the text as it is, on one line."""
    plain = _SPECIAL.sub(r"\\\g<0>", visible(text))
    return defuse(_AT_START.sub(r"\1\\\2", plain))


def code(text: str) -> str:
    """Return a code span that holds the text, whatever it is."""
    plain = defuse(visible(text))
    if not plain:
        return ""
    longest = max((len(run) for run in _BACKTICKS.findall(plain)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if plain.startswith("`") or plain.endswith("`") else ""
    return f"{fence}{pad}{plain}{pad}{fence}"


def fenced(text: str, language: str) -> list[str]:
    """Return the lines of a code block that holds a text of several lines, whatever it is."""
    lines = [_visible_line(line) for line in text.split("\n")]
    longest = max((len(run) for run in _BACKTICKS.findall("\n".join(lines))), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}{language}", *lines, fence]


def _visible_line(line: str) -> str:
    """Return one line of a code block: its spaces stay, and nothing in it is hidden."""
    plain = line.removesuffix("\r")
    return "".join(it if it == "\t" else _visible_character(it) for it in plain)


def row(cells: Iterable[str]) -> str:
    """Return one line of a table from cells that are Markdown already.

    A pipe ends a cell, even inside a code span, unless a backslash stands before it.
    """
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Return the lines of a table."""
    return [row(head), "|" + "---|" * len(head), *map(row, rows)]


def link(text: str, url: str) -> str:
    """Return a link from Markdown to one of our own addresses (already percent-encoded)."""
    return f"[{text}]({url})"


def cut(text: str, max_bytes: int, marker: str = "…") -> str:
    """Return the text, or as many whole characters as fit with the marker in so many bytes."""
    data = text.encode()
    if len(data) <= max_bytes:
        return text
    room = max_bytes - len(marker.encode())
    if room < 0:
        raise ValueError(f"{max_bytes} bytes have no room for the marker")
    return data[:room].decode(errors="ignore") + marker


def join_lines(lines: Iterable[str], max_bytes: int, marker: str) -> str:
    """Return as many whole lines as fit in so many bytes; a marker line tells of the rest."""
    every = tuple(lines)
    whole = "\n".join(every)
    if len(whole.encode()) <= max_bytes:
        return whole
    room = max_bytes - len(marker.encode()) - 2
    sizes = accumulate(len(line.encode()) + 1 for line in every)
    kept = [line for line, size in zip(every, sizes, strict=True) if size <= room]
    return "\n".join([*kept, "", marker])
