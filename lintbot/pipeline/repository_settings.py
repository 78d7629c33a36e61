"""Pure: reads a repository's settings of lintbot; docs/repository-settings.md explains them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import Any, Final

from lintbot.model.repository_settings import (
    MAX_ANNOTATIONS,
    Gate,
    RepositorySettings,
    SettingsFile,
)
from lintbot.model.toml import find_line, load_toml
from lintbot.pipeline.tools import registry
from lintbot.pipeline.tools.config_files import MAX_CONFIG_BYTES

PYPROJECT: Final = "pyproject.toml"
SETTINGS_PLACES: Final = (".lintbot.toml", ".github/lintbot.toml", PYPROJECT)
"""The first that has settings counts; in the last they stand in ``[tool.lintbot]``."""

MAX_SETTINGS_BYTES: Final = 64 * 1024
"""Of a file of lintbot's own; pyproject.toml may be as large as any configuration."""
MAX_PATTERNS: Final = 50
MAX_PATTERN_CHARACTERS: Final = 250
MIN_SECONDS, MAX_SECONDS = 10, 3600
MAX_PROBLEMS: Final = 5
"""Named at once; each costs a search for its line."""
_SHOWN_CHARACTERS = 60

TOOLS = tuple(tool.name for tool in registry.TOOLS)

Table = Mapping[str, Any]


def read_repository_settings(files: Mapping[str, bytes]) -> SettingsFile:
    """Read the settings of a tree; whatever its files say, there are settings in the end.

    Args:
        files: path to bytes, of those SETTINGS_PLACES that exist.
    """
    found = [path for path in SETTINGS_PLACES if path in files and _speaks(path, files[path])]
    if not found:
        return SettingsFile()
    path, *others = found
    notices = tuple(f"{other} has settings of lintbot too: only {path} counts." for other in others)
    try:
        settings = _read(path, files[path])
    except _InvalidError as error:
        return SettingsFile(path=path, problems=error.problems, notices=notices)
    return SettingsFile(path=path, settings=settings, notices=notices)


class _InvalidError(Exception):
    """A file is not valid; each of the problems is one sentence."""

    def __init__(self, *problems: str) -> None:
        super().__init__(*problems)
        self.problems = problems


def _speaks(path: str, data: bytes) -> bool:
    """Tell whether a file has settings of lintbot, or seems to have."""
    if path != PYPROJECT:
        return True
    try:
        return "lintbot" in load_toml(data[: MAX_CONFIG_BYTES + 1]).get("tool", {})
    except (ValueError, TypeError):
        return b"tool.lintbot" in data


def _read(path: str, data: bytes) -> RepositorySettings:
    most = MAX_CONFIG_BYTES if path == PYPROJECT else MAX_SETTINGS_BYTES
    if len(data) > most:
        raise _InvalidError(f"{path} is larger than {most // 1024} KiB.")
    try:
        content: Any = load_toml(data)
        text = data.decode()
    except ValueError as error:
        raise _InvalidError(f"{path} cannot be read as TOML: {error}.") from error
    above = ("tool", "lintbot") if path == PYPROJECT else ()
    for name in above:
        content = content[name]
    reader = _Reader(path, text, above)
    settings = reader.settings(content)
    if reader.problems:
        raise _InvalidError(*reader.problems)
    return settings


class _Reader:
    """Reads values one by one and collects what is wrong with them."""

    def __init__(self, path: str, text: str, above: tuple[str, ...]) -> None:
        self._path = path
        self._text = text
        self._above = above
        self.problems: list[str] = []

    def settings(self, content: Any) -> RepositorySettings:
        if not isinstance(content, dict):
            self._blame((), "[tool.lintbot] must be a table.")
            return RepositorySettings()
        values: dict[str, Any] = {}
        for key, value in content.items():
            if key == "tools":
                values |= self._tools(value)
            elif key in KEYS:
                try:
                    values[key] = KEYS[key](value)
                except ValueError as error:
                    self._blame((key,), f"{key} must be {error}.")
            else:
                self._refuse((key,), (*KEYS, "tools"))
        return RepositorySettings(**values)

    def _tools(self, value: Any) -> dict[str, tuple[str, ...]]:
        if not isinstance(value, dict):
            self._blame(("tools",), "tools must be a table such as { ruff = false }.")
            return {}
        for name, switch in value.items():
            if name not in TOOLS:
                self._refuse(("tools", name), TOOLS)
            elif not isinstance(switch, bool):
                self._blame(("tools", name), f"tools.{name} must be true or false.")
        return {
            "switched_on": tuple(name for name in TOOLS if value.get(name) is True),
            "switched_off": tuple(name for name in TOOLS if value.get(name) is False),
        }

    def _refuse(self, path: tuple[str, ...], known: tuple[str, ...]) -> None:
        name = path[-1]
        if path == ("tool",) and not self._above:
            self._blame(path, "here the settings stand at the top, without [tool.lintbot].")
            return
        near = difflib.get_close_matches(name[:_SHOWN_CHARACTERS], known, n=1, cutoff=0.5)
        rest = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}."
        self._blame(path, f"unknown key {name[:_SHOWN_CHARACTERS]!r}; {rest}")

    def _blame(self, path: tuple[str, ...], words: str) -> None:
        if len(self.problems) >= MAX_PROBLEMS:
            return
        line = find_line(self._text, (*self._above, *path))
        place = f"{self._path}, line {line}" if line else self._path
        self.problems.append(f"{place}: {words}")


def _gate(value: Any) -> Gate:
    if not isinstance(value, str) or value not in set(Gate):
        raise ValueError("one of " + ", ".join(f'"{gate}"' for gate in Gate))
    return Gate(value)


def _patterns(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(map(_is_pattern, value)):
        raise ValueError(
            f"a list of texts of 1 to {MAX_PATTERN_CHARACTERS} characters, such as "
            '["vendor", "docs/*.py"]'
        )
    if len(value) > MAX_PATTERNS:
        raise ValueError(f"a list of at most {MAX_PATTERNS} patterns")
    return tuple(value)


def _is_pattern(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value.strip("/")) <= MAX_PATTERN_CHARACTERS


def _whole(low: int, high: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return value

    return read


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")  # noqa: TRY004  every reader raises ValueError
    return value


KEYS: Mapping[str, Callable[[Any], Any]] = {
    "gate": _gate,
    "branches": _patterns,
    "max_annotations": _whole(0, MAX_ANNOTATIONS),
    "exclude": _patterns,
    "timeout_seconds": _whole(MIN_SECONDS, MAX_SECONDS),
    "watch_private_dependencies": _switch,
    "seeks_maintainer": _switch,
    "dependency_issue": _switch,
}
"""Every key but ``tools``; each reader raises ValueError with what the value must be."""
