"""Machines that lack something, simulated: a filter answers as such a kernel would."""

from __future__ import annotations

import errno

from lintbot.sandbox.jail.kernel import PR_SET_NO_NEW_PRIVS, prctl
from lintbot.sandbox.jail.seccomp import (
    ALLOW,
    ERRNO,
    JUMP_ANY_BIT,
    JUMP_EQUAL,
    LOAD,
    RETURN,
    Instruction,
    Program,
    install,
)
from lintbot.sandbox.jail.syscalls import this_arch

_CLONE_NEW = 0x7E020000
_LANDLOCK = (444, 445, 446)
_MOUNTING = (
    "unshare",
    "setns",
    "mount",
    "umount2",
    "pivot_root",
    "move_mount",
    "open_tree",
    "fsopen",
)
_CLONE3 = 435


def _answer(numbers: list[int] | tuple[int, ...], error: int) -> Program:
    program: Program = []
    for number in numbers:
        program += [Instruction(JUMP_EQUAL, 0, 1, number), Instruction(RETURN, 0, 0, ERRNO | error)]
    return program


def _put_under(program: Program) -> None:
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    install([Instruction(LOAD, 0, 0, 0), *program, Instruction(RETURN, 0, 0, ALLOW)])


def lack_landlock() -> None:
    """As gVisor, or a kernel that was built without it."""
    _put_under(_answer(_LANDLOCK, errno.ENOSYS))


def lack_namespaces() -> None:
    """As Docker's own filter: no namespaces, no mounts, for root neither."""
    _put_under(_refuse_namespaces())


def lack_both() -> None:
    """Where nothing holds."""
    _put_under(_refuse_namespaces(_answer(_LANDLOCK, errno.ENOSYS)))


def _refuse_namespaces(more: Program | None = None) -> Program:
    numbers = this_arch().numbers
    clone = [
        Instruction(LOAD, 0, 0, 16),
        Instruction(JUMP_ANY_BIT, 0, 1, _CLONE_NEW),
        Instruction(RETURN, 0, 0, ERRNO | errno.EPERM),
        Instruction(RETURN, 0, 0, ALLOW),
    ]
    refused = _answer(numbers(_MOUNTING), errno.EPERM) + _answer((_CLONE3,), errno.ENOSYS)
    is_clone = Instruction(JUMP_EQUAL, 0, len(clone), numbers(("clone",))[0])
    return [*(more or []), *refused, is_clone, *clone]


LACKING = {
    "nothing": lambda: None,
    "landlock": lack_landlock,
    "namespaces": lack_namespaces,
    "both": lack_both,
}
