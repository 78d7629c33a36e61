"""Shell: writes a commit as plain files, from git's objects, without ``git checkout``.

git only lists and hands out objects here. So no filter, line-end conversion, attribute, link, hook
or configuration of the repository has any effect, and no name is written that ``names`` refuses.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from lintbot.errors import LimitError, TransientError
from lintbot.git.command import Call, Git, GitError
from lintbot.git.limits import MIB, TreeLimits
from lintbot.git.plan import Entry, Kind, Plan, PlannedFile, check_count, plan_layout

_BATCH_BYTES = 8 * MIB
_BATCH_FILES = 500
_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_FILE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_KINDS = {
    "100644": Kind.FILE,
    "100755": Kind.PROGRAM,
    "120000": Kind.LINK,
    "160000": Kind.SUBMODULE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Objects:
    """A place to read git's objects from."""

    git: Git
    folder: Path

    def call(self, *arguments: str, stdin: IO[bytes] | None = None) -> Call:
        """Return a reading command; git says nothing while its objects are sound."""
        return Call(arguments=arguments, folder=self.folder, stdin=stdin, silent=True)


async def read_plan(objects: Objects, tree: str, limits: TreeLimits) -> Plan:
    """List a commit or tree and decide what to write of it.

    Raises:
        LimitError: it is over a limit.
        GitError: git cannot read it.
    """
    entries = [entry async for entry in _list(objects, tree, limits)]
    return plan_layout(await _measure(objects, entries), limits)


async def _list(objects: Objects, tree: str, limits: TreeLimits) -> AsyncIterator[Entry]:
    count = 0
    # A tree can hold itself ten times over ten levels: count while it streams.
    async with objects.git.stream(objects.call("ls-tree", "-r", "-z", tree)) as stdout:
        while record := await _read_record(stdout):
            count += 1
            check_count(count, limits)
            facts, _, path = record.partition(b"\t")
            mode, _, name = facts.decode().split(" ")
            yield Entry(path=path, kind=_KINDS.get(mode, Kind.SPECIAL), object_name=name)


async def read_changed(
    objects: Objects, base: str, head: str, limits: TreeLimits
) -> frozenset[str]:
    """Return the paths that differ between two commits.

    Raises:
        LimitError: they are more than a tree may have.
        GitError: git cannot read them.
    """
    paths: set[bytes] = set()
    words = ("diff-tree", "-r", "-z", "--name-only", "--no-renames", base, head)
    async with objects.git.stream(objects.call(*words)) as stdout:
        while record := await _read_record(stdout):
            paths.add(record)
            check_count(len(paths), limits)
    return frozenset(path.decode(errors="replace") for path in paths)


async def _read_record(stdout: asyncio.StreamReader) -> bytes:
    try:
        return (await stdout.readuntil(b"\0"))[:-1]
    except asyncio.IncompleteReadError as error:
        return error.partial
    except asyncio.LimitOverrunError as error:
        raise LimitError("A path is longer than 64 KiB, over lintbot's limit.") from error


async def _measure(objects: Objects, entries: list[Entry]) -> list[Entry]:
    """Add sizes. An object that is not there was too large to be fetched."""
    with _as_input(entry.object_name for entry in entries) as stdin:
        call = objects.call("cat-file", "--batch-check=%(objecttype) %(objectsize)", stdin=stdin)
        lines = (await objects.git.run(call)).decode().splitlines()
    return [_with_size(entry, line) for entry, line in zip(entries, lines, strict=True)]


def _with_size(entry: Entry, line: str) -> Entry:
    if entry.kind not in {Kind.FILE, Kind.PROGRAM}:
        return entry
    first, _, second = line.partition(" ")
    if second == "missing":
        return replace(entry, size_bytes=None)
    if first != "blob":
        return replace(entry, kind=Kind.DAMAGED)
    return replace(entry, size_bytes=int(second))


