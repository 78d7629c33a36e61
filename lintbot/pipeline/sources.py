"""Shell: what a checkout holds for the linters: code, their configuration, lintbot's settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lintbot.model.globs import match_paths
from lintbot.model.repository_settings import SettingsFile
from lintbot.pipeline.pins import MAX_BYTES as MAX_PINS_BYTES
from lintbot.pipeline.pins import MAX_FILES, Pin, is_pin_file, read_pins
from lintbot.pipeline.repository_settings import SETTINGS_PLACES, read_repository_settings
from lintbot.pipeline.score import count_code_lines
from lintbot.pipeline.tools.config_files import MAX_CONFIG_BYTES, ConfigFiles, parent
from lintbot.pipeline.tools.registry import CONFIG_NAMES
from lintbot.ports import Checkout

PYTHON_SUFFIX = ".py"
MAX_CONFIGS_BYTES = 4 * MAX_CONFIG_BYTES
"""Of all configuration files of a tree; the deepest are not read when there are more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What a checkout holds.

    Attributes:
        files: Python file to its lines.
        excluded: Python files that the settings leave out; ``excluded_code_lines`` in all.
    """

    files: Mapping[str, list[str]]
    excluded: tuple[str, ...]
    excluded_code_lines: int
    configs: ConfigFiles
    pins: tuple[Pin, ...]
    settings: SettingsFile


def read_sources(checkout: Checkout) -> Sources:
    """Read everything that decides how a checkout is linted. Blocking."""
    settings = read_settings(checkout)
    is_excluded = match_paths(settings.settings.exclude)
    python = [path for path in checkout.files if path.endswith(PYTHON_SUFFIX)]
    excluded = tuple(path for path in python if is_excluded(path))
    left_out = frozenset(excluded)
    return Sources(
        files={path: read_lines(checkout.root / path) for path in python if path not in left_out},
        excluded=excluded,
        excluded_code_lines=sum(
            count_code_lines(read_lines(checkout.root / path)) for path in excluded
        ),
        configs=ConfigFiles(_read_configs(checkout), _find_packages(checkout)),
        pins=read_pins(_read_pin_files(checkout)),
        settings=settings,
    )


def read_settings(checkout: Checkout) -> SettingsFile:
    """Read what a tree asks of lintbot. Blocking."""
    return read_repository_settings(_contents(checkout, SETTINGS_PLACES))


def _read_configs(checkout: Checkout) -> dict[str, bytes]:
    """Read every file that may configure a tool, those of the root first."""
    names = frozenset(CONFIG_NAMES)
    paths = [path for path in checkout.files if path.rpartition("/")[2] in names]
    contents: dict[str, bytes] = {}
    left = MAX_CONFIGS_BYTES
    for path in sorted(paths, key=lambda it: (it.count("/"), it)):
        data = _head(checkout.root / path)
        left -= len(data)
        if left < 0:
            break
        contents[path] = data
    return contents


def _read_pin_files(checkout: Checkout) -> dict[str, bytes]:
    """Read the files that may pin tools, those near the root first if there are many."""
    paths = sorted(filter(is_pin_file, checkout.files), key=lambda it: (it.count("/"), it))
    return {it: _head(checkout.root / it, MAX_PINS_BYTES) for it in paths[:MAX_FILES]}


def _find_packages(checkout: Checkout) -> frozenset[str]:
    return frozenset(parent(it) for it in checkout.files if it.endswith("/__init__.py"))


def _contents(checkout: Checkout, names: Iterable[str]) -> dict[str, bytes]:
    """Return the beginnings of those files that exist; one byte more tells a larger one."""
    here = set(checkout.files).intersection(names)
    return {name: _head(checkout.root / name) for name in sorted(here)}


def _head(path: Path, limit: int = MAX_CONFIG_BYTES) -> bytes:
    with path.open("rb") as file:
        return file.read(limit + 1)


def read_lines(path: Path) -> list[str]:
    """Return the lines of a file as the tools count them. Blocking."""
    # The tools count lines by \n only after universal newlines; form feeds end no line.
    text = path.read_bytes().decode(errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines
