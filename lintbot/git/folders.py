"""Shell: folders that one process holds at a time, by flock: across processes, freed by death."""

from __future__ import annotations

import asyncio
import fcntl
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from lintbot.errors import TransientError

_POLL_SECONDS = 0.05


@contextmanager
def try_hold(folder: Path) -> Iterator[int | None]:
    """Hold an existing folder; yield its descriptor, or None when it is held or gone."""
    try:
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except FileNotFoundError:
        yield None
        return
    try:
        yield fd if _lock(fd) and _is_still(fd, folder) else None
    finally:
        os.close(fd)


def _lock(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_still(fd: int, folder: Path) -> bool:
    """Tell whether the name still means the folder that was opened: it may have been removed."""
    try:
        return os.path.samestat(os.fstat(fd), folder.stat(follow_symlinks=False))
    except FileNotFoundError:
        return False


@asynccontextmanager
async def hold(folder: Path, *, wait_seconds: float) -> AsyncIterator[int]:
    """Make the folder if need be, wait for it and hold it; yield its descriptor.

    A child process that inherits the descriptor holds the folder too.

    Raises:
        TransientError: somebody else held it all the time.
    """
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + wait_seconds
    while loop.time() < give_up_at:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with try_hold(folder) as fd:
            if fd is not None:
                yield fd
                return
        await asyncio.sleep(_POLL_SECONDS)
    raise TransientError(f"another checkout of this repository took over {wait_seconds:g} s")


@asynccontextmanager
async def job_folder(jobs_root: Path) -> AsyncIterator[Path]:
    """Make an empty folder with an unguessable name and mode 0755; remove it at the end."""
    make_jobs_root(jobs_root)
    while True:
        folder = jobs_root / secrets.token_hex(16)
        folder.mkdir()
        with try_hold(folder) as fd:
            if fd is None:  # A sweep came between; the next name is another.
                continue
            os.fchmod(fd, 0o755)
            try:
                yield folder
            finally:
                await asyncio.to_thread(remove, folder)
            return


def make_jobs_root(jobs_root: Path) -> None:
    """Make the folder of job folders; whom else it is open to is the sandbox's business."""
    jobs_root.mkdir(mode=0o700, parents=True, exist_ok=True)


def remove_dead(jobs_root: Path) -> int:
    """Remove the job folders that no living process holds; return how many. Blocking."""
    make_jobs_root(jobs_root)
    removed = 0
    for folder in jobs_root.iterdir():
        with try_hold(folder) as fd:
            if fd is not None:
                remove(folder)
                removed += 1
    return removed


def remove(folder: Path) -> None:
    """Remove a folder and all below it, as far as the disk lets us. Blocking."""
    with suppress(FileNotFoundError):
        shutil.rmtree(folder, ignore_errors=True)
