"""Shell: the steps that confine a freshly forked job, in the only order that works.

Any error on the way means that the job must not run.
"""

from __future__ import annotations

import fcntl
import os
import signal
from dataclasses import dataclass

from . import landlock, rlimits, seccomp
from .kernel import (
    PR_GET_NO_NEW_PRIVS,
    PR_GET_SECCOMP,
    PR_SET_DUMPABLE,
    PR_SET_NO_NEW_PRIVS,
    PR_SET_PDEATHSIG,
    prctl,
    syscall,
)
from .syscalls import this_arch

_READY, _MEMORY, _FIRST_SPARE = 3, 4, 5
_MOST_DESCRIPTORS = 65536
_SECCOMP_FILTERS = 2
_LEAST = 19
"""The highest niceness there is; it stops there."""
_READ = landlock.READ_FILE | landlock.READ_DIR


@dataclass(frozen=True)
class Layers:
    """Which layers this tier puts around a job.

    Attributes:
        programs: readable and executable, with all below.
        files: readable.
    """

    landlock: bool
    seccomp: bool
    programs: tuple[str, ...]
    files: tuple[str, ...]


@dataclass(frozen=True)
class Request:
    """One job, as the application asks for it.

    Attributes:
        in_process: run the linter inside the forked server, rather than execute a program.
        memory: what earlier runs of the same linter over the same repository left, may be
            nothing; None: this run leaves nothing either.
        share, gives_way: see ``ports.SandboxJob``.
        watched: the linter names each file on standard error before it judges it, and gives up
            one that takes too long.
        root: the checkout, absolute.
        folder: the working directory, absolute, in the checkout.
    """

    argv: tuple[str, ...]
    root: str
    folder: str
    in_process: bool
    watched: bool
    threads: bool
    limits: rlimits.ProcessLimits
    memory: tuple[bytes, ...] | None = None
    share: tuple[int, int] | None = None
    gives_way: bool = False


def place_descriptors(stdout: int, stderr: int, ready: int, memory: int) -> tuple[int, int]:
    """Put the streams in place, close everything else; return where the other two are now."""
    for number, descriptor in ((1, stdout), (2, stderr)):
        os.dup2(descriptor, number)
    # First out of the way: one may stand where the other goes.
    others = [fcntl.fcntl(it, fcntl.F_DUPFD_CLOEXEC, _FIRST_SPARE) for it in (ready, memory)]
    for number, descriptor in zip((_READY, _MEMORY), others, strict=True):
        os.dup2(descriptor, number, inheritable=False)
    os.closerange(_FIRST_SPARE, _MOST_DESCRIPTORS)
    return _READY, _MEMORY


def confine(layers: Layers, request: Request, parent: int) -> None:
    """Give up everything that a job does not need, and check that it is gone.

    Args:
        layers: of this tier.
        request: the job.
        parent: the job server; the job ends with it.

    Raises:
        OSError: a layer could not be put up or does not hold.
    """
    # A group, so that it can be killed with its children, but no session: Linux may share the
    # processors out to sessions first, and then no niceness counts between two of them.
    os.setpgid(0, 0)
    if request.gives_way:
        os.nice(_LEAST)
    os.chdir(request.folder)
    os.umask(0o077)
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise OSError("the job server ended first")
    rlimits.apply(request.limits)
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    prctl(PR_SET_DUMPABLE, 0)
    if layers.landlock:
        landlock.restrict(_grants(layers, request.root))
    if layers.seccomp:
        seccomp.install(_filter(layers, request))
        _check(layers)


def _grants(layers: Layers, root: str) -> list[landlock.Grant]:
    return [
        *(landlock.Grant(path, _READ | landlock.EXECUTE) for path in layers.programs),
        *(landlock.Grant(path, _READ) for path in (*layers.files, root)),
        landlock.Grant(os.devnull, landlock.READ_FILE | landlock.WRITE_FILE),
    ]


def _filter(layers: Layers, request: Request) -> seccomp.Program:
    truncates = layers.landlock and landlock.read_abi() < landlock.TRUNCATE_ABI
    return seccomp.build_filter(
        this_arch(),
        pid=os.getpid(),
        execute=not request.in_process,
        threads=request.threads,
        refuse_truncate=truncates,
    )


def _check(layers: Layers) -> None:
    """Raise unless the layers answer as they must."""
    if prctl(PR_GET_SECCOMP) != _SECCOMP_FILTERS or prctl(PR_GET_NO_NEW_PRIVS) != 1:
        raise OSError("the system call filter is not in force")
    try:
        syscall(*this_arch().numbers(("socket",)), 1, 1, 0)
    except PermissionError:
        pass
    else:
        raise OSError("the system call filter lets a socket through")
    if layers.landlock:
        _check_proc()


def _check_proc() -> None:
    try:
        os.close(os.open("/proc/self/environ", os.O_RDONLY))
    except (PermissionError, FileNotFoundError):
        return
    raise OSError("Landlock lets /proc through")
