"""Shell: turns a job into the request that its process reads."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from lintbot.ports import Profile, SandboxJob
from lintbot.sandbox.jail.linters import LINTERS, REMEMBERING
from lintbot.sandbox.jail.selftest import SELF_TEST
from lintbot.sandbox.limits import Limits

_IN_PROCESS = frozenset({*LINTERS, SELF_TEST})


def make_request(job: SandboxJob, limits: Limits, user: int | None) -> bytes:
    """Write a request's body.

    The thread profile limits how many processes and threads ``user`` has; None: it does not.
    """
    threads = job.profile is Profile.THREADS
    tasks = count_tasks(user) + limits.threads if threads and user is not None else None
    request = {
        "argv": job.argv,
        "root": str(job.root),
        "folder": str(job.root / job.folder),
        "in_process": job.argv[0] in _IN_PROCESS or _remembers(job),
        "watched": job.watched,
        "share": job.share,
        "gives_way": job.gives_way,
        "memory_bytes": None if job.memory is None else list(map(len, job.memory)),
        "threads": threads,
        "limits": {
            "memory_bytes": limits.memory_bytes,
            "cpu_seconds": limits.cpu_seconds(job.timeout_seconds, job.profile),
            "file_bytes": limits.file_bytes,
            "open_files": limits.open_files,
            "user_tasks": tasks,
        },
    }
    line = json.dumps(request).encode(errors="surrogateescape")
    return b"".join((line, b"\n", *(job.memory or ())))


def _remembers(job: SandboxJob) -> bool:
    return job.memory is not None and job.argv[0] in REMEMBERING


def count_tasks(user: int) -> int:
    """Count the processes and threads of a user: the kernel's limit counts them all together."""
    count = 0
    for process in Path("/proc").iterdir():
        with suppress(OSError):  # it ended, or belongs to somebody who hides it
            if process.name.isdigit() and process.stat().st_uid == user:
                count += (process / "task").stat().st_nlink - 2
    return count
