"""Pure: pylint.

https://pylint.readthedocs.io/en/stable/user_guide/usage/output.html
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lintbot.model.findings import Finding, Severity
from lintbot.pipeline.tools.config_files import ConfigFiles, join, parent, upwards
from lintbot.pipeline.tools.python_version import find_python
from lintbot.pipeline.tools.severity import PYLINT as SEVERITIES
from lintbot.pipeline.tools.tool import (
    Output,
    Parsed,
    Tool,
    Tree,
    UnreadableOutputError,
    clamp_line,
    clean_text,
    cut_flood,
    last_line,
    place,
    read_column,
    safe_argument,
)

RC_NAMES = ("pylintrc", "pylintrc.toml", ".pylintrc", ".pylintrc.toml")
PLACES = (*RC_NAMES, "pyproject.toml", "setup.cfg", "tox.ini")
"""In pylint's order: pylint/config/find_default_config_files.py"""
_IGNORED_BY_DEFAULT = frozenset({"CVS"})

CONFIGURATION = frozenset({"E0013", "E0014", "E0015", "F0011", "R0022", "W0012"})
"""Messages about the configuration, not about code; see pylint/lint/pylinter.py."""
BAD_PLUGIN = "E0013"
"""A plugin could not be loaded; pylint goes on without it."""
MAX_NOTICES = 20
CRASHED = frozenset({"F0001", "F0002"})
"""pylint could not judge this file (astroid-error, fatal): its fault, not the file's."""

_PLUGIN = re.compile(r"^Plugin '([\w.-]{1,100})' ")
_UNABLE = re.compile(r"Unable to import '([^']+)'")
_NO_NAME = re.compile(r"No name '[^']*' in module '([^']+)'")
_NO_MEMBER = re.compile(r"Module '([^']+)' has no ")
_ENVIRONMENT = {"E0401": _UNABLE, "E0611": _NO_NAME, "E1101": _NO_MEMBER}


def _own_config(folder: str, files: ConfigFiles) -> str | None:
    paths = (join(folder, name) for name in PLACES)
    return next((path for path in paths if path in files and _is_pylints(path, files)), None)


def _is_pylints(path: str, files: ConfigFiles) -> bool:
    if path.endswith(".toml"):
        return files.toml_tool(path, "pylint") is not None
    if path.endswith((".cfg", ".ini")):
        sections = files.ini(path, strict=True).sections()
        return any(it == "pylint" or it.startswith("pylint.") for it in sections)
    return True


def _find_config(folder: str, files: ConfigFiles) -> str | None:
    """Look in the folder, above it while it is a package, and upwards for a pyproject.toml."""
    own = _own_config(folder, files)
    return own or _find_above_package(folder, files) or _find_pyproject(folder, files)


def _find_above_package(folder: str, files: ConfigFiles) -> str | None:
    while folder in files.packages and folder:
        folder = parent(folder)
        for name in RC_NAMES:
            if join(folder, name) in files:
                return join(folder, name)
    return None


def _find_pyproject(folder: str, files: ConfigFiles) -> str | None:
    """Return the nearest pyproject.toml, if it is pylint's; pylint looks no further."""
    paths = (join(above, "pyproject.toml") for above in upwards(folder))
    nearest = next((path for path in paths if path in files), None)
    return nearest if nearest and _is_pylints(nearest, files) else None


def _leave_out(folder: str, files: ConfigFiles) -> Callable[[str], bool]:
    """Apply ``ignore`` to folders: pylint itself does so only while it walks them."""
    ignored = _ignored(_find_config(folder, files), files)
    return lambda path: not ignored.isdisjoint(path.split("/"))


def _ignored(config: str | None, files: ConfigFiles) -> frozenset[str]:
    options = read_options(config, files) if config else {}
    names = {part.strip() for part in options.get("ignore", "").split(",")}
    return frozenset(names - {""}) or _IGNORED_BY_DEFAULT


def read_options(config: str, files: ConfigFiles) -> dict[str, str]:
    """Return the options of a configuration file as pylint reads them, lists joined by commas."""
    if config.endswith(".toml"):
        table = files.toml_tool(config, "pylint")
        return dict(_toml_options(table)) if isinstance(table, dict) else {}
    parser = files.ini(config, comments=True)
    shared = config.endswith(("setup.cfg", "tox.ini"))
    names = [it for it in parser.sections() if not shared or it.startswith("pylint")]
    return {option: value for name in names for option, value in parser[name].items()}