async def write_plan(objects: Objects, plan: Plan, root: Path) -> None:
    """Write the planned files below an empty folder.

    Raises:
        GitError: git hands out something else than it listed.
        TransientError: the disk is full or failing.
    """
    batch: list[tuple[PlannedFile, bytes]] = []
    held_bytes = 0
    with open_writer(root) as writer:
        async with aclosing(_read_files(objects, plan.files)) as files:
            async for file, data in files:
                batch.append((file, data))
                held_bytes += len(data)
                if held_bytes >= _BATCH_BYTES or len(batch) >= _BATCH_FILES:
                    await asyncio.to_thread(writer.write_all, batch)
                    batch, held_bytes = [], 0
        await asyncio.to_thread(writer.write_all, batch)


async def _read_files(
    objects: Objects, files: tuple[PlannedFile, ...]
) -> AsyncGenerator[tuple[PlannedFile, bytes], None]:
    with _as_input(file.object_name for file in files) as stdin:
        call = objects.call("cat-file", "--batch", stdin=stdin)
        async with objects.git.stream(call) as stdout:
            for file in files:
                header = (await stdout.readline()).decode()
                if header != f"{file.object_name} blob {file.size_bytes}\n":
                    raise GitError("cat-file", 0, f"unexpected header: {header}")
                yield file, (await stdout.readexactly(file.size_bytes + 1))[:-1]
            await stdout.read()


@contextmanager
def _as_input(names: Iterable[str]) -> Iterator[IO[bytes]]:
    with tempfile.TemporaryFile() as file:
        file.write("".join(f"{name}\n" for name in names).encode())
        file.seek(0)
        yield file


class Writer:
    """Writes files below one folder, one path component at a time, never through a link."""

    def __init__(self, root_fd: int) -> None:
        self._open: list[tuple[str, int]] = [("", root_fd)]

    def write_all(self, batch: Iterable[tuple[PlannedFile, bytes]]) -> None:
        """Write some files; sorted ones share open folders. Blocking.

        Raises:
            TransientError: the disk is full or failing.
        """
        for file, data in batch:
            try:
                self._write(file, data)
            except OSError as error:
                raise TransientError(f"cannot write a checkout: {error.strerror}") from error

    def _write(self, file: PlannedFile, data: bytes) -> None:
        *folders, name = file.path.split("/")
        fd = os.open(name, _FILE_FLAGS, 0o600, dir_fd=self._enter(folders))
        with os.fdopen(fd, "wb", buffering=0) as stream:
            os.fchmod(fd, 0o755 if file.executable else 0o644)  # whatever the umask is
            view = memoryview(data)
            while view:
                view = view[stream.write(view) or 0 :]

    def _enter(self, folders: list[str]) -> int:
        shared = 0
        for (name, _), wanted in zip(self._open[1:], folders, strict=False):
            if name != wanted:
                break
            shared += 1
        self._close_down_to(shared + 1)
        for name in folders[shared:]:
            self._open.append((name, _make_folder(name, self._open[-1][1])))
        return self._open[-1][1]

    def _close_down_to(self, count: int) -> None:
        while len(self._open) > count:
            os.close(self._open.pop()[1])

    def close(self) -> None:
        """Close every folder."""
        self._close_down_to(0)


@contextmanager
def open_writer(root: Path) -> Iterator[Writer]:
    """Open a folder for writing below it."""
    writer = Writer(os.open(root, _FOLDER_FLAGS))
    try:
        yield writer
    finally:
        writer.close()


def _make_folder(name: str, parent_fd: int) -> int:
    try:
        os.mkdir(name, 0o700, dir_fd=parent_fd)
    except FileExistsError:
        return os.open(name, _FOLDER_FLAGS, dir_fd=parent_fd)
    fd = os.open(name, _FOLDER_FLAGS, dir_fd=parent_fd)
    os.fchmod(fd, 0o755)
    return fd
