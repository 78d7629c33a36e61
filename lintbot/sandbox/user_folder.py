"""Shell: a folder of the user's own, which may hold anything, made fit to be shown in a sandbox."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

MOST_COPIED_BYTES = 64 * 1024 * 1024
"""A larger file is left out of a copy."""

_READ_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def is_fit(folder: Path, *, for_others: bool) -> bool:
    """Tell whether a folder can be shown as it is.

    Pipes, sockets and devices lead out of it, however read-only it is mounted.

    Args:
        folder: the folder.
        for_others: the sandbox runs as another user than the one who owns the files.
    """
    return all(_is_fit(path, for_others=for_others) for path in _walk(folder))


def _is_fit(path: Path, *, for_others: bool) -> bool:
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return True
    if stat.S_ISDIR(mode):
        wanted = stat.S_IROTH | stat.S_IXOTH
    elif stat.S_ISREG(mode):
        wanted = stat.S_IROTH
    else:
        return False
    return not for_others or mode & wanted == wanted


def _walk(folder: Path) -> Iterator[Path]:
    yield folder
    for parent, folders, files in os.walk(folder):
        yield from (Path(parent, name) for name in (*folders, *files))


def copy_folder(source: Path, target: Path) -> list[Path]:
    """Copy into an empty folder what a checkout may hold, readable by everybody who gets there.

    Links stay links. A named pipe becomes another of the same name; sockets and devices are left
    out.

    Returns:
        The files that were left out: too large, unreadable, or gone meanwhile.
    """
    left_out = []
    for parent, folders, files in os.walk(source):
        into = target / Path(parent).relative_to(source)
        for name in (*folders, *files):
            try:
                complete = _copy(Path(parent, name), into / name)
            except OSError:
                complete = False
            if not complete:
                left_out.append(Path(parent, name))
    return left_out


def _copy(source: Path, target: Path) -> bool:
    mode = source.lstat().st_mode
    if stat.S_ISLNK(mode):
        target.symlink_to(source.readlink())
    elif stat.S_ISDIR(mode):
        target.mkdir()
        target.chmod(0o755)
    elif stat.S_ISFIFO(mode):
        os.mkfifo(target)
        target.chmod(0o644)
    elif stat.S_ISREG(mode):
        return _copy_file(source, target)
    else:
        return False
    return True


def _copy_file(source: Path, target: Path) -> bool:
    descriptor = os.open(source, _READ_FLAGS)
    with os.fdopen(descriptor, "rb") as file:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > MOST_COPIED_BYTES:
            return False
        with target.open("xb") as copy:
            shutil.copyfileobj(file, copy)
    target.chmod(0o755 if facts.st_mode & stat.S_IXUSR else 0o644)
    with suppress(OSError):
        os.utime(target, ns=(facts.st_mtime_ns, facts.st_mtime_ns))
    return True
