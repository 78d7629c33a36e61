"""The kernel's rarely used corners.

Where root could do harm, the arguments are nonsense: getting as far as an answer about the
arguments is the breach.
"""

import ctypes
import fcntl
import mmap
import os
import platform
import signal
import struct

from .calls import call, libc, reaches
from .registry import attack

NULL = ctypes.c_void_p(0)
NOWHERE = ctypes.c_char_p(b"/no-such-folder-of-lintbot")


@attack("kernel", alone=True, cannot="the machine may restrict user namespaces")
def user_namespace(_):
    call("unshare", 0x10000000)
    os.write(1, b"breach user_namespace\n")


@attack("kernel", alone=True, cannot="the machine may restrict user namespaces")
def clone_into_user_namespace(_):
    pid = call("clone", 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0)
    if pid == 0:
        os._exit(0)
    os.write(1, b"breach clone_into_user_namespace\n")
    os.waitpid(pid, 0)


@attack("kernel")
def enter_namespace(_):
    return reaches("setns", -1, 0)


@attack("kernel", root_only=True)
def mount(_):
    return reaches("mount", NOWHERE, NOWHERE, NOWHERE, 0, NULL)


@attack("kernel", root_only=True)
def unmount(_):
    return reaches("umount2", NOWHERE, 0)


@attack("kernel", root_only=True)
def pivot_root(_):
    return reaches("pivot_root", NOWHERE, NOWHERE)


@attack("kernel")
def open_tree(_):
    return reaches("open_tree", -100, NOWHERE, 0)


@attack("kernel", root_only=True)
def new_file_system(_):
    return reaches("fsopen", NOWHERE, 0)


@attack("kernel", root_only=True)
def attributes_of_mounts(_):
    return reaches("mount_setattr", -100, NOWHERE, 0, NULL, 0)


@attack("kernel", root_only=True, cannot="a kernel may have no BPF")
def bpf(_):
    return reaches("bpf", 0, NULL, 0)


@attack("kernel", cannot="the machine may restrict it")
def performance_events(_):
    return reaches("perf_event_open", NULL, 0, -1, -1, 0)


@attack("kernel", cannot="a kernel may have io_uring switched off")
def io_uring(_):
    return reaches("io_uring_setup", 0, NULL)


@attack("kernel", cannot="the machine may restrict it")
def page_faults(_):
    return reaches("userfaultfd", 0xFFFF)


@attack("kernel")
def nameless_memory(_):
    os.close(os.memfd_create("hostile"))
    return True


@attack("kernel", cannot="a kernel may have it switched off")
def secret_memory(_):
    os.close(call("memfd_secret", 0))
    return True


@attack("kernel", cannot="a container may refuse it")
def add_key(_):
    return reaches("add_key", ctypes.c_char_p(b"user"), ctypes.c_char_p(b"hostile"), NULL, 0, -1)


@attack("kernel", cannot="a container may refuse it")
def request_key(_):
    return reaches("request_key", ctypes.c_char_p(b"user"), ctypes.c_char_p(b"hostile"), NULL, 0)


@attack("kernel", cannot="a container may refuse it")
def keyring(_):
    return reaches("keyctl", 0, -3, 0)  # KEYCTL_GET_KEYRING_ID of the session


@attack("kernel")
def watch_files(_):
    os.close(call("inotify_init1", 0))
    return True


@attack("kernel", root_only=True)
def watch_mounts(_):
    return reaches("fanotify_init", 0xFFFF, 0)


@attack("kernel", root_only=True, cannot="a kernel may have no modules")
def load_module(_):
    return reaches("init_module", NULL, 0, NULL)


@attack("kernel", root_only=True, cannot="a kernel may have no modules")
def load_module_from_file(_):
    return reaches("finit_module", -1, NULL, 0)


@attack("kernel", root_only=True, cannot="a kernel may have no kexec")
def replace_kernel(_):
    return reaches("kexec_load", 0, 1 << 20, NULL, 0)


@attack("kernel", root_only=True)
def reboot(_):
    return reaches("reboot", 0, 0, 0, 0)  # without the magic numbers


@attack("kernel", root_only=True)
def swap(_):
    return reaches("swapon", NOWHERE, 0)


@attack("kernel", root_only=True, cannot="a kernel may have no accounting")
def accounting(_):
    return reaches("acct", NOWHERE)


@attack("kernel", cannot="the machine may restrict it")
def system_log(_):
    return reaches("syslog", 10, NULL, 0)


