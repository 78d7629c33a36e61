"""Pure: what a tool is to lintbot. Adding one is one file and one line of the registry."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lintbot.model.findings import Finding

MAX_MESSAGE_CHARACTERS = 1_000
MAX_FINDINGS = 50_000
"""Of one tool in one tree; more is a flood, not a report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """The tree as the parsers see it.

    Attributes:
        root: the folder's absolute path, which some tools print before a path.
        line_counts: lines of each Python file, at least 1.
        local_modules: top-level names that the tree itself defines.
    """

    root: str
    line_counts: Mapping[str, int]
    local_modules: frozenset[str]


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
    """

    findings: tuple[Finding, ...] = ()
    failed_files: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    refused: str = ""


class UnreadableOutputError(Exception):
    """The output is not what the tool prints when it works."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One linter.

    Attributes:
        threads: it needs threads in the sandbox.
        command: (files, left_out) -> argument list; the working directory is the tree's root.
            ``left_out`` are the tree's other Python files, empty for a run over all of them.
        parse: (output, tree) -> what it said; raises UnreadableOutputError.
    """

    name: str
    threads: bool
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
    plain = path.removeprefix(tree.root).removeprefix("/") if path.startswith("/") else path
    plain = plain.removeprefix("./")
    return plain if plain in tree.line_counts else None


def clamp_line(line: object, path: str, tree: Tree) -> int:
    """Return a line within the file: tools, and those who pretend to be one, may exceed it."""
    number = line if isinstance(line, int) and not isinstance(line, bool) else 1
    return min(max(number, 1), tree.line_counts[path])


def safe_argument(path: str) -> str:
    """Return a path that no tool can take for an option."""
    return f"./{path}" if path.startswith("-") else path


def last_line(text: str) -> str:
    """Return the last line that says something, cleaned: usually the error of a traceback."""
    lines = [line for line in text.splitlines() if line.strip()]
    return clean_text(lines[-1], 300) if lines else ""
