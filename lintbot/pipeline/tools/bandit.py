"""Pure: bandit.

https://bandit.readthedocs.io/en/latest/config.html
"""

from __future__ import annotations

import json
from typing import Any

from lintbot.model.findings import Finding, Severity
from lintbot.pipeline.tools.config_files import ConfigFiles, join
from lintbot.pipeline.tools.hooks import PRE_COMMIT, find_hook_arguments
from lintbot.pipeline.tools.severity import BANDIT as SEVERITIES
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
)

_YAML = ("bandit.yaml", "bandit.yml", ".bandit.yaml", ".bandit.yml")
PLACES = (PRE_COMMIT, ".bandit", "pyproject.toml", *_YAML)
_WORD_OPTIONS = frozenset({"-c", "--configfile", "--ini", "-x", "--exclude", "-s", "--skip"}) | {
    *("-t", "--tests", "-p", "--profile", "-b", "--baseline"),
    *("--severity-level", "--confidence-level"),
}
"""Options of a hook with a word after them that decide what bandit finds."""
_CONFIG_OPTIONS = ("-c", "--configfile", "--ini")
_LEVELS = ("-l", "-ll", "-lll", "-i", "-ii", "-iii", "--level", "--confidence")
_REFUSED = 2
"""Exit status when bandit would not run: a broken configuration."""
_WARNING = "\tWARNING\t"
"""In a line of its log: a configuration that it does not understand."""
MAX_NOTICES = 5
_BROKEN = "syntax error while parsing AST from file"


def _own_config(folder: str, files: ConfigFiles) -> str | None:
    """Return the file that the hook names, else the hook's own, else what bandit looks for."""
    options = _hook_options(folder, files)
    if options is None:
        paths = (join(folder, name) for name in PLACES[1:])
        return next((path for path in paths if path in files and _is_bandits(path, files)), None)
    named = (join(folder, options[it]) for it in _CONFIG_OPTIONS if it in options)
    return next((path for path in named if path in files), join(folder, PRE_COMMIT))


def _is_bandits(path: str, files: ConfigFiles) -> bool:
    return not path.endswith("pyproject.toml") or files.toml_tool(path, "bandit") is not None


def _hook_options(folder: str, files: ConfigFiles) -> dict[str, str] | None:
    """Return the options of the pre-commit hook; None when there is no such hook.

    Options without a word map to the empty text. Those that only change how bandit talks, or
    which files it is given, are left out.
    """
    words = find_hook_arguments(join(folder, PRE_COMMIT), "bandit", files)
    if words is None:
        return None
    options: dict[str, str] = {}
    left = list(words)
    while left:
        name, equals, value = left.pop(0).partition("=")
        if name in _WORD_OPTIONS and (equals or left):
            options[name] = value if equals else left.pop(0)
        elif name in _LEVELS:
            options[name] = ""
    return options


def _arguments(folder: str, files: ConfigFiles) -> tuple[str, ...]:
    options = _hook_options(folder, files)
    if options is not None:
        pairs = (it for name, value in options.items() for it in (name, value))
        return tuple(it for it in pairs if it)
    config = _own_config(folder, files)
    if config is None:
        return ()
    name = config.rpartition("/")[2]
    return ("--ini" if name == ".bandit" else "-c", name)


def _command(files: tuple[str, ...], _left_out: tuple[str, ...]) -> tuple[str, ...]:
    # With ./ before each name, exclusions fit as they do when bandit walks the folder itself.
    return ("bandit", "--quiet", "--format=json", *(f"./{path}" for path in files))


def _parse(output: Output, tree: Tree) -> Parsed:
    if output.exit_code == _REFUSED:
        return Parsed(refused=last_line(output.stderr) or "bandit refused to run")
    try:
        got = json.loads(output.stdout)
        results, errors = got["results"], got["errors"]
        items = [it for it in (*errors, *results) if isinstance(it, dict)]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        reason = last_line(output.stderr) or "bandit did not finish its report"
        raise UnreadableOutputError(reason) from error
    placed = [(it, path) for it in items if (path := place(str(it.get("filename", "")), tree))]
    failed = {path for it, path in placed if it.get("reason", _BROKEN) != _BROKEN}
    said = (_finding(it, path, tree) for it, path in placed if path not in failed)
    findings, cut = cut_flood("bandit", said)
    warnings = [clean_text(it, 300) for it in output.stderr.splitlines() if _WARNING in it]
    return Parsed(
        findings=findings,
        failed_files=tuple(sorted(failed)),
        notices=(*tuple(dict.fromkeys(warnings))[:MAX_NOTICES], *cut),
    )


def _finding(item: dict[str, Any], path: str, tree: Tree) -> Finding:
    if "reason" in item:
        return Finding(
            tool="bandit",
            code="syntax",
            severity=Severity.ERROR,
            path=path,
            line=1,
            message="This file cannot be parsed.",
        )
    return Finding(
        tool="bandit",
        code=clean_text(str(item.get("test_id", "")), 20),
        symbol=clean_text(str(item.get("test_name", "")), 100),
        severity=SEVERITIES.get(str(item.get("issue_severity")), Severity.INFO),
        path=path,
        line=clamp_line(item.get("line_number"), path, tree),
        column=read_column(item.get("col_offset"), first=0),
        message=clean_text(str(item.get("issue_text", ""))),
    )


BANDIT = Tool(
    name="bandit",
    threads=False,
    where_configured=True,
    names_files=True,
    places=PLACES,
    own_config=_own_config,
    find_config=_own_config,
    arguments=_arguments,
    command=_command,
    parse=_parse,
)
