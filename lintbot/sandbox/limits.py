"""Pure: what one job may use. The defaults are documented in docs/security.md."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lintbot.ports import Profile

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one job; its wall clock comes with the job.

    Attributes:
        memory_bytes: address space; a job is one process, so this is all its memory.
        output_bytes: of each of its two streams; a job that writes more is killed.
        file_bytes: of any file it writes (no folder is writable in a sandbox).
        open_files: descriptors.
        threads: in the thread profile, on top of what its user runs already.
    """

    memory_bytes: int = 2048 * MIB
    output_bytes: int = 16 * MIB
    file_bytes: int = 16 * MIB
    open_files: int = 256
    threads: int = 64

    def cpu_seconds(self, timeout_seconds: float, profile: Profile) -> int:
        """Return the processor time that goes with a wall clock: two cores' worth for threads."""
        cores = 2 if profile is Profile.THREADS else 1
        return math.ceil(timeout_seconds * cores) + 1
