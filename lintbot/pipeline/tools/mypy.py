"""Pure: mypy, without what the repository depends on.

https://mypy.readthedocs.io/en/stable/command_line.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from lintbot.model.findings import Finding, Severity
from lintbot.pipeline.tools.config_files import ConfigFiles, join, parent
from lintbot.pipeline.tools.python_version import find_python
from lintbot.pipeline.tools.severity import MYPY as SEVERITIES
from lintbot.pipeline.tools.tool import (
    Output,
    Parsed,
    Tool,
    Tree,
    clamp_line,
    clean_text,
    cut_flood,
    last_line,
    place,
    read_column,
)

PLACES = ("mypy.ini", ".mypy.ini", "pyproject.toml", "setup.cfg")
"""In mypy's order: mypy/defaults.py"""
OLDEST_PYTHON = (3, 10)
"""mypy refuses to judge for an older one: mypy/defaults.py"""
MAX_NOTICES = 5
_TARGETS = frozenset({"files", "packages", "modules"})
_NOT_THE_PACKAGE = frozenset({"test", "tests", "doc", "docs", "example", "examples", "benchmarks"})

_STOPPED = 2
"""Exit status when mypy did not get to the end."""
_SYNTAX = "syntax"
_CRASH = "INTERNAL ERROR"
_ABSENT = frozenset(
    {
        *("import", "import-not-found", "import-untyped", "no-any-unimported"),
        *("no-any-return", "no-any-expr", "no-any-decorated", "untyped-decorator"),
        *("unused-ignore", "redundant-cast", "valid-type"),
    }
)
"""Codes that say that a module is not installed here, or only follow from it: what comes from
such a module is Any, and a comment that silenced an error about it silences nothing."""
_OF_A_CLASS = re.compile(r'for "(_*[A-Z]\w*|__init_subclass__)"')
"""Arguments of a class: its decorator or base, which takes them, may be missing."""
_UNKNOWN_TYPE = re.compile(r"\bAny\b|\w\?")
"""mypy writes ``Name?`` for a type that it could not make out."""


def _own_config(folder: str, files: ConfigFiles) -> str | None:
    paths = (join(folder, name) for name in PLACES)
    return next((path for path in paths if path in files and _is_mypys(path, files)), None)


def _is_mypys(path: str, files: ConfigFiles) -> bool:
    if path.endswith(".toml"):
        return files.toml_tool(path, "mypy") is not None
    return not path.endswith("setup.cfg") or "mypy" in files.ini(path)


def _options(config: str, files: ConfigFiles) -> frozenset[str]:
    """Return the names of the global options in a configuration file."""
    if config.endswith(".toml"):
        table = files.toml_tool(config, "mypy")
        return frozenset(table) if isinstance(table, dict) else frozenset()
    parser = files.ini(config)
    return frozenset(parser["mypy"]) if "mypy" in parser else frozenset()


def _arguments(folder: str, files: ConfigFiles) -> tuple[str, ...]:
    """Return what to check, unless the configuration says it: the packages, as people do."""
    config = _own_config(folder, files)
    if config and _TARGETS & _options(config, files):
        return ()
    source = join(folder, "src")
    if any(it.startswith(f"{source}/") for it in files.packages):
        return ("src",)
    here = {it for it in files.packages if it and parent(it) == folder}
    names = {it.rpartition("/")[2] for it in here}
    return tuple(f"./{it}" for it in sorted(names - _NOT_THE_PACKAGE)) or (".",)


def _python(folder: str, files: ConfigFiles) -> tuple[int, int] | None:
    """Return what the project declares, where mypy's configuration does not say it."""
    config = _own_config(folder, files)
    if config and "python_version" in _options(config, files):
        return None
    declared = find_python(folder, files)
    return max(declared, OLDEST_PYTHON) if declared else None


def _command(_files: tuple[str, ...], left_out: tuple[str, ...]) -> tuple[str, ...]:
    options = (
        *("--cache-dir=/dev/null", "--output=json", "--hide-absolute-path"),
        *("--no-site-packages", "--no-install-types", "--no-color-output", "--no-error-summary"),
    )
    # What is left out is still read where it is imported, so a part is judged as in the whole.
    return ("mypy", *options, *(f"--exclude=^(\\./)?{re.escape(it)}(/|$)" for it in left_out))


def _parse(output: Output, tree: Tree) -> Parsed:
    # What stops it goes to the other stream.
    messages = list(_messages(f"{output.stdout}\n{output.stderr}"))
    findings, cut = cut_flood("mypy", (f for it in messages if (f := _finding(it, tree))))
    if output.exit_code != _STOPPED:
        lines = [clean_text(it, 300) for it in output.stderr.splitlines() if it.strip()]
        return Parsed(findings=findings, notices=(*lines[:MAX_NOTICES], *cut))
    unreadable = dict.fromkeys(f.path for f in findings if f.code == _SYNTAX)
    crashed = place(_find_crash(output).partition(":")[0], tree)
    why = _why_stopped(output, messages)
    if crashed is not None:
        return Parsed(unreadable=(crashed,), failed_files=(crashed,), refused=why)
    return Parsed(findings=findings, unreadable=tuple(unreadable), refused=why)


def _messages(text: str) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        try:
            message = json.loads(line) if line.startswith("{") else None
        except (ValueError, RecursionError):
            continue
        if isinstance(message, dict):
            yield message


def _find_crash(output: Output) -> str:
    """Return the line that names the file on which mypy itself failed; empty when it did not."""
    return next((it for it in output.stderr.splitlines() if _CRASH in it), "")


def _why_stopped(output: Output, messages: list[dict[str, Any]]) -> str:
    crash = _find_crash(output)
    if crash or not messages:
        return clean_text(crash, 300) or last_line(output.stderr) or "it stopped without a word"
    said = messages[0]
    return clean_text(
        f"it stopped at {said.get('file')}:{said.get('line')}: {said.get('message')}", 300
    )


def _finding(message: dict[str, Any], tree: Tree) -> Finding | None:
    path = place(str(message.get("file", "")), tree)
    if path is None or message.get("severity") != "error":
        return None
    code = clean_text(str(message.get("code") or "misc"), 40)
    text = clean_text(str(message.get("message", "")))
    line, end = clamp_line(message.get("line"), path, tree), message.get("end_line")
    return Finding(
        tool="mypy",
        code=code,
        severity=SEVERITIES.get(code, Severity.WARNING),
        path=path,
        line=line,
        column=read_column(message.get("column"), first=0),
        end_line=max(clamp_line(end, path, tree), line) if isinstance(end, int) else None,
        # Its columns begin at 0, but an end is past the last character.
        end_column=read_column(message.get("end_column"), first=1),
        message=text,
        environment=_is_environment(code, text),
    )


def _is_environment(code: str, text: str) -> bool:
    """Tell whether a message only follows from modules that are not installed here."""
    if code in _ABSENT or _UNKNOWN_TYPE.search(text):
        return True
    return code == "call-arg" and _OF_A_CLASS.search(text) is not None


MYPY = Tool(
    name="mypy",
    threads=True,
    slow=True,
    where_configured=True,
    places=PLACES,
    own_config=_own_config,
    find_config=_own_config,
    python=_python,
    python_option="--python-version=",
    arguments=_arguments,
    command=_command,
    parse=_parse,
)
