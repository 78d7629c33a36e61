"""Pure: flake8.

https://flake8.pycqa.org/en/latest/user/options.html
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from fnmatch import translate

from lintbot.model.findings import Finding
from lintbot.pipeline.tools.config_files import ConfigFiles, join, parent, upwards
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
    last_line,
    place,
)

PLACES = ("setup.cfg", "tox.ini", ".flake8")
"""In flake8's order, which never merges them: flake8/options/config.py."""
EXCLUDE = (".svn", "CVS", ".bzr", ".hg", ".git", "__pycache__", ".tox", ".nox", ".eggs", "*.egg")
"""flake8/defaults.py"""
_FORMAT = "%(path)s\t%(row)d\t%(col)d\t%(code)s\t%(text)s"
"""No file of a checkout has a tab in its name."""
_FIELDS = 5
_MAX_PATTERNS = 100
_CRITICAL = "There was a critical error during execution of Flake8:"
_MAX_NUMBER = 9
"""Digits of a line number that are believed."""


def _own_config(folder: str, files: ConfigFiles) -> str | None:
    paths = (join(folder, name) for name in PLACES)
    return next((path for path in paths if path in files and _is_flake8s(path, files)), None)


def _is_flake8s(path: str, files: ConfigFiles) -> bool:
    return bool({"flake8", "flake8:local-plugins"}.intersection(files.ini(path).sections()))


def _find_config(folder: str, files: ConfigFiles) -> str | None:
    found = (_own_config(above, files) for above in upwards(folder))
    return next((path for path in found if path), None)


def _leave_out(folder: str, files: ConfigFiles) -> Callable[[str], bool]:
    """Apply ``exclude`` as flake8 does: to a path's name, and to the whole path."""
    config = _find_config(folder, files)
    section = read_options(config, files) if config else {}
    words = split_list(section.get("exclude", ",".join(EXCLUDE)))
    words += split_list(section.get("extend-exclude", section.get("extend_exclude", "")))
    base = parent(config) if config else folder
    patterns = [_compile(word, base) for word in words[:_MAX_PATTERNS]]

    def leaves_out(path: str) -> bool:
        parts = join(folder, path).split("/")
        whole = ["/" + "/".join(parts[:n]) for n in range(1, len(parts) + 1)]
        return any(p.match(it) for it in (*parts, *whole) for p in patterns)

    return leaves_out


def read_options(config: str, files: ConfigFiles) -> dict[str, str]:
    """Return flake8's own options in a configuration file."""
    parser = files.ini(config)
    return dict(parser["flake8"]) if "flake8" in parser else {}


def split_list(text: str) -> list[str]:
    """Split one of flake8's lists: flake8/utils.py, parse_comma_separated_list."""
    return [word for word in re.split(r"[,\s]", text) if word]


def _compile(word: str, base: str) -> re.Pattern[str]:
    """Return a pattern as flake8 makes it: with a slash it is a path beside the configuration."""
    if "/" in word:
        word = posixpath.normpath(posixpath.join("/", base, word))
    return re.compile(translate(word))


def _command(_files: tuple[str, ...], left_out: tuple[str, ...]) -> tuple[str, ...]:
    # What only changes how flake8 talks is set back, whatever the repository chose.
    # A plugin that is required and missing is named (flake8_doctor) instead of ending everything.
    options = (
        *("-j1", f"--format={_FORMAT}", "--output-file=", "--no-show-source", "--color=never"),
        "--require-plugins=",
    )
    # flake8 applies `exclude` to folders only while it walks them, so it is given the root, and
    # a part is all but the rest. Names that would end a pattern are left to be judged twice.
    rest = ",".join(f"./{_literal(path)}" for path in left_out if not set(path) & set(", \t"))
    return ("flake8", *options, *((f"--extend-exclude={rest}",) if rest else ()), ".")


def _literal(path: str) -> str:
    """Return a path as an fnmatch pattern that fits only itself."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in path)


def _parse(output: Output, tree: Tree) -> Parsed:
    if _CRITICAL in output.stdout:
        _, _, words = output.stdout.partition(_CRITICAL)
        return Parsed(refused=clean_text(words, 300))
    if output.exit_code not in {0, 1}:
        raise UnreadableOutputError(last_line(output.stderr) or "flake8 stopped without a word")
    lines = output.stdout.splitlines()
    findings, notices = cut_flood("flake8", (f for it in lines if (f := _finding(it, tree))))
    if output.exit_code == 1 and not findings and _says_trouble(output):
        raise UnreadableOutputError(last_line(output.stderr) or "flake8 printed no report")
    return Parsed(findings=findings, notices=notices)


def _says_trouble(output: Output) -> bool:
    # With `quiet` in its configuration flake8 prints file names only.
    return bool(output.stderr.strip() or output.stdout.strip())


def _finding(line: str, tree: Tree) -> Finding | None:
    parts = line.split("\t", _FIELDS - 1)
    path = place(parts[0], tree)
    if len(parts) != _FIELDS or path is None:
        return None
    row, column, code = _number(parts[1]), _number(parts[2]), clean_text(parts[3], 20)
    if row is None or not code:
        return None
    return Finding(
        tool="flake8",
        code=code,
        severity=severity_of(code),
        path=path,
        line=clamp_line(row, path, tree),
        column=column or None,
        message=clean_text(parts[4]),
    )


def _number(text: str) -> int | None:
    fits = text.isascii() and text.isdecimal() and len(text) <= _MAX_NUMBER
    return int(text) if fits else None


FLAKE8 = Tool(
    name="flake8",
    threads=False,
    places=PLACES,
    own_config=_own_config,
    find_config=_find_config,
    leave_out=_leave_out,
    command=_command,
    parse=_parse,
)
