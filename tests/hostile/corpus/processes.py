"""Other processes: signalling, reading, changing and outliving them; and becoming somebody else."""

import ctypes
import fcntl
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from .calls import call, libc, reaches
from .registry import attack

HERE = Path(__file__).resolve().parents[1]
F_SETSIG = 10


# --- signals; number 0 only asks whether a signal might be sent


@attack("processes")
def signal_application(world):
    os.kill(world.app_pid, 0)
    return True


@attack("processes")
def signal_parent(_):
    os.kill(os.getppid(), 0)
    return True


@attack("processes")
def signal_victim(world):
    os.kill(world.victim_pid, signal.SIGUSR1)
    return True


@attack("processes")
def signal_everybody(_):
    os.kill(-1, 0)
    return True


@attack("processes")
def signal_parent_group(_):
    os.killpg(os.getpgid(os.getppid()), 0)
    return True


@attack("processes")
def signal_neighbours(world):
    """Whatever else runs: other jobs have numbers near by."""
    own = os.getpid()
    near = {*range(1, 100), *range(max(1, own - 50), own), world.victim_pid}
    for pid in near - {own}:
        try:
            os.kill(pid, 0)
        except OSError:
            continue
        return True
    return False


@attack("processes")
def signal_thread(world):
    call("tgkill", world.victim_pid, world.victim_pid, signal.SIGUSR1)
    return True


@attack("processes")
def signal_thread_old_way(world):
    call("tkill", world.victim_pid, signal.SIGUSR1)
    return True


@attack("processes", cannot="the kernel refuses forged information for other processes")
def queue_signal(world):
    info = ctypes.create_string_buffer(128)
    ctypes.memmove(
        info, (10).to_bytes(4, "little") + bytes(4) + (-1).to_bytes(4, "little", signed=True), 12
    )
    call("rt_sigqueueinfo", world.victim_pid, 10, info)
    return True


@attack("processes")
def signal_by_descriptor(world):
    descriptor = call("pidfd_open", world.victim_pid, 0)
    call("pidfd_send_signal", descriptor, signal.SIGUSR1, 0, 0)
    return True


@attack("processes")
def signal_by_input(world):
    """Let the kernel send the signal when a pipe becomes readable."""
    reading, writing = os.pipe()
    fcntl.fcntl(reading, fcntl.F_SETOWN, world.victim_pid)
    fcntl.fcntl(reading, F_SETSIG, signal.SIGUSR1)
    os.close(reading)
    os.close(writing)
    return True


# --- reading and changing


@attack("processes", cannot="the machine may restrict ptrace")
def trace(world):
    call("ptrace", 0x4206, world.victim_pid, 0, 0)  # PTRACE_SEIZE
    return True  # and lets go at its end


@attack("processes", cannot="the machine may have no parent to trace")
def trace_me(_):
    return reaches("ptrace", 0x4200, 0, 0, 0)  # PTRACE_SETOPTIONS of nobody


@attack("processes", cannot="the machine may restrict ptrace")
def read_memory(world):
    buffer = ctypes.create_string_buffer(8)
    local = (ctypes.c_ulong * 2)(ctypes.addressof(buffer), 8)
    remote = (ctypes.c_ulong * 2)(world.victim_address, 8)
    call("process_vm_readv", world.victim_pid, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0)
    return True


@attack("processes", cannot="the machine may restrict ptrace")
def write_memory(world):
    buffer = ctypes.create_string_buffer(8)
    local = (ctypes.c_ulong * 2)(ctypes.addressof(buffer), 8)
    remote = (ctypes.c_ulong * 2)(world.victim_address, 8)
    call("process_vm_writev", world.victim_pid, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0)
    return True


@attack("processes", cannot="the machine may restrict ptrace")
def steal_descriptor(world):
    descriptor = call("pidfd_open", world.victim_pid, 0)
    os.close(call("pidfd_getfd", descriptor, 0, 0))
    return True


@attack("processes", cannot="a kernel may be built without it, or the machine restrict ptrace")
def compare(world):
    call("kcmp", os.getpid(), world.victim_pid, 0, 0, 0)
    return True


@attack("processes")
def change_limits_of_victim(world):
    limits = resource.prlimit(world.victim_pid, resource.RLIMIT_CORE)
    resource.prlimit(world.victim_pid, resource.RLIMIT_CORE, limits)
    return True


@attack("processes")
def change_limits_of_parent(_):
    resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE)
    return True


@attack("processes")
def change_priority(world):
    os.setpriority(os.PRIO_PROCESS, world.victim_pid, 19)
    return True


@attack("processes")
def change_affinity(world):
    os.sched_setaffinity(world.victim_pid, os.sched_getaffinity(0))
    return True


@attack("processes")
def change_scheduler(world):
    os.sched_setscheduler(world.victim_pid, os.SCHED_BATCH, os.sched_param(0))
    return True


@attack("processes")
def change_disk_priority(world):
    call("ioprio_set", 1, world.victim_pid, (2 << 13) | 7)
    return True


# --- memory and queues shared between processes


@attack("processes")
def shared_memory(_):
    number = call("shmget", 0, 4096, 0o1600)
    call("shmctl", number, 0, 0)
    return True


