"""Shell: reads what the signals need of a tree of plain files. Blocking; call it in a thread."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

from lintbot.model.requirement import Requirements
from lintbot.requirements.written import (
    MAX_ALL_BYTES,
    MAX_BYTES,
    MAX_FILES,
    is_requirement_file,
    read_requirements,
)
from lintbot.trust.facts import MAX_TEXT_BYTES, is_text_wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """What was read.

    Attributes:
        texts: by path; longer ones are cut at 256 KiB.
    """

    paths: frozenset[str]
    texts: dict[str, str]
    requirements: Requirements


def read_tree(root: Path, files: tuple[str, ...], own_indexes: Container[str]) -> Tree:
    """Read a tree; the addresses are those of the index that names may be asked for at."""
    texts = {
        path: _read(root / path, MAX_TEXT_BYTES).decode(errors="replace")
        for path in filter(is_text_wanted, files)
    }
    return Tree(
        paths=frozenset(files),
        texts=texts,
        requirements=read_tree_requirements(root, files, own_indexes),
    )


def read_tree_requirements(
    root: Path, files: tuple[str, ...], own_indexes: Container[str]
) -> Requirements:
    """Read only the files with requirements, those near the root first if there are many.

    What does not fit is left out and named; a smaller one further away may still fit.
    """
    wanted = sorted(filter(is_requirement_file, files), key=lambda it: (it.count("/"), it))
    contents: dict[str, bytes] = {}
    unread, left = [], MAX_ALL_BYTES
    for path in wanted[: MAX_FILES + 1]:
        data = _read(root / path, min(MAX_BYTES, left) + 1)
        if len(data) > left:
            unread.append(path)
        else:
            contents[path] = data
            left -= len(data)
    return read_requirements(contents, own_indexes, unread)


def _read(path: Path, limit: int) -> bytes:
    with path.open("rb") as file:
        return file.read(limit)
