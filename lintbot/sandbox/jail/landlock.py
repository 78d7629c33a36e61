"""Shell: Landlock, which closes the file system, TCP and abstract sockets to this process.

https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from dataclasses import dataclass

from .kernel import syscall

# landlock_create_ruleset, landlock_add_rule, landlock_restrict_self: the same on every machine
_CREATE, _ADD, _RESTRICT = 444, 445, 446

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE, _IOCTL_DEV = 1 << 14, 1 << 15
_FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | _TRUNCATE | _IOCTL_DEV
_RULE_PATH_BENEATH = 1
_ASK_VERSION = 1
_LOG_SAME_EXEC_OFF = 1

REFER_ABI, TRUNCATE_ABI, TCP_ABI, IOCTL_ABI, SCOPES_ABI, LOG_ABI, RESOLVE_ABI = 2, 3, 4, 5, 6, 7, 9
"""The first version with each ability."""

_BASIC_RIGHTS = 13  # EXECUTE to MAKE_SYM
_LATER_RIGHTS = (REFER_ABI, TRUNCATE_ABI, IOCTL_ABI, RESOLVE_ABI)  # each adds the next bit


@dataclass(frozen=True)
class Grant:
    """Rights to one path and all below it; a path that does not exist is passed over."""

    path: str
    rights: int


def read_abi() -> int:
    """Return the version that the kernel offers; 0 if it has none or has it switched off."""
    try:
        return syscall(_CREATE, 0, 0, _ASK_VERSION)
    except OSError:
        return 0


def handled(abi: int) -> tuple[int, int, int]:
    """Return every file right, TCP right and scope that an ABI knows: all are taken away."""
    files = _BASIC_RIGHTS + sum(abi >= since for since in _LATER_RIGHTS)
    tcp = 0b11 if abi >= TCP_ABI else 0  # bind, connect
    scopes = 0b11 if abi >= SCOPES_ABI else 0  # abstract sockets, signals
    return (1 << files) - 1, tcp, scopes


def restrict(grants: list[Grant]) -> None:
    """Take away all but the grants, from this thread and all that it starts, for good.

    Raises:
        OSError: the kernel has no Landlock or refused it.
    """
    abi = read_abi()
    if abi < 1:
        raise OSError("this kernel offers no Landlock")
    rights = handled(abi)
    attribute = struct.pack("=QQQ", *rights)[: _attribute_bytes(abi)]
    ruleset = syscall(_CREATE, ctypes.c_char_p(attribute), len(attribute), 0)
    for grant in grants:
        _add(ruleset, grant, rights[0])
    syscall(_RESTRICT, ruleset, _LOG_SAME_EXEC_OFF if abi >= LOG_ABI else 0)
    os.close(ruleset)


def _attribute_bytes(abi: int) -> int:
    if abi < TCP_ABI:
        return 8
    return 16 if abi < SCOPES_ABI else 24


def _add(ruleset: int, grant: Grant, known: int) -> None:
    try:
        folder = os.open(grant.path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        rights = grant.rights & known
        if not stat.S_ISDIR(os.fstat(folder).st_mode):
            rights &= _FILE_RIGHTS  # a rule on a file with rights of a folder is refused
        rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, folder))
        syscall(_ADD, ruleset, _RULE_PATH_BENEATH, rule, 0)
    finally:
        os.close(folder)
