"""Shell: what decides a run besides the tree, and what forbids to reuse anything."""

from __future__ import annotations

import builtins
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from .digests import digest

KNOWN_PYLINT, KNOWN_ASTROID, KNOWN_FLAKE8, KNOWN_MYPY = "4.1", "4.3", "7.5", "2.4"
"""Minor versions that were read and replayed."""

_OWN_PLUGINS = "pylint.extensions."
_FILES = frozenset({"files", "jobs", "output_format", "rcfile"})
_CODE = ("unsafe_load_any_extension", "extension_pkg_allow_list", "extension_pkg_whitelist")
_STATEFUL = ("from_stdin", "recursive", "spelling_dict", "reports", "persistent")
_DRAWN = ("import_graph", "ext_import_graph", "int_import_graph")


def name_tools() -> str:
    """Return the name of the folder that linters run from: a digest of all that lies in it.

    So an upgrade of lintbot, or of anything that linters import, begins with nothing known.
    """
    return Path(__file__).parents[3].name


def knows_pylint() -> bool:
    """Tell whether the pylint here is one whose inner workings these modules know."""
    return _minor("pylint") == KNOWN_PYLINT and _minor("astroid") == KNOWN_ASTROID


def knows_flake8() -> bool:
    """Tell whether the flake8 here is one whose inner workings these modules know."""
    return _minor("flake8") == KNOWN_FLAKE8


def knows_mypy() -> bool:
    """Tell whether the mypy here is one whose cache these modules know how to pass on."""
    return _minor("mypy") == KNOWN_MYPY


def _minor(name: str) -> str:
    try:
        return version(name).rpartition(".")[0]
    except PackageNotFoundError:
        return ""


def find_obstacle(linter: Any, *, ran_hook: bool) -> str:
    """Return why this run must be a plain one; empty: nothing speaks against it.

    Args:
        linter: pylint's own.
        ran_hook: the configuration had an init-hook.
    """
    config = linter.config
    if ran_hook:
        return "init-hook"
    if len(linter._directory_namespaces) > 1:  # noqa: SLF001  # no other way
        return "several configurations"
    loaded = linter._dynamic_plugins  # noqa: SLF001
    strange = [name for name in loaded if not name.startswith(_OWN_PLUGINS)]
    if strange:
        return f"plugin {strange[0]}"
    chosen = [name for name in (*_CODE, *_STATEFUL, *_DRAWN) if getattr(config, name, None)]
    return chosen[0] if chosen else ""


def describe_environment(linter: Any) -> str:
    """Return a digest of everything but the tree that a message may depend on."""
    versions = (import_module("pylint").__version__, import_module("astroid").__version__)
    options = sorted(
        f"{name}={_spell(value)}"
        for name, value in vars(linter.config).items()
        if name not in _FILES
    )
    states = sorted(f"{name} {state}" for name, state in linter._msgs_state.items())  # noqa: SLF001
    plugins = sorted(linter._dynamic_plugins)  # noqa: SLF001
    names = sorted(vars(builtins))
    return digest(
        name_tools(), sys.version, *versions, *names, "", *options, "", *states, "", *plugins
    )


def _spell(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ",".join(map(_spell, value))
    if isinstance(value, (set, frozenset)):
        return ",".join(sorted(map(_spell, value)))
    pattern = getattr(value, "pattern", None)
    return repr(value) if pattern is None else f"{pattern!r} {value.flags}"
