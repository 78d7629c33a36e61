"""Shell: the kernel calls that Python does not offer, by ctypes."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Any

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_GET_SECCOMP = 21
PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38
PR_GET_NO_NEW_PRIVS = 39
"""https://man7.org/linux/man-pages/man2/prctl.2.html"""

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def syscall(number: int, *arguments: Any) -> int:
    """Make one system call; whole numbers are passed as 64 bits, anything else as it is.

    Raises:
        OSError: the kernel said no.
    """
    words = [ctypes.c_long(word) if isinstance(word, int) else word for word in arguments]
    return _checked(_libc.syscall(ctypes.c_long(number), *words))


def prctl(option: int, *words: Any) -> int:
    """Change or ask something about this process or thread; missing words are zero.

    Raises:
        OSError: the kernel said no.
    """
    padded = [*words, 0, 0, 0, 0][:4]
    passed = [ctypes.c_ulong(word) if isinstance(word, int) else word for word in padded]
    return _checked(_libc.prctl(ctypes.c_int(option), *passed))


def hide_process() -> None:
    """Hide this process's memory, environment and descriptors from others of the same user.

    Only Linux can, and only on Linux do jobs run beside it.
    """
    if sys.platform == "linux":
        prctl(PR_SET_DUMPABLE, 0)


def _checked(result: int) -> int:
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
