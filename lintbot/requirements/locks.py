"""Pure: lock files: which version of what they pin, on which line."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from typing import Any

from lintbot.model.requirement import Requirement
from lintbot.requirements.documents import get, load_json, load_toml
from lintbot.requirements.names import normalise

Read = tuple[Iterator[Requirement | None], list[str]]
"""What a file requires, made one by one as it is taken (None: it names something that is no
requirement), and the addresses of all the package indexes that it names."""

MAX_VERSION = 200
"""Characters of a locked version."""

LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "pylock.*.toml")
_NAME_LINE = re.compile(r"""^[ \t]*+name[ \t]*+=[ \t]*+["']([^"'\n]+)["']""", re.MULTILINE)
_ENTRY_LINE = re.compile(r"""^[ \t]*+"([^"\n]+)"[ \t]*+:[ \t]*+\{""", re.MULTILINE)


def is_lock(name: str) -> bool:
    """Tell whether a file of this name pins everything with hashes."""
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in LOCKS)


def read_lock(path: str, text: str) -> Read:
    """Return the locked versions, and the indexes that they come from.

    Raises:
        UnreadableError: it is not what its name says.
    """
    if path.endswith("Pipfile.lock"):
        return _read_pipfile_lock(path, text)
    return _read_toml_lock(path, text)


def _read_toml_lock(path: str, text: str) -> Read:
    """Read uv.lock, poetry.lock, pdm.lock ([[package]]) and pylock.toml ([[packages]])."""
    document = load_toml(path, text)
    lines = _lines_of(_NAME_LINE, text)
    entries = [*_tables(document, "package"), *_tables(document, "packages")]
    indexes = {get(it, "source", "registry", default="") for it in entries}
    indexes |= {get(it, "index", default="") for it in entries}
    found = (
        _locked(path, get(it, "name", default=""), it.get("version"), lines, apart=_is_apart(it))
        for it in entries
    )
    return found, sorted(indexes - {""})


def _tables(document: dict[str, Any], key: str) -> list[dict[str, Any]]:
    return [it for it in get(document, key, default=[]) if isinstance(it, dict)]


_OWN = ("editable", "virtual", "directory", "path", "git", "url", "vcs", "archive", "ref")


def _is_apart(entry: dict[str, Any]) -> bool:
    """Tell whether an entry comes from somewhere else than the index."""
    source = get(entry, "source", default={})
    return any(key in entry or key in source for key in _OWN) or source.get("type") == "legacy"


def _read_pipfile_lock(path: str, text: str) -> Read:
    document = load_json(path, text)
    lines = _lines_of(_ENTRY_LINE, text)
    sources = get(document, "_meta", "sources", default=[])
    urls = [url for it in sources if (url := get(it, "url", default=""))]
    return _entries_of(document, path, lines), urls


def _entries_of(
    document: dict[str, Any], path: str, lines: dict[str, int]
) -> Iterator[Requirement | None]:
    for section in ("default", "develop"):
        for name, entry in get(document, section, default={}).items():
            version = get(entry, "version", default="").removeprefix("==")
            apart = isinstance(entry, dict) and any(key in entry for key in _OWN)
            yield _locked(path, name, version, lines, apart=apart)


def _locked(
    path: str, name: str, version: object, lines: dict[str, int], *, apart: bool
) -> Requirement | None:
    normalised = normalise(name)
    if not normalised or not isinstance(version, str) or not 0 < len(version) <= MAX_VERSION:
        return None
    return Requirement(
        name=normalised,
        specifier=f"=={version}",
        path=path,
        line=lines.get(name, 1),
        pinned=version,
        locked=True,
        elsewhere=apart,
    )


def _lines_of(pattern: re.Pattern[str], text: str) -> dict[str, int]:
    """Return on which line each name stands first."""
    found: dict[str, int] = {}
    line, at = 1, 0
    for match in pattern.finditer(text):
        line += text.count("\n", at, match.start(1))
        at = match.start(1)
        found.setdefault(match[1], line)
    return found
