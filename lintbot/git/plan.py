"""Pure: from a tree's entries to the files that are laid out, and words for those that are not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from lintbot.errors import LimitError
from lintbot.git.limits import MIB, TreeLimits
from lintbot.git.names import NAME_BYTES, find_fault, show

_NAMED = 3


class Kind(StrEnum):
    """What an entry is; the value is its plural in sentences."""

    FILE = "files"
    PROGRAM = "executable files"
    LINK = "symbolic links"
    SUBMODULE = "submodules"
    SPECIAL = "special files"
    DAMAGED = "entries whose object is not a file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One leaf of a tree.

    Attributes:
        object_name: of the blob; empty for a file of a working tree.
        size_bytes: None when it is larger than the limit and was not even fetched.
    """

    path: bytes
    kind: Kind
    object_name: str = ""
    size_bytes: int | None = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFile:
    """One file to write."""

    path: str
    executable: bool
    object_name: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to write, sorted by path, and one sentence for each kind that is left out."""

    files: tuple[PlannedFile, ...]
    skipped: tuple[str, ...]


def plan_layout(entries: Iterable[Entry], limits: TreeLimits) -> Plan:
    """Decide what of a tree is written.

    Raises:
        LimitError: too many files, too many bytes, or a path too long or too deep.
    """
    left_out: dict[str, list[bytes]] = defaultdict(list)
    files: dict[str, PlannedFile] = {}
    folders: set[str] = set()
    for entry in entries:
        check_path(entry.path, limits)
        reason = _reason_to_skip(entry, limits) or _find_clash(entry, files, folders)
        if reason:
            left_out[reason].append(entry.path)
            continue
        planned = _to_file(entry)
        files[planned.path] = planned
        folders.update(_folders_above(planned.path))
    _check_total(files, limits)
    return Plan(
        files=tuple(files[path] for path in sorted(files)),
        skipped=tuple(_sentence(reason, paths) for reason, paths in sorted(left_out.items())),
    )


def check_count(count: int, limits: TreeLimits) -> None:
    """Refuse a tree with too many entries.

    Raises:
        LimitError: the count is over the limit.
    """
    if count > limits.files:
        raise LimitError(f"This commit has more than {limits.files:,} files, lintbot's limit.")


def check_path(path: bytes, limits: TreeLimits) -> None:
    """Refuse a path that is too long or too deep.

    Raises:
        LimitError: over a limit, or a name that no Linux disk can hold.
    """
    if len(path) > limits.path_bytes:
        what = f"is longer than {limits.path_bytes:,} bytes"
    elif path.count(b"/") > limits.depth:
        what = f"lies deeper than {limits.depth:,} folders"
    elif any(len(name) > NAME_BYTES for name in path.split(b"/")):
        what = f"has a name of more than {NAME_BYTES} bytes"
    else:
        return
    raise LimitError(f"A path {what}, lintbot's limit: {show(path)}")


def _reason_to_skip(entry: Entry, limits: TreeLimits) -> str | None:
    """Return the plural of what the entry is, if that is never laid out."""
    if entry.kind not in {Kind.FILE, Kind.PROGRAM}:
        return str(entry.kind)
    if fault := find_fault(entry.path):
        return f"files at a path {fault}"
    if entry.size_bytes is None or entry.size_bytes > limits.file_bytes:
        return f"files larger than {show_size(limits.file_bytes)}"
    return None


def _find_clash(entry: Entry, files: Mapping[str, object], folders: set[str]) -> str | None:
    """A forged tree can name a file twice, or a file and a folder alike; the first one stands."""
    path = entry.path.decode()
    above = _folders_above(path)
    if path in files or path in folders or any(folder in files for folder in above):
        return "files whose path is taken by another entry"
    return None


def _folders_above(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def _to_file(entry: Entry) -> PlannedFile:
    return PlannedFile(
        path=entry.path.decode(),
        executable=entry.kind is Kind.PROGRAM,
        object_name=entry.object_name,
        size_bytes=entry.size_bytes or 0,
    )


def _check_total(files: Mapping[str, PlannedFile], limits: TreeLimits) -> None:
    total = sum(file.size_bytes for file in files.values())
    if total > limits.tree_bytes:
        raise LimitError(
            f"The files of this commit take {show_size(total)} together; "
            f"lintbot's limit is {show_size(limits.tree_bytes)}."
        )


def show_size(size_bytes: int) -> str:
    """Return a size in words, in MiB from one MiB on."""
    if size_bytes < MIB:
        return f"{size_bytes:,} bytes"
    return f"{size_bytes / MIB:,.1f}".removesuffix(".0") + " MiB"


def _sentence(reason: str, paths: list[bytes]) -> str:
    names = ", ".join(show(path) for path in sorted(paths)[:_NAMED])
    more = f" and {len(paths) - _NAMED:,} more" if len(paths) > _NAMED else ""
    return f"Left out: {len(paths):,} {reason} ({names}{more})."
