"""More of the machine than a job may have. Each runs alone."""

import ctypes
import fcntl
import mmap
import os
import resource
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

from .calls import call
from .registry import attack

HERE = Path(__file__).resolve().parents[1]
MIB = 1024 * 1024


def _breach(name):
    os.write(1, f"breach {name}\n".encode())


@attack("resources", alone=True)
def fork_bomb(_):
    children = []
    try:
        for _ in range(64):
            pid = os.fork()
            if pid == 0:
                time.sleep(5)
                os._exit(0)
            children.append(pid)
            _breach("fork_bomb")
    finally:
        for pid in children:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


@attack("resources", alone=True)
def thread_bomb(_):
    """More threads than the thread profile grants."""
    threading.stack_size(65536)
    stop = threading.Event()
    try:
        for count in range(400):
            threading.Thread(target=stop.wait, daemon=True).start()
            if count == 300:
                _breach("thread_bomb")
    finally:
        stop.set()


@attack("resources", alone=True)
def memory_bomb(world):
    kept = []
    for count in range(world.memory_mib + 256):
        kept.append(bytearray(os.urandom(1)) * MIB)
        if count == world.memory_mib + 128:
            _breach("memory_bomb")


@attack("resources", alone=True)
def memory_bomb_mapped(world):
    memory = mmap.mmap(-1, (world.memory_mib + 128) * MIB)
    memory[::4096] = b"x" * len(range(0, len(memory), 4096))
    _breach("memory_bomb_mapped")


@attack("resources", alone=True)
def address_space(_):
    """Nothing is touched, so only the limit on addresses can say no."""
    memory = mmap.mmap(-1, 64 * 1024 * MIB, flags=mmap.MAP_PRIVATE | 0x4000)  # MAP_NORESERVE
    memory.close()
    _breach("address_space")


@attack("resources", alone=True)
def memory_bomb_tree(world):
    """Each process takes half of what one may have."""
    children = []
    try:
        for _ in range(3):
            pid = os.fork()
            if pid == 0:
                kept = bytearray(world.memory_mib // 2 * MIB)
                _breach("memory_bomb_tree")
                os._exit(len(kept) & 1)
            children.append(pid)
    finally:
        for pid in children:
            os.waitpid(pid, 0)


@attack("resources", alone=True)
def kernel_memory_in_pipes(_):
    pipes = []
    for _ in range(30):
        pipes.append(os.pipe())
        fcntl.fcntl(pipes[-1][1], 1031, MIB)
    _breach("kernel_memory_in_pipes")


@attack("resources", alone=True)
def kernel_memory_in_files(_):
    descriptor = os.memfd_create("hostile")
    os.ftruncate(descriptor, 1024 * MIB)
    _breach("kernel_memory_in_files")


@attack("resources", alone=True)
def lock_memory(_):
    memory = mmap.mmap(-1, 64 * 1024)
    call("mlock", ctypes.addressof(ctypes.c_char.from_buffer(memory)), 64 * 1024)
    _breach("lock_memory")


@attack("resources", alone=True)
def fill_disk(world):
    for folder in (str(HERE), world.canary_folder, "/tmp", "/var/tmp", "/dev/shm", "/run", "."):
        try:
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(bytes(32 * MIB))
        except OSError:
            continue
        _breach("fill_disk")


@attack("resources", alone=True)
def huge_sparse_file(world):
    with open(Path(world.canary_folder, "sparse"), "wb") as file:
        file.truncate(1024 * MIB)
    _breach("huge_sparse_file")


@attack("resources", alone=True)
def use_up_inodes(world):
    for number in range(500):
        Path(world.canary_folder, f"inode-{number}").touch()
    _breach("use_up_inodes")


@attack("resources", alone=True)
def use_up_folders(_):
    for number in range(500):
        os.mkdir(HERE / f"folder-{number}")
    _breach("use_up_folders")


@attack("resources", alone=True)
def use_up_descriptors(_):
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    kept = [os.open("/dev/null", os.O_RDONLY) for _ in range(1000)]
    if kept:
        _breach("use_up_descriptors")


@attack("resources", alone=True)
def raise_soft_limits(_):
    for name in (
        resource.RLIMIT_AS,
        resource.RLIMIT_CPU,
        resource.RLIMIT_NOFILE,
        resource.RLIMIT_CORE,
    ):
        _, most = resource.getrlimit(name)
        if most == resource.RLIM_INFINITY or (most > 100_000 and name != resource.RLIMIT_AS):
            _breach("raise_soft_limits")


@attack("resources", alone=True, root_only=True, cannot="a container may lack the capability")
def raise_hard_limits(_):
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most + 1, most + 1))
    _breach("raise_hard_limits")


