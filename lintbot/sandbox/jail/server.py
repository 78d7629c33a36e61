"""Shell: the job server. Forks one process for each job, reaps it and reports how it ended.

It stays single-threaded, holds no secret and never reads what a job writes. Its only way to the
application is one socket: requests come in with descriptors, endings go out.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn

from . import confine, kernel, program
from .warm import Warm, preload

MESSAGE_BYTES = 65536
PASSED = 5
"""Descriptors with a request: its body, standard output, standard error, ready, memory."""
NOT_CONFINED = 125
NICENESS = 5
_IDLE_MILLISECONDS = 1000
"""After a job, and without a request for so long, the server holds more ready, bit by bit."""
_BREATH_MILLISECONDS = 50
"""Between two bits; the whole takes about a quarter of a minute."""


@dataclass(frozen=True)
class Setup:
    """What the application tells the server once.

    Attributes:
        user: drop to this user and group before anything else; None: stay.
        libraries: the folder the linters are imported from.
        warm: import the linters now, not in each job.
    """

    layers: confine.Layers
    user: int | None
    libraries: str
    warm: bool


@dataclass(frozen=True)
class Job:
    """A running job: the application's number for it, and the process."""

    number: int
    pid: int


class Server:
    """The loop: requests in, endings out."""

    def __init__(self, channel: socket.socket, layers: confine.Layers, warm: Warm | None) -> None:
        self._channel = channel
        self._layers = layers
        self._warm = warm
        self._jobs: dict[int, Job] = {}
        self._poll = select.poll()
        self._poll.register(channel, select.POLLIN)

    def serve(self) -> None:
        """Serve until the application goes away; then nothing is left running.

        While there is nothing to do, it holds more ready for the jobs to come.
        """
        pause = _BREATH_MILLISECONDS
        while True:
            waits = bool(self._jobs) or self._warm is None or self._warm.complete
            events = self._poll.poll(None if waits else pause)
            pause = _IDLE_MILLISECONDS if events else _BREATH_MILLISECONDS
            for descriptor, _ in events:
                if descriptor in self._jobs:
                    self._reap(descriptor)
                elif not self._obey():
                    return self._end()
            if not events and self._warm is not None:
                self._warm.prepare()

    def _obey(self) -> bool:
        message, descriptors, _, _ = socket.recv_fds(self._channel, MESSAGE_BYTES, PASSED)
        if not message:
            return False
        order = json.loads(message)
        if order["order"] == "run":
            self._start(order["number"], descriptors)
        else:
            self._kill(order["number"])
        for descriptor in descriptors:
            os.close(descriptor)
        return True

    def _start(self, number: int, descriptors: list[int]) -> None:
        server = os.getpid()
        pid = os.fork()
        if pid == 0:
            _become_job(self._layers, self._warm, descriptors, server)
        watch = os.pidfd_open(pid)
        self._jobs[watch] = Job(number, pid)
        self._poll.register(watch, select.POLLIN)

    def _kill(self, number: int) -> None:
        for watch, job in self._jobs.items():
            if job.number == number:
                _kill_all_of(watch, job)

    def _reap(self, watch: int) -> None:
        job = self._jobs.pop(watch)
        self._poll.unregister(watch)
        _kill_all_of(watch, job)  # it is gone, but it may have had children where it may fork
        _, status, usage = os.wait4(job.pid, 0)
        os.close(watch)
        ending = {
            "number": job.number,
            "status": os.waitstatus_to_exitcode(status),
            "cpu_seconds": usage.ru_utime + usage.ru_stime,
            "max_rss_bytes": usage.ru_maxrss * 1024,
        }
        self._channel.send(json.dumps(ending).encode())

    def _end(self) -> None:
        for watch, job in self._jobs.items():
            _kill_all_of(watch, job)


def _kill_all_of(watch: int, job: Job) -> None:
    with suppress(ProcessLookupError):
        signal.pidfd_send_signal(watch, signal.SIGKILL)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(job.pid, signal.SIGKILL)


def _become_job(
    layers: confine.Layers, warm: Warm | None, descriptors: list[int], server: int
) -> NoReturn:
    body, *streams = descriptors
    ready = streams[2]
    try:
        request = program.parse_request(os.pread(body, os.fstat(body).st_size, 0))
        ready, memory = confine.place_descriptors(*streams)
        if request.memory is None:
            os.close(memory)
        confine.confine(layers, request, server)
    except BaseException as error:  # noqa: BLE001  # whatever it was: the job must not run
        with suppress(OSError):
            os.write(ready, f"{type(error).__name__}: {error}"[:1000].encode())
        os._exit(NOT_CONFINED)
    os.write(ready, program.READY)
    os.close(ready)
    program.run(request, warm, memory)


def _drop_to(user: int) -> None:
    """Give up root for good.

    Raises:
        OSError: root is still there.
    """
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    if 0 in (*os.getresuid(), *os.getresgid()) or os.getgroups():
        raise OSError("the job server is still root")


def main(channel_number: int) -> None:
    """Serve jobs on an inherited socket until it is closed.

    Raises:
        OSError: the machine refused a step before the first job.
    """
    channel = socket.socket(fileno=channel_number)
    setup = parse_setup(channel.recv(MESSAGE_BYTES))
    if setup.user is not None:
        _drop_to(setup.user)
    kernel.hide_process()
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    with suppress(PermissionError):  # bubblewrap has already made it the first of a session
        os.setsid()
    os.nice(NICENESS)
    program.use_libraries(setup.libraries)
    warm = preload() if setup.warm else None
    if threading.active_count() != 1:
        raise OSError("the job server has more than one thread")
    channel.send(program.READY)
    Server(channel, setup.layers, warm).serve()


def parse_setup(text: bytes) -> Setup:
    """Read what the application sends first."""
    fields: dict[str, Any] = json.loads(text)
    return Setup(**{**fields, "layers": confine.Layers(**fields["layers"])})
