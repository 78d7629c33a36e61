"""Shell: nine small attacks that a job performs on its own sandbox; each must fail.

Runs inside the job server's child as well as executed by an interpreter of its own.
"""

from __future__ import annotations

import json
import os
import resource
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

SELF_TEST = "lintbot-self-test"
"""``argv[0]`` of the in-process form; its argument is the canary."""


def _read_outside(canary: Path) -> None:
    canary.read_bytes()


def _write_outside(canary: Path) -> None:
    canary.with_name("written").write_bytes(b"")


def _change_mode(canary: Path) -> None:
    canary.chmod(0o600)


def _read_parent(_: Path) -> None:
    Path(f"/proc/{os.getppid()}/environ").read_bytes()


def _open_internet_socket(_: Path) -> None:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()


def _open_local_socket(_: Path) -> None:
    socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).close()


def _fork(_: Path) -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def _signal_parent(_: Path) -> None:
    os.kill(os.getppid(), 0)


def _limit_parent(_: Path) -> None:
    resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE)


ATTACKS: dict[str, Callable[[Path], None]] = {
    "read a file outside the checkout": _read_outside,
    "create a file": _write_outside,
    "change a file's mode": _change_mode,
    "read the parent's environment": _read_parent,
    "open an internet socket": _open_internet_socket,
    "open a local socket": _open_local_socket,
    "start a process": _fork,
    "signal the parent": _signal_parent,
    "change the parent's limits": _limit_parent,
}


def find_open(canary: Path) -> list[str]:
    """Return the attacks that succeed."""
    found = []
    for name, attack in ATTACKS.items():
        try:
            attack(canary)
        except OSError:
            continue
        found.append(name)
    return found


def run_self_test(canary: str) -> NoReturn:
    """Attack, print what is open and whether the checkout can be read, end this process."""
    try:
        os.scandir().close()
        readable = True
    except OSError:
        readable = False
    sys.stdout.write(json.dumps({"open": find_open(Path(canary)), "readable": readable}))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    run_self_test(sys.argv[1])
