"""Pure: hostile TOML, JSON and INI, read within limits and asked without surprises."""

from __future__ import annotations

import configparser
import json
import re
from collections.abc import Mapping
from configparser import RawConfigParser
from functools import lru_cache
from typing import Any

from lintbot.errors import LintbotError
from lintbot.model import toml

WIDE_GAP = re.compile(r"\S[^\S\n]{100,}+\S")
"""The standard library's parser takes time with the square of such a gap: 16,000 blanks take
seconds. No file that people write has one."""
KEPT = 8
KEPT_CHARACTERS = 512 * 1024
"""So many documents are kept once they are read, none of them longer: a push rarely touches a lock
file, and reading a large one takes a twentieth of a second, each time somebody asks for it."""


class UnreadableError(LintbotError):
    """A file cannot be read; the text says which and why, for people."""


def decode(path: str, data: bytes, max_bytes: int) -> str:
    """Return a file's text.

    Raises:
        UnreadableError: it is too large.
    """
    if len(data) > max_bytes:
        raise UnreadableError(f"{path} is larger than {max_bytes // 1024 // 1024} MiB.")
    return data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")


def load_toml(path: str, text: str) -> dict[str, Any]:
    """Return the document; others have it, too, so nothing of it may be changed.

    Raises:
        UnreadableError: it is not TOML, or lies outside the limits.
    """
    try:
        return _load_kept(text) if len(text) <= KEPT_CHARACTERS else toml.load_toml(text)
    except ValueError as error:
        raise UnreadableError(f"{path} is not TOML that can be read.") from error


_load_kept = lru_cache(KEPT)(toml.load_toml)


def load_json(path: str, text: str) -> dict[str, Any]:
    """Return the object.

    Raises:
        UnreadableError: it is not a JSON object.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"{path} is not JSON that can be read.") from error
    if not isinstance(document, dict):
        raise UnreadableError(f"{path} is not a JSON object.")
    return document


def load_ini(path: str, text: str) -> RawConfigParser:
    """Return the sections; what is given twice counts the last time.

    Raises:
        UnreadableError: it is not an INI file, or has a gap of more than 100 blanks in a line.
    """
    if WIDE_GAP.search(text):
        raise UnreadableError(f"{path} has a line with a gap of more than 100 blanks.")
    parser = RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except (configparser.Error, ValueError) as error:
        raise UnreadableError(f"{path} is not an INI file that can be read.") from error
    return parser


def get(document: object, *keys: str, default: Any = None) -> Any:
    """Return what lies below these keys, if it has the default's type (any type for None)."""
    for key in keys:
        if not isinstance(document, Mapping):
            return default
        document = document.get(key)
    if document is None or (default is not None and not isinstance(document, type(default))):
        return default
    return document


def strings(value: object) -> list[str]:
    """Return the texts of a list, whatever else is in it."""
    return [it for it in value if isinstance(it, str)] if isinstance(value, list) else []
