"""Pure: which paths of a tree may become files, whatever disk and terminal they end on."""

from __future__ import annotations

import re
import unicodedata

NAME_BYTES = 255
"""Longest file name that Linux file systems take."""

# Code points that HFS+ drops from names, as in git's utf8.c (CVE-2014-9390).
_HFS_IGNORED = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
# Bidirectional overrides make a name read as another (CVE-2021-42574).
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LINE_BREAKING = frozenset({"Cc", "Zl", "Zp"})
_SHOWN_CHARACTERS = 60


def find_fault(path: bytes) -> str | None:
    """Say what is wrong with a path of a git tree, as the end of "a path …"; None if nothing."""
    try:
        text = path.decode()
    except UnicodeDecodeError:
        return "that is not UTF-8"
    if any(unicodedata.category(char) in _LINE_BREAKING or char in _BIDI for char in text):
        return "with control characters"
    if "\\" in text:
        return "with a backslash"
    parts = text.split("/")
    if any(part in {"", ".", ".."} for part in parts):
        return "that leads out of its folder"
    if any(_is_git_folder(part) for part in parts):
        return "that a disk may take for .git"
    return None


def _is_git_folder(name: str) -> bool:
    """Tell whether some file system opens git's own folder by this name.

    macOS ignores case and some code points; Windows ignores case, trailing dots and blanks,
    reads what follows a colon as a stream, and knows ``.git`` as ``git~1`` too.
    """
    plain = _HFS_IGNORED.sub("", name).split(":")[0].rstrip(". ").casefold()
    return plain in {".git", "git~1"}


def show(path: bytes) -> str:
    """Return a path as printable text on one line, shortened; not escaped for Markdown or HTML."""
    text = path.decode(errors="backslashreplace")
    text = "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