@attack("resources", alone=True)
def large_core_file(_):
    """With limit 0 a root-run handler would be started on our memory; only 1 stops that."""
    resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
    if resource.getrlimit(resource.RLIMIT_CORE)[0] != 1:
        _breach("large_core_file")


@attack("resources", alone=True, root_only=True)
def real_time(_):
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    _breach("real_time")


@attack("resources", alone=True, root_only=True)
def raise_priority(_):
    os.setpriority(os.PRIO_PROCESS, 0, -20)
    _breach("raise_priority")


@attack("resources", alone=True)
def timers(_):
    for _ in range(500):
        call("timer_create", 1, 0, ctypes.byref(ctypes.c_int()))
    _breach("timers")


@attack("resources", alone=True, ends="more than")
def flood_output(_):
    block = b"x" * 65535 + b"\n"
    for _ in range(200):
        os.write(1, block)
    _breach("flood_output")


@attack("resources", alone=True, ends="more than")
def flood_errors_without_lines(_):
    for _ in range(200):
        os.write(2, b"\xff" * 65536)
    _breach("flood_errors_without_lines")


@attack("resources", alone=True, ends="longer than")
def spin(world):
    deadline = time.monotonic() + world.patience_seconds
    while time.monotonic() < deadline:
        pass
    _breach("spin")


@attack("resources", alone=True, ends="longer than")
def spin_in_one_step(world):
    """Inside one C call, where no Python signal handler would ever run."""
    deadline = time.monotonic() + world.patience_seconds
    try:
        sum(1 for _ in iter(lambda: time.monotonic() < deadline, False))
    finally:
        _breach("spin_in_one_step")


@attack("resources", alone=True, ends="longer than")
def sleep_through_signals(world):
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    deadline = time.monotonic() + world.patience_seconds
    while time.monotonic() < deadline:
        time.sleep(0.1)
    _breach("sleep_through_signals")


@attack("resources", alone=True, ends="longer than")
def block_signals(world):
    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
    time.sleep(world.patience_seconds)
    _breach("block_signals")


@attack("resources", alone=True, ends="longer than", cannot="nobody would wake it")
def stop_itself(_):
    os.kill(os.getpid(), signal.SIGSTOP)


@attack("resources", alone=True, ends="longer than", cannot="nobody would write to it")
def wait_for_a_pipe(_):
    open(HERE / "fifo").close()


@attack("resources", alone=True, ends="longer than")
def backtrack(world):
    """A regular expression that takes for ever."""
    import re

    signal.signal(signal.SIGALRM, lambda *_: (_breach("backtrack"), os._exit(0)))
    signal.setitimer(signal.ITIMER_REAL, world.patience_seconds)
    re.match(r"(a|aa)+$", "a" * 60 + "b")


@attack("resources", alone=True, ends="signal SIG", cannot="it only ends itself")
def overflow_the_stack(_):
    sys.setrecursionlimit(10**9)

    def deeper(*words):
        return deeper(*words, *words[:1])

    class Deep:
        def __repr__(self):
            return repr(self)

    repr(Deep())
    deeper(1)


@attack("resources", alone=True, ends="signal SIGABRT", cannot="it only ends itself")
def abort(_):
    os.abort()


@attack("resources", alone=True, ends="signal SIGKILL", cannot="it only ends itself")
def kill_itself(_):
    os.kill(os.getpid(), signal.SIGKILL)
