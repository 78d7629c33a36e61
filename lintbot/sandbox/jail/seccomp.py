"""Pure: the system call filter as a BPF program, except ``install``, which hands it to the kernel.

Wrong architecture: killed. Allowed: by number, a few by argument. Known and refused: EPERM.
Everything else: ENOSYS, so that a C library falls back (clone3 to clone, for one).
https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

from __future__ import annotations

import ctypes
import errno
import struct
from collections.abc import Iterable
from typing import NamedTuple

from .kernel import PR_SET_SECCOMP, prctl
from .syscalls import ALLOWED, REFUSED, Arch

LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_ANY_BIT, RETURN, AND = 0x20, 0x15, 0x35, 0x45, 0x06, 0x54
"""BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_JMP|JGE|K, BPF_JMP|JSET|K, BPF_RET|K, BPF_ALU|AND|K."""

KILL, ERRNO, ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
_NUMBER_AT, _ARCH_AT, _ARGUMENTS_AT = 0, 4, 16
_X32_BIT = 0x40000000
_MODE_FILTER = 2

# asm-generic/ioctls.h: TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX
_IOCTLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
# fcntl.h: F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC, F_GETPIPE_SZ
_FCNTLS = (0, 1, 2, 3, 4, 1030, 1032)
# prctl.h: GET_DUMPABLE, SET_NAME, GET_NAME, GET_SECCOMP, GET_NO_NEW_PRIVS, SET_VMA
_PRCTLS = (3, 15, 16, 21, 39, 0x53564D41)
_CLONE_THREAD = 0x00010000
# sched.h: CLONE_PTRACE, CLONE_PARENT, and NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
_CLONE_NEVER = 0x2000 | 0x8000 | 0x20000 | 0x2000000 | 0x4000000 | 0x8000000 | 0x70000000
_O_TRUNC = 0x200


class Instruction(NamedTuple):
    """One ``struct sock_filter``: jumps count instructions from the next one."""

    code: int
    if_true: int
    if_false: int
    value: int


Program = list[Instruction]


def build_filter(
    arch: Arch, *, pid: int, execute: bool, threads: bool, refuse_truncate: bool = False
) -> Program:
    """Build the filter of one job.

    Args:
        arch: the machine it is for.
        pid: the job's own process; the only one that it may signal.
        execute: allow ``execve``.
        threads: allow ``clone`` for threads, never for processes.
        refuse_truncate: refuse O_TRUNC where Landlock cannot (ABI below 3).
    """
    program = _check_machine(arch)
    rules: dict[str, Program] = {
        "ioctl": _among(1, _IOCTLS, errno.ENOTTY),
        "fcntl": _among(1, _FCNTLS, errno.EPERM),
        "prctl": _among(0, _PRCTLS, errno.EINVAL),
        "prlimit64": _among(0, (0,), errno.EPERM),
        "kill": _among(0, (pid,), errno.EPERM),
        "tgkill": _among(0, (pid,), errno.EPERM),
        "clone": _only_threads() if threads else _refuse(errno.EPERM),
        "execve": _allow() if execute else _refuse(errno.EPERM),
    }
    if refuse_truncate:
        rules |= {"open": _without(1, _O_TRUNC), "openat": _without(2, _O_TRUNC)}
    for name, rule in rules.items():
        program += _when(arch.numbers((name,)), rule)
    plain = tuple(name for name in ALLOWED if name not in rules)
    program += _when(arch.numbers(plain), _allow())
    program += _when(arch.numbers(REFUSED), _refuse(errno.EPERM))
    return program + _refuse(errno.ENOSYS)


def install(program: Program) -> None:
    """Put the calling thread, and all it starts, under the filter for good.

    Raises:
        OSError: the kernel refused it.
    """
    code = b"".join(struct.pack("=HBBI", *instruction) for instruction in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    header = _Program(len(program), ctypes.addressof(buffer))
    prctl(PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(header))


class _Program(ctypes.Structure):
    """``struct sock_fprog``."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _check_machine(arch: Arch) -> Program:
    program = [
        Instruction(LOAD, 0, 0, _ARCH_AT),
        Instruction(JUMP_EQUAL, 1, 0, arch.audit),
        Instruction(RETURN, 0, 0, KILL),
        Instruction(LOAD, 0, 0, _NUMBER_AT),
    ]
    if arch is Arch.X86_64:  # x32: the same audit number, other system calls
        program += [
            Instruction(JUMP_AT_LEAST, 0, 1, _X32_BIT),
            Instruction(RETURN, 0, 0, KILL),
        ]
    return program


def _when(numbers: Iterable[int], rule: Program) -> Program:
    """Apply a rule, which ends in a return on every path, to each of some system calls."""
    program: Program = []
    for number in numbers:
        program += [Instruction(JUMP_EQUAL, 0, len(rule), number), *rule]
    return program


def _allow() -> Program:
    return [Instruction(RETURN, 0, 0, ALLOW)]


def _refuse(error: int) -> Program:
    return [Instruction(RETURN, 0, 0, ERRNO | error)]


def _load(argument: int) -> Instruction:
    """Load the low half of an argument: the kernel looks at no more of these."""
    return Instruction(LOAD, 0, 0, _ARGUMENTS_AT + 8 * argument)


def _among(argument: int, values: Iterable[int], error: int) -> Program:
    program = [_load(argument)]
    for value in values:
        program += [Instruction(JUMP_EQUAL, 0, 1, value), *_allow()]
    return program + _refuse(error)


def _without(argument: int, bits: int) -> Program:
    skip = Instruction(JUMP_ANY_BIT, 0, 1, bits)
    return [_load(argument), skip, *_refuse(errno.EACCES), *_allow()]


def _only_threads() -> Program:
    return [
        _load(0),
        Instruction(AND, 0, 0, _CLONE_THREAD | _CLONE_NEVER),
        Instruction(JUMP_EQUAL, 0, 1, _CLONE_THREAD),
        *_allow(),
        *_refuse(errno.EPERM),
    ]