@attack("kernel", root_only=True)
def set_clock(_):
    return reaches("clock_settime", 0, NULL)


@attack("kernel")
def adjust_clock(_):
    return reaches("adjtimex", NULL)


@attack("kernel", root_only=True)
def host_name(_):
    return reaches("sethostname", NULL, 1 << 20)


@attack("kernel")
def personality(_):
    return reaches("personality", 0xFFFFFFFF)


@attack("kernel", cannot="only x86 has it")
def segment_table(_):
    return reaches("modify_ldt", 99, NULL, 0)


@attack("kernel", root_only=True, cannot="only x86 has it")
def port_access(_):
    return reaches("iopl", 99)


@attack("kernel")
def quota(_):
    return reaches("quotactl", 0xFFFFFFFF, NULL, 0, NULL)


@attack("kernel")
def splice_memory(_):
    return reaches("vmsplice", -1, NULL, 0, 0)


@attack("kernel")
def splice(_):
    return reaches("splice", -1, NULL, -1, NULL, 0, 0)


@attack("kernel")
def new_filter(_):
    """A second filter could answer 0 for calls that then did nothing."""
    return libc.prctl(22, 2, 0, 0, 0) == 0 or ctypes.get_errno() == 14  # EFAULT: it looked


@attack("kernel")
def new_filter_by_call(_):
    return reaches("seccomp", 99, 0, NULL)


@attack("kernel", cannot="an older kernel has none of them")
def newest_calls(_):
    """Numbers that the filter's author had never heard of."""
    libc.syscall.restype = ctypes.c_long
    for number in range(463, 480):
        libc.syscall(ctypes.c_long(number), *[ctypes.c_long(-1)] * 6)
        if ctypes.get_errno() not in (1, 38):  # EPERM, ENOSYS
            return True
    return False


@attack("kernel")
def keep_capabilities(_):
    return libc.prctl(8, 1, 0, 0, 0) == 0


@attack("kernel")
def timer_slack(_):
    return libc.prctl(29, 1, 0, 0, 0) == 0


@attack("kernel", cannot="a processor may need no such control")
def speculate(_):
    return libc.prctl(53, 0, 2, 0, 0) == 0  # PR_SET_SPECULATION_CTRL, store bypass, enable


@attack("kernel", cannot="there may be no terminal")
def type_into_terminal(_):
    for descriptor in range(3):
        try:
            fcntl.ioctl(descriptor, 0x5412, b"x")  # TIOCSTI
        except OSError as error:
            if error.errno in (5, 1, 13):  # looked at: EIO, or a privilege is missing
                return error.errno == 5
            continue
        return True
    return False


@attack("kernel")
def signals_from_a_pipe(_):
    reading, writing = os.pipe()
    fcntl.ioctl(reading, 0x5452, struct.pack("i", 1))  # FIOASYNC
    os.close(reading)
    os.close(writing)
    return True


@attack("kernel")
def enlarge_pipe(_):
    reading, writing = os.pipe()
    try:
        return fcntl.fcntl(writing, 1031, 1 << 20) >= 1 << 20  # F_SETPIPE_SZ
    finally:
        os.close(reading)
        os.close(writing)


@attack("kernel")
def lease(_):
    with open(__file__) as file:
        fcntl.fcntl(file, 1024, fcntl.F_RDLCK)  # F_SETLEASE
    return True


@attack("kernel")
def lock_file(_):
    with open(__file__) as file:
        fcntl.lockf(file, fcntl.LOCK_SH)
    return True


def _run_machine_code(code):
    memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(code)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    return ctypes.CFUNCTYPE(ctypes.c_long)(address)()


@attack(
    "kernel",
    alone=True,
    ends="signal SIG",
    cannot="only x86_64 kernels with 32-bit support have it",
)
def old_system_call_gate(_):
    """int 0x80: 32-bit numbers; 199 is getuid32 there, something else here."""
    if platform.machine() != "x86_64":
        raise OSError("only x86")
    if _run_machine_code(b"\xb8\xc7\x00\x00\x00\xcd\x80\xc3") & 0xFFFFFFFF == os.getuid():
        os.write(1, b"breach old_system_call_gate\n")


@attack("kernel", alone=True, cannot="few kernels have x32")
def x32_numbers(_):
    """Bit 30 selects another table, with the same audit number."""
    if libc.syscall(ctypes.c_long(0x40000000 + 39)) == os.getpid():
        os.write(1, b"breach x32_numbers\n")
