"""Shell: the limits of one process, soft and hard alike, so that it cannot raise them."""

from __future__ import annotations

import resource
from dataclasses import dataclass


@dataclass(frozen=True)
class ProcessLimits:
    """What one job may use.

    Attributes:
        memory_bytes: of address space.
        cpu_seconds: of all its threads together.
        file_bytes: of any file it writes (it can write none).
        open_files: descriptors.
        user_tasks: processes and threads of its user, itself included; None: not limited.
    """

    memory_bytes: int
    cpu_seconds: int
    file_bytes: int
    open_files: int
    user_tasks: int | None = None


def apply(limits: ProcessLimits) -> None:
    """Limit this process.

    Raises:
        OSError: the kernel refused it.
    """
    for name, value in _table(limits).items():
        _, most = resource.getrlimit(name)
        allowed = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(name, (allowed, allowed))
    # SIGXCPU can be caught; at the hard limit the kernel kills.
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))


def _table(limits: ProcessLimits) -> dict[int, int]:
    table = {
        resource.RLIMIT_AS: limits.memory_bytes,
        resource.RLIMIT_FSIZE: limits.file_bytes,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_STACK: 8 * 1024 * 1024,
        # Not 0: with a piped core_pattern 0 still starts the root-run handler, 1 does not.
        resource.RLIMIT_CORE: 1,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_SIGPENDING: 64,
        resource.RLIMIT_NICE: 0,
        resource.RLIMIT_RTPRIO: 0,
    }
    if limits.user_tasks is not None:
        table[resource.RLIMIT_NPROC] = limits.user_tasks
    return table
