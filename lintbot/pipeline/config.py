"""Pure: which file configures which tool, as the tools themselves find it from the root."""

from __future__ import annotations

import configparser
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lintbot.model.toml import load_toml

MAX_CONFIG_BYTES = 1024 * 1024

PYLINT_PLACES = (
    "pylintrc",
    "pylintrc.toml",
    ".pylintrc",
    ".pylintrc.toml",
    "pyproject.toml",
    "setup.cfg",
    "tox.ini",
)
"""In pylint's order: pylint/config/find_default_config_files.py."""
FLAKE8_PLACES = ("setup.cfg", "tox.ini", ".flake8")
"""In flake8's order: flake8/options/config.py."""
RUFF_PLACES = (".ruff.toml", "ruff.toml", "pyproject.toml")
"""In ruff's order: https://docs.astral.sh/ruff/configuration/#config-file-discovery"""

_IGNORED_BY_DEFAULT = frozenset({"CVS"})

CONFIG_NAMES = tuple(dict.fromkeys((*PYLINT_PLACES, *FLAKE8_PLACES, *RUFF_PLACES)))
"""Every file of the root that may configure a tool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What the root's files say about tools.

    Attributes:
        paths: tool name to the file that configures it; None for its defaults.
        digest: 16 hexadecimal digits over all those files.
        ignored_folders: pylint's ``ignore``, which it applies to folders only while it walks
            them; so lintbot, which gives it a list of files, applies it.
        notices: tool name to plain sentences about files that it does not read as meant.
    """

    paths: Mapping[str, str | None]
    digest: str
    ignored_folders: frozenset[str]
    notices: Mapping[str, tuple[str, ...]]


def read_configuration(files: Mapping[str, bytes]) -> Configuration:
    """Find out which file configures which tool.

    Args:
        files: name to bytes, of those CONFIG_NAMES that stand in the root.
    """
    known = {name: data for name, data in files.items() if name in CONFIG_NAMES}
    paths = {
        "pylint": _first(PYLINT_PLACES, known, _is_pylint),
        "flake8": _first(FLAKE8_PLACES, known, _is_flake8),
        "ruff": _first(RUFF_PLACES, known, _is_ruff),
    }
    digest = hashlib.sha256()
    for name in sorted(known):
        digest.update(f"{name}\0{len(known[name])}\0".encode() + known[name])
    return Configuration(
        paths=paths,
        digest=digest.hexdigest()[:16],
        ignored_folders=_ignored(paths["pylint"], known),
        notices=_notices(known),
    )


_Fits = Callable[[str, bytes], bool]


def _first(places: tuple[str, ...], files: Mapping[str, bytes], fits: _Fits) -> str | None:
    return next((name for name in places if name in files and fits(name, files[name])), None)


def _is_pylint(name: str, data: bytes) -> bool:
    if name.endswith(".toml"):
        return "pylint" in _tools(data)
    if name.endswith((".cfg", ".ini")):
        return any(s == "pylint" or s.startswith("pylint.") for s in _sections(data))
    return True


def _is_flake8(_name: str, data: bytes) -> bool:
    return bool({"flake8", "flake8:local-plugins"} & set(_sections(data)))


def _is_ruff(name: str, data: bytes) -> bool:
    return name != "pyproject.toml" or "ruff" in _tools(data)


def _tools(data: bytes) -> Mapping[str, Any]:
    try:
        tool = load_toml(data[:MAX_CONFIG_BYTES]).get("tool", {})
    except ValueError:
        return {}
    return tool if isinstance(tool, dict) else {}


def _sections(data: bytes) -> list[str]:
    return _ini(data).sections()


def _ini(data: bytes) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(data[:MAX_CONFIG_BYTES].decode())
    except (configparser.Error, UnicodeDecodeError):
        return configparser.RawConfigParser()
    return parser


def _ignored(name: str | None, files: Mapping[str, bytes]) -> frozenset[str]:
    if name is None:
        return _IGNORED_BY_DEFAULT
    if name.endswith(".toml"):
        groups = _tools(files[name]).get("pylint")
        found = list(_toml_ignored(groups)) if isinstance(groups, dict) else []
    else:
        parser = _ini(files[name])
        found = [parser[s]["ignore"] for s in parser.sections() if "ignore" in parser[s]]
    names = {part.strip() for text in found for part in text.split(",")}
    return frozenset(names - {""}) or _IGNORED_BY_DEFAULT


def _toml_ignored(groups: Mapping[str, Any]) -> Iterator[str]:
    """Yield every ``ignore`` of pylint's table and the tables in it."""
    for key, value in groups.items():
        if key == "ignore":
            yield from map(str, value if isinstance(value, list) else [value])
        elif isinstance(value, dict) and "ignore" in value:
            yield from _toml_ignored({"ignore": value["ignore"]})


_FLAKE8_READS_NO_TOML = (
    "flake8 does not read [tool.flake8] of pyproject.toml, only setup.cfg, tox.ini and .flake8."
)


def _notices(files: Mapping[str, bytes]) -> dict[str, tuple[str, ...]]:
    notices: dict[str, tuple[str, ...]] = {}
    if "flake8" in _tools(files.get("pyproject.toml", b"")):
        notices["flake8"] = (_FLAKE8_READS_NO_TOML,)
    pyproject = files.get("pyproject.toml")
    if pyproject is not None and not _is_toml(pyproject):
        notices["pylint"] = ("pyproject.toml is not valid TOML, so no tool reads it.",)
    return notices


def _is_toml(data: bytes) -> bool:
    try:
        load_toml(data[:MAX_CONFIG_BYTES])
    except ValueError:
        return False
    return True
