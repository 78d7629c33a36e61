"""Pure: a tree's configuration files as the tools read them."""

from __future__ import annotations

import configparser
import posixpath
from collections.abc import Iterator, Mapping
from configparser import RawConfigParser
from dataclasses import dataclass, field
from typing import Any

from lintbot.model.toml import load_toml
from lintbot.requirements.documents import WIDE_GAP

MAX_CONFIG_BYTES = 1024 * 1024
"""Of one file; what is longer is cut here."""


@dataclass(frozen=True, slots=True)
class ConfigFiles:
    """Configuration files by path, relative to the repository, POSIX; parsed once each.

    Attributes:
        contents: path to bytes.
        packages: folders with an ``__init__.py``: pylint looks above these.
    """

    contents: Mapping[str, bytes]
    packages: frozenset[str] = frozenset()
    _parsed: dict[tuple[str, ...], Any] = field(default_factory=dict, repr=False, compare=False)

    def __contains__(self, path: str) -> bool:
        """Tell whether there is such a file."""
        return path in self.contents

    def toml(self, path: str) -> Mapping[str, Any] | None:
        """Return a TOML file's tables; None when it is no TOML, or not there."""
        if (path,) not in self._parsed:
            self._parsed[path,] = _read_toml(self.contents.get(path))
        found: Mapping[str, Any] | None = self._parsed[path,]
        return found

    def toml_tool(self, path: str, tool: str) -> Any:
        """Return the table ``[tool.NAME]`` of a TOML file; None when it has none."""
        tools = (self.toml(path) or {}).get("tool")
        return tools.get(tool) if isinstance(tools, dict) else None

    def ini(self, path: str, *, strict: bool = False, comments: bool = False) -> RawConfigParser:
        """Return an INI file's sections; none when it is no INI file, or not there.

        Args:
            path: of the file.
            strict: one that gives a section or an option twice is no INI file.
            comments: ``#`` and ``;`` begin a comment anywhere, and a byte order mark is allowed:
                so pylint reads values.
        """
        key = (path, f"{strict}{comments}")
        if key not in self._parsed:
            prefixes = ("#", ";") if comments else None
            parser = RawConfigParser(strict=strict, inline_comment_prefixes=prefixes)
            encoding = "utf-8-sig" if comments else "utf-8"
            self._parsed[key] = _read_ini(self.contents.get(path, b""), parser, encoding)
        found: RawConfigParser = self._parsed[key]
        return found


def _read_toml(data: bytes | None) -> Mapping[str, Any] | None:
    try:
        return None if data is None else load_toml(data[:MAX_CONFIG_BYTES])
    except ValueError:
        return None


def _read_ini(data: bytes, parser: RawConfigParser, encoding: str) -> RawConfigParser:
    try:
        text = data[:MAX_CONFIG_BYTES].decode(encoding)
        if not WIDE_GAP.search(text):
            parser.read_string(text)
    except (configparser.Error, UnicodeDecodeError):
        return RawConfigParser()
    return parser


def join(folder: str, name: str) -> str:
    """Return the path of a name in a folder; the repository's root is the empty text."""
    return f"{folder}/{name}" if folder else name


def parent(path: str) -> str:
    """Return the folder that a path lies in."""
    return posixpath.dirname(path)


def upwards(folder: str) -> Iterator[str]:
    """Yield a folder and every folder above it, the repository's root last."""
    while folder:
        yield folder
        folder = parent(folder)
    yield ""