@attack("processes")
def semaphore(_):
    number = call("semget", 0, 1, 0o1600)
    call("semctl", number, 0, 0, 0)
    return True


@attack("processes")
def message_queue(_):
    number = call("msgget", 0, 0o1600)
    call("msgctl", number, 0, 0)
    return True


@attack("processes", cannot="a kernel may have no POSIX queues")
def posix_queue(_):
    name = ctypes.c_char_p(b"hostile")
    descriptor = call("mq_open", name, os.O_CREAT | os.O_RDWR, 0o600, 0)
    os.close(descriptor)
    call("mq_unlink", name)
    return True


# --- new processes


@attack("processes")
def fork(_):
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return True


@attack("processes")
def spawn(_):
    pid = os.posix_spawn("/bin/true", ["true"], {})
    os.waitpid(pid, 0)
    return True


@attack("processes")
def run_program(_):
    return subprocess.run(["/bin/echo", "ran"], capture_output=True, check=True).stdout == b"ran\n"


@attack("processes")
def vfork_raw(_):
    """The argument-less old call; the child ends at once without touching the parent's stack."""
    return reaches(
        "clone", signal.SIGCHLD | 0x10000000 << 8, 0, 0, 0, 0
    )  # an impossible flag: EINVAL


@attack("processes", alone=True)
def clone3(_):
    arguments = (ctypes.c_uint64 * 11)()
    arguments[4] = signal.SIGCHLD
    pid = call("clone3", ctypes.byref(arguments), 88)
    if pid == 0:
        os._exit(0)
    os.write(1, b"breach clone3\n")
    os.waitpid(pid, 0)


@attack("processes", alone=True)
def clone_as_sibling(_):
    """CLONE_PARENT: the child would be the job server's, and nobody's to kill."""
    pid = call("clone", 0x8000 | signal.SIGCHLD, 0, 0, 0, 0)
    if pid == 0:
        os._exit(0)
    os.write(1, b"breach clone_as_sibling\n")


@attack("processes", alone=True)
def daemonise(world):
    """Leave the group and the session, and be there after the job has ended."""
    if os.fork():
        os._exit(0)
    os.setsid()
    if os.fork():
        os._exit(0)
    os.write(1, b"breach daemonise\n")
    os.closerange(0, 3)
    time.sleep(world.patience_seconds)
    os._exit(0)


@attack("processes", alone=True, ends="longer than")
def hold_the_pipe(world):
    """Nobody ends and the output stays open: the job must end all the same."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    try:
        os.fork()
    finally:
        time.sleep(world.patience_seconds)
    os.write(1, b"breach hold_the_pipe\n")


@attack("processes")
def new_session(_):
    """The kernel says no as well, for the job server is no child of the job; a filter is first."""
    return reaches("setpgid", os.getppid(), 0)


# --- somebody else


@attack("processes", root_only=True)
def become_root(_):
    os.setresuid(0, 0, 0)
    return True


@attack("processes", root_only=True)
def become_group(_):
    os.setgroups([0])
    return True


@attack("processes")
def change_file_user(_):
    """Answers the old value always; only a filter says no."""
    return reaches("setfsuid", os.geteuid())


@attack("processes")
def set_capabilities(_):
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    return reaches("capset", ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)()))


@attack("processes")
def privileges_by_program(_):
    """A set-uid program would make root of us: no_new_privs is not set."""
    return libc.prctl(39, 0, 0, 0, 0) == 0


@attack("processes")
def adopt_orphans(_):
    return libc.prctl(36, 1, 0, 0, 0) == 0  # PR_SET_CHILD_SUBREAPER


@attack("processes")
def be_dumpable(_):
    return libc.prctl(4, 1, 0, 0, 0) == 0  # PR_SET_DUMPABLE


@attack("processes")
def outlive_the_parent(_):
    return libc.prctl(1, 0, 0, 0, 0) == 0  # PR_SET_PDEATHSIG


# --- the application through its own memory, in the linter's process


@attack("processes", cannot="the control is no child of a job server")
def forge_an_ending(_):
    """Find the job server in what was inherited of its memory, and speak for it."""
    import gc

    for found in gc.get_objects():
        channel = getattr(found, "_channel", None) if type(found).__name__ == "Server" else None
        if channel is not None and channel.send(b'{"number": 1, "status": 0}'):
            return True
    return False


@attack("processes", cannot="the control shares no memory with the application")
def secret_in_memory(world):
    """Look through every object of this process for what only the application knows."""
    import gc

    half = len(world.secret) // 2
    first, second = world.secret[:half], world.secret[half:]
    for found in gc.get_objects():
        if found is world.__dict__ or not isinstance(found, dict):
            continue
        for value in list(found.values()):
            if isinstance(value, str) and value.startswith(first) and value.endswith(second):
                return value is not world.secret
    return False


@attack("processes", alone=True)
def threads_in_single_profile(_):
    """Runs in the single profile only, where not even threads may be had."""
    thread = threading.Thread(target=lambda: os.write(1, b"breach threads_in_single_profile\n"))
    thread.start()
    thread.join()
    sys.exit(0)
