"""Pure: what a tool is to lintbot. Adding one is one file and one line of the registry."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from lintbot.model.findings import Finding
from lintbot.pipeline.tools.config_files import ConfigFiles

_MAX_COLUMN = 2**20
MAX_MESSAGE_CHARACTERS = 1_000
MAX_FINDINGS = 50_000
"""Of one tool in one tree; more is a flood, not a report."""
MAX_FILE_FINDINGS = 5_000
"""Of one tool in one file, so that a flooded file leaves room for the others."""
MAX_FLOODS = 5
"""Flooded files that are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """The tree as the parsers see it.

    Attributes:
        root: the folder's absolute path, which some tools print before a path.
        line_counts: lines of each Python file, at least 1.
        local_modules: top-level names that the tree itself defines.
        folder: where the tool was run, relative to ``root``: printed paths are relative to it.
    """

    root: str
    line_counts: Mapping[str, int]
    local_modules: frozenset[str]
    folder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What a tool's process left. Hostile: the repository's plugins ran in it."""

    stdout: str
    stderr: str
    exit_code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What a tool said.

    Attributes:
        failed_files: paths that the tool itself says it could not judge.
        notices: plain sentences about the configuration.
        refused: why the tool would not run at all (its configuration is broken); else empty.
        unreadable: paths that stopped it; it is run again without them.
        missing: plugins that it could not load.
    """

    findings: tuple[Finding, ...] = ()
    failed_files: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    refused: str = ""
    unreadable: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class UnreadableOutputError(Exception):
    """The output is not what the tool prints when it works."""


FindConfig = Callable[[str, ConfigFiles], str | None]


def leaves_nothing_out(_path: str) -> bool:
    """Tell that a configuration leaves out no path."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One linter.

    Attributes:
        threads: it needs threads in the sandbox.
        where_configured: it runs only below a folder that configures it; else everywhere.
        hierarchical: run from above it applies the configuration of folders below by itself.
        slow: it is started before the quick ones, which have ended when it ends.
        in_shares: of many files of which nothing is known, each core walks some first.
        names_files: its command line names each file; else it walks the folder by itself.
        places: names of the files that may configure it, in its own order.
        own_config: (folder, files) -> the file in this very folder that configures it.
        find_config: (folder, files) -> the file that it finds when it is run from this folder.
        leave_out: (folder, files) -> whether the configuration found there leaves out a path,
            which is relative to that folder.
        python: (folder, files) -> the Python version to judge for, where the project declares one
            that the tool does not read by itself; None: it chooses.
        python_option: with which it is told, such as ``--py-version=``.
        arguments: (folder, files) -> what the configuration found there adds to the command.
        command: (files, left_out) -> argument list. Paths are relative to the working directory.
            ``left_out`` are files and folders below it that another run judges.
        parse: (output, tree) -> what it said; raises UnreadableOutputError.
    """

    name: str
    threads: bool
    where_configured: bool = False
    hierarchical: bool = False
    names_files: bool = False
    slow: bool = False
    in_shares: bool = False
    places: tuple[str, ...]
    own_config: FindConfig
    find_config: FindConfig
    leave_out: Callable[[str, ConfigFiles], Callable[[str], bool]] = lambda _folder, _files: (
        leaves_nothing_out
    )
    python: Callable[[str, ConfigFiles], tuple[int, int] | None] = lambda _folder, _files: None
    python_option: str = ""
    arguments: Callable[[str, ConfigFiles], tuple[str, ...]] = lambda _folder, _files: ()
    command: Callable[[tuple[str, ...], tuple[str, ...]], tuple[str, ...]]
    parse: Callable[[Output, Tree], Parsed]


def clean_text(text: str, limit: int = MAX_MESSAGE_CHARACTERS) -> str:
    """Return untrusted text as one printable line of at most so many characters."""
    head = text[: limit * 4]
    # Not printable are also the marks that re-order text (bidi) or hide it (zero width).
    printable = "".join(c if c.isprintable() else " " for c in head)
    line = re.sub(r"\s+", " ", printable).strip()
    return line if len(line) <= limit else line[: limit - 1] + "…"


def place(path: str, tree: Tree) -> str | None:
    """Return a printed path as one of the tree's Python files; None if it is none."""
    if path.startswith("/"):
        plain = path.removeprefix(tree.root).removeprefix("/")
    else:
        plain = posixpath.normpath(posixpath.join(tree.folder, path))
    return plain if plain in tree.line_counts else None


def read_column(value: object, *, first: int) -> int | None:
    """Return a printed column as a 1-based one; None if it is none.

    Args:
        value: what the tool printed.
        first: the number that the tool gives to the first column of a line, 0 or 1.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not first <= value < _MAX_COLUMN:
        return None
    return value + 1 - first


def clamp_line(line: object, path: str, tree: Tree) -> int:
    """Return a line within the file: tools, and those who pretend to be one, may exceed it."""
    number = line if isinstance(line, int) and not isinstance(line, bool) else 1
    return min(max(number, 1), tree.line_counts[path])


def cut_flood(
    tool: str, findings: Iterable[Finding]
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Return so many findings as are kept, and plain sentences about what is not."""
    said: Counter[str] = Counter()
    kept: list[Finding] = []
    for finding in findings:
        said[finding.path] += 1
        if said[finding.path] <= MAX_FILE_FINDINGS and len(kept) < MAX_FINDINGS:
            kept.append(finding)
    notices = [
        f"{tool} said {count:,} things of {path}; {MAX_FILE_FINDINGS:,} are kept."
        for path, count in said.most_common(MAX_FLOODS)
        if count > MAX_FILE_FINDINGS
    ]
    if len(kept) == MAX_FINDINGS:
        notices.append(f"{tool} said {said.total():,} things; {MAX_FINDINGS:,} are kept.")
    return tuple(kept), tuple(notices)


def safe_argument(path: str) -> str:
    """Return a path that no tool can take for an option."""
    return f"./{path}" if path.startswith("-") else path


def last_line(text: str) -> str:
    """Return the last line that says something, cleaned: usually the error of a traceback."""
    lines = [line for line in text.splitlines() if line.strip()]
    return clean_text(lines[-1], 300) if lines else ""