def _toml_options(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from ((option, _join_list(it)) for option, it in value.items())
        else:
            yield key, _join_list(value)


def _join_list(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _python(folder: str, files: ConfigFiles) -> tuple[int, int] | None:
    """Return what the project declares, where pylint's configuration does not say it."""
    config = _find_config(folder, files)
    options = read_options(config, files) if config else {}
    return None if {"py-version", "py_version"} & options.keys() else find_python(folder, files)


def _command(files: tuple[str, ...], _left_out: tuple[str, ...]) -> tuple[str, ...]:
    # An explicit, sorted list: a walk would take the order of the disk, and messages with it.
    options = ("-j1", "--persistent=n", "--output-format=json2", "--reports=n", "--score=n")
    return ("pylint", *options, *map(safe_argument, files))


def _parse(output: Output, tree: Tree) -> Parsed:
    messages = _messages(output)
    findings: list[Finding] = []
    notices: list[str] = []
    failed, missing = set[str](), set[str]()
    for message in messages:
        code = clean_text(str(message.get("messageId", "")), 20)
        path = place(str(message.get("path", "")), tree)
        text = clean_text(str(message.get("message", "")))
        if code == BAD_PLUGIN and (named := _PLUGIN.search(text)):
            missing.add(named[1])
        if code in CONFIGURATION and (path is None or code != "W0012"):
            notices.append(f"pylint: {text}")
        elif code in CRASHED and path is not None:
            failed.add(path)
        elif path is not None and code:
            findings.append(_finding(message, code, path, text, tree))
    kept, cut = cut_flood("pylint", findings)
    return Parsed(
        findings=kept,
        failed_files=tuple(sorted(failed)),
        notices=(*_once(notices), *cut),
        missing=tuple(sorted(missing)),
    )


def _messages(output: Output) -> list[dict[str, Any]]:
    # A broken pyproject.toml makes pylint print a line before the JSON.
    start = output.stdout.find("{\n")
    try:
        got = json.loads(output.stdout[start:]) if start >= 0 else None
    except (ValueError, RecursionError) as error:
        raise UnreadableOutputError("pylint did not finish its report") from error
    messages = got.get("messages") if isinstance(got, dict) else None
    if not isinstance(messages, list):
        # A usage error of the repository's configuration fails for every subset of files too.
        raise UnreadableOutputError(last_line(output.stderr) or "pylint printed no report")
    return [message for message in messages if isinstance(message, dict)]


def _finding(message: dict[str, Any], code: str, path: str, text: str, tree: Tree) -> Finding:
    line = clamp_line(message.get("line"), path, tree)
    end = message.get("endLine")
    return Finding(
        tool="pylint",
        code=code,
        symbol=clean_text(str(message.get("symbol", "")), 100),
        severity=SEVERITIES.get(str(message.get("type")), Severity.WARNING),
        path=path,
        line=line,
        column=read_column(message.get("column"), first=0),
        end_line=max(clamp_line(end, path, tree), line) if isinstance(end, int) else None,
        end_column=read_column(message.get("endColumn"), first=0),
        message=text,
        scope=clean_text(str(message.get("obj", "")), 200),
        environment=_is_environment(code, text, tree),
    )


def _is_environment(code: str, text: str, tree: Tree) -> bool:
    """Tell whether a message only says that a dependency is not installed here."""
    pattern = _ENVIRONMENT.get(code)
    found = pattern.search(text) if pattern else None
    if found is None:
        return False
    top = found[1].lstrip(".").split(".")[0]
    if top in tree.local_modules or top == "__main__":
        return False
    # A name that a standard module lacks is a fact; a standard module that is missing
    # altogether (winreg here) is a fact about this machine.
    return code == "E0401" or top not in sys.stdlib_module_names


def _once(notices: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(notices))[:MAX_NOTICES]


PYLINT = Tool(
    name="pylint",
    threads=False,
    slow=True,
    names_files=True,
    in_shares=True,
    places=PLACES,
    own_config=_own_config,
    find_config=_find_config,
    leave_out=_leave_out,
    python=_python,
    python_option="--py-version=",
    command=_command,
    parse=_parse,
)
