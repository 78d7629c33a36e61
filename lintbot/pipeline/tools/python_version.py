"""Pure: the oldest Python that a project declares to run on.

https://packaging.python.org/en/latest/specifications/core-metadata/#requires-python
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from lintbot.pipeline.tools.config_files import ConfigFiles, join, upwards

_VERSIONS = [*((2, minor) for minor in range(6, 8)), *((3, minor) for minor in range(40))]
_PATCHES = (0, 99)
"""``>=3.8.1`` is met by no 3.8.0, but it is about 3.8."""
_POETRY = re.compile(r"\s*[\^~](\d+(?:\.\d+)*)\s*")
_MAX_CHARACTERS = 200


def find_python(folder: str, files: ConfigFiles) -> tuple[int, int] | None:
    """Return the oldest Python that the nearest project above a folder declares; None if none."""
    declared = (it for above in upwards(folder) for it in _declarations(above, files))
    return next((oldest for it in declared if (oldest := _find_oldest(it))), None)


def _declarations(folder: str, files: ConfigFiles) -> Iterator[str]:
    content = files.toml(join(folder, "pyproject.toml")) or {}
    yield _text(_table(content, "project"), "requires-python")
    poetry = _table(_table(_table(content, "tool"), "poetry"), "dependencies")
    # Its caret and tilde have a lower bound, and no minor version above which it would matter.
    yield _POETRY.sub(r">=\1", _text(poetry, "python"))
    yield files.ini(join(folder, "setup.cfg")).get("options", "python_requires", fallback="")


def _find_oldest(specifier: str) -> tuple[int, int] | None:
    if not specifier.strip() or len(specifier) > _MAX_CHARACTERS:
        return None
    try:
        wanted = SpecifierSet(specifier)
    except InvalidSpecifier:
        return None
    versions = product(_VERSIONS, _PATCHES)
    return next((it for it, patch in versions if f"{it[0]}.{it[1]}.{patch}" in wanted), None)


def _table(content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = content.get(key)
    return value if isinstance(value, dict) else {}


def _text(table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    return value if isinstance(value, str) else ""
