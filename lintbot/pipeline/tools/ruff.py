"""Pure: ruff.

https://docs.astral.sh/ruff/settings/
"""

from __future__ import annotations

import json
from typing import Any

from lintbot.model.findings import Finding
from lintbot.pipeline.tools.config_files import ConfigFiles, join, upwards
from lintbot.pipeline.tools.severity import severity_of
from lintbot.pipeline.tools.tool import (
    Output,
    Parsed,
    Tool,
    Tree,
    UnreadableOutputError,
    clamp_line,
    clean_text,
    cut_flood,
    place,
    read_column,
    safe_argument,
)

PLACES = (".ruff.toml", "ruff.toml", "pyproject.toml")
"""In ruff's order: https://docs.astral.sh/ruff/configuration/#config-file-discovery"""
_REFUSED = 2
"""Exit status when ruff would not run: a broken configuration, a required version."""


def _own_config(folder: str, files: ConfigFiles) -> str | None:
    paths = (join(folder, name) for name in PLACES)
    return next((path for path in paths if path in files and _is_ruffs(path, files)), None)


def _is_ruffs(path: str, files: ConfigFiles) -> bool:
    return not path.endswith("pyproject.toml") or files.toml_tool(path, "ruff") is not None


def _find_config(folder: str, files: ConfigFiles) -> str | None:
    found = (_own_config(above, files) for above in upwards(folder))
    return next((path for path in found if path), None)


def _command(files: tuple[str, ...], left_out: tuple[str, ...]) -> tuple[str, ...]:
    options = ("check", "--output-format=json", "--no-cache", "--no-fix", "--force-exclude")
    return ("ruff", *options, *(map(safe_argument, files) if left_out else (".",)))


def _parse(output: Output, tree: Tree) -> Parsed:
    if output.exit_code == _REFUSED:
        return Parsed(refused=clean_text(output.stderr, 300) or "ruff refused to run")
    try:
        got = json.loads(output.stdout)
    except (ValueError, RecursionError) as error:
        raise UnreadableOutputError("ruff did not finish its report") from error
    if not isinstance(got, list):
        raise UnreadableOutputError("ruff printed no report")
    said = (f for it in got if isinstance(it, dict) and (f := _finding(it, tree)))
    findings, notices = cut_flood("ruff", said)
    return Parsed(findings=findings, notices=notices)


def _finding(item: dict[str, Any], tree: Tree) -> Finding | None:
    path = place(str(item.get("filename", "")), tree)
    start, end = item.get("location"), item.get("end_location")
    if path is None or not isinstance(start, dict):
        return None
    code = clean_text(str(item.get("code") or "invalid-syntax"), 20)
    line = clamp_line(start.get("row"), path, tree)
    end_row = end.get("row") if isinstance(end, dict) else None
    return Finding(
        tool="ruff",
        code=code,
        severity=severity_of(code),
        path=path,
        line=line,
        column=read_column(start.get("column"), first=1),
        end_line=max(clamp_line(end_row, path, tree), line) if end_row else None,
        end_column=read_column(end.get("column"), first=1) if isinstance(end, dict) else None,
        message=clean_text(str(item.get("message", ""))),
    )


RUFF = Tool(
    name="ruff",
    threads=True,
    where_configured=True,
    hierarchical=True,
    places=PLACES,
    own_config=_own_config,
    find_config=_find_config,
    command=_command,
    parse=_parse,
)
