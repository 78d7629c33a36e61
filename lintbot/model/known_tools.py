"""Pure: the distributions that a repository can ask for by name; no other is ever installed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

Kit = tuple[str, ...]
"""A tool and its plugins: ``pylint==4.1.3`` first, then the plugins, sorted. A plugin without a
version has the newest that fits."""

OLDEST: Final[Mapping[str, str]] = MappingProxyType(
    {"pylint": "3.0", "flake8": "5.0", "ruff": "0.1.0", "mypy": "1.11", "bandit": "1.7"}
)
"""Of each tool, the oldest version whose command line and output lintbot knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """A plugin that is pure configuration: it needs no file and no network of its own.

    Attributes:
        name: of the distribution, normalised.
        tool: that it extends.
        version: what a repository gets that pins none, with the server's own version of the tool.
        modules: pylint's: what ``load-plugins`` names.
        prefixes: flake8's: what its codes begin with.
    """

    name: str
    tool: str
    version: str
    modules: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()


def _pylint(name: str, version: str) -> Plugin:
    return Plugin(name=name, tool="pylint", version=version, modules=(name.replace("-", "_"),))


def _flake8(name: str, version: str, *prefixes: str) -> Plugin:
    return Plugin(name=name, tool="flake8", version=version, prefixes=prefixes)


FLAKE8_PYPROJECT: Final = "flake8-pyproject"
"""With it flake8 reads ``[tool.flake8]`` of the pyproject.toml in its working directory."""

_EVERY = (
    _pylint("pylint-actions", "0.7.0"),
    _pylint("pylint-django", "2.8.0"),
    _pylint("pylint-per-file-ignores", "4.0.0"),
    _pylint("pylint-pydantic", "0.4.1"),
    _flake8("flake8-2020", "1.8.1", "YTT"),
    _flake8("flake8-annotations", "3.3.0", "ANN"),
    _flake8("flake8-async", "26.8.1", "ASYNC"),
    _flake8("flake8-bugbear", "26.10.27", "B"),
    _flake8("flake8-builtins", "3.1.0", "A"),
    _flake8("flake8-commas", "4.0.0", "C8"),
    _flake8("flake8-comprehensions", "3.17.0", "C4"),
    _flake8("flake8-datetimez", "26.8.1", "DTZ"),
    _flake8("flake8-debugger", "4.1.2", "T100"),
    _flake8("flake8-docstrings", "1.7.0", "D"),
    _flake8("flake8-eradicate", "1.5.0", "E800"),
    _flake8("flake8-implicit-str-concat", "0.7.0", "ISC"),
    _flake8("flake8-import-order", "0.19.2", "I"),
    _flake8("flake8-isort", "7.1.0", "I"),
    _flake8("flake8-print", "5.0.0", "T20"),
    _flake8("flake8-pyi", "26.5.0", "Y"),
    _flake8(FLAKE8_PYPROJECT, "1.2.4"),
    _flake8("flake8-pytest-style", "2.2.0", "PT"),
    _flake8("flake8-return", "1.2.0", "R5"),
    _flake8("flake8-rst-docstrings", "0.4.0", "RST"),
    _flake8("flake8-simplify", "0.31.1", "SIM"),
    _flake8("flake8-tidy-imports", "4.12.0", "I25"),
    _flake8("flake8-todos", "0.3.1", "TD"),
    _flake8("flake8-type-checking", "3.2.0", "TC"),
    _flake8("pep8-naming", "0.15.1", "N8"),
)
PLUGINS: Final[Mapping[str, Plugin]] = MappingProxyType({it.name: it for it in _EVERY})

_VERSION = re.compile(r"[0-9][0-9A-Za-z.]{0,30}")
_MAX_PARTS = 40


def is_known(kit: Iterable[str]) -> bool:
    """Tell whether everything asked for is a known name with at most one plain version."""
    asked = list(kit)
    return 0 < len(asked) <= _MAX_PARTS and all(map(_is_known, asked))


def _is_known(requirement: str) -> bool:
    name, pinned, version = requirement.partition("==")
    known = name in OLDEST or name in PLUGINS
    return known and (not pinned or _VERSION.fullmatch(version) is not None)
