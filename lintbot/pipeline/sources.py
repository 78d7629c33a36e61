"""Shell: what a checkout holds for the linters: code, their configuration, lintbot's settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lintbot.model.globs import match_paths
from lintbot.model.repository_settings import SettingsFile
from lintbot.pipeline.config import (
    CONFIG_NAMES,
    MAX_CONFIG_BYTES,
    Configuration,
    read_configuration,
)
from lintbot.pipeline.repository_settings import SETTINGS_PLACES, read_repository_settings
from lintbot.pipeline.score import count_code_lines
from lintbot.ports import Checkout

PYTHON_SUFFIX = ".py"


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
    configuration: Configuration
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
        configuration=read_configuration(_contents(checkout, CONFIG_NAMES)),
        settings=settings,
    )


def read_settings(checkout: Checkout) -> SettingsFile:
    """Read what a tree asks of lintbot. Blocking."""
    return read_repository_settings(_contents(checkout, SETTINGS_PLACES))


def _contents(checkout: Checkout, names: Iterable[str]) -> dict[str, bytes]:
    """Return the beginnings of those files that exist; one byte more tells a larger one."""
    here = set(checkout.files).intersection(names)
    return {name: _head(checkout.root / name) for name in sorted(here)}


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_CONFIG_BYTES + 1)


def read_lines(path: Path) -> list[str]:
    """Return the lines of a file as the tools count them. Blocking."""
    # The tools count lines by \n only after universal newlines; form feeds end no line.
    text = path.read_bytes().decode(errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines
