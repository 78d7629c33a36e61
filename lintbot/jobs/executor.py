"""Shell: a name for this worker that no other live worker has, and that it gets back."""

from __future__ import annotations

import fcntl
import socket
import uuid
from pathlib import Path
from typing import IO

from lintbot.errors import UserError

MAX_SLOTS = 256


class ExecutorSlot:
    """A file that this process holds locked; the name of the executor is written in it.

    The lock goes with the process, however it dies. A restarted worker takes the first free
    slot, thus its old name, and with it the jobs that it was at. The name is random, because
    host names repeat between containers, and two live workers of one name would run each
    other's jobs.
    """

    def __init__(self, folder: Path) -> None:
        """Take the first free slot.

        Raises:
            UserError: there is none.
        """
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(MAX_SLOTS):
            file = (folder / f"slot-{number}").open("a+", encoding="ascii")
            if _lock(file):
                self._file = file
                self.id = _read_or_write_name(file)
                return
            file.close()
        raise UserError(f"there are {MAX_SLOTS} workers on this machine; no room for another")

    def release(self) -> None:
        """Let another worker have the slot."""
        self._file.close()


def _lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read_or_write_name(file: IO[str]) -> str:
    file.seek(0)
    name = file.read().strip()
    if not name:
        host = "".join(c if c.isascii() and c.isalnum() else "-" for c in socket.gethostname())
        name = f"{host[:40]}-{uuid.uuid4().hex[:8]}"
        file.write(name)
        file.flush()
    return name
