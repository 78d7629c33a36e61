"""Reading what is not the checkout, and writing anywhere at all."""

import ctypes
import os
import socket
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from .calls import call, reaches
from .registry import attack

HERE = Path(__file__).resolve().parents[1]
README = HERE / "README"


# --- reading


@attack("files")
def read_key(world):
    return world.secret in Path(world.key).read_text()


@attack("files")
def read_other_checkout(world):
    return bool(Path(world.other_checkout, "secret.py").read_text())


@attack("files")
def read_other_checkout_by_dots(world):
    name = Path(world.other_checkout).name
    return bool((HERE / ".." / name / "secret.py").read_text())


@attack("files")
def read_passwd(_):
    return bool(Path("/etc/passwd").read_text())


@attack("files")
def read_through_link(_):
    return bool((HERE / "link_to_key").read_text())


@attack("files")
def list_through_link(_):
    return "proc" in os.listdir(HERE / "link_to_root")


@attack("files")
def list_jobs(world):
    return Path(world.other_checkout).name in os.listdir(HERE.parent)


@attack("files")
def list_outside(world):
    return bool(os.listdir(world.canary_folder))


@attack("files")
def list_home(world):
    return bool(os.listdir(world.home))


@attack("files")
def read_own_environment(_):
    return bool(Path("/proc/self/environ").read_bytes())


@attack("files")
def read_application_environment(world):
    return world.secret in Path(f"/proc/{world.app_pid}/environ").read_text()


@attack("files")
def read_application_arguments(world):
    return bool(Path(f"/proc/{world.app_pid}/cmdline").read_bytes())


@attack("files")
def list_application_descriptors(world):
    return bool(os.listdir(f"/proc/{world.app_pid}/fd"))


@attack("files")
def read_application_memory(world):
    with open(f"/proc/{world.app_pid}/mem", "rb") as memory:
        return memory.fileno() > 0


@attack("files")
def read_parent_environment(_):
    return bool(Path(f"/proc/{os.getppid()}/environ").read_bytes())


@attack("files", root_only=True, cannot="a container may hide its first process")
def through_process_root(_):
    return bool(os.listdir(Path("/proc/1/root", "etc")))


@attack("files")
def see_processes(_):
    return len([name for name in os.listdir("/proc") if name.isdigit()]) > 1


@attack("files")
def secret_in_environment(world):
    return any(world.secret in value for value in os.environ.values())


@attack("files")
def inherited_descriptors(_):
    """Find what a careless parent left open: a pipe, a socket, a file without a name."""
    for descriptor in range(3, 4096):
        try:
            facts = os.fstat(descriptor)
        except OSError:
            continue
        if not stat.S_ISREG(facts.st_mode) or facts.st_nlink == 0:
            return True
    return False


@attack("files", root_only=True)
def open_by_handle(_):
    handle = ctypes.create_string_buffer(b"\x80\0\0\0" + bytes(200))
    return reaches("open_by_handle_at", 0, handle, os.O_RDONLY)


@attack("files")
def handle_of_a_file(_):
    handle = ctypes.create_string_buffer((128).to_bytes(4, "little") + bytes(200))
    mount = ctypes.c_int()
    path = ctypes.c_char_p(str(README).encode())
    return reaches("name_to_handle_at", -100, path, handle, ctypes.byref(mount), 0)


@attack("files")
def read_key_from_its_folder(world):
    """Going somewhere is no reading; the bare name must not help then."""
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(world.canary_folder)
        return world.secret in Path(Path(world.key).name).read_text()
    finally:
        os.fchdir(here)
        os.close(here)


@attack("files")
def read_key_below_a_bare_descriptor(world):
    """O_PATH opens what may not be read."""
    folder = os.open(world.canary_folder, os.O_PATH)
    try:
        os.close(os.open(Path(world.key).name, os.O_RDONLY, dir_fd=folder))
    finally:
        os.close(folder)
    return True


@attack("files")
def list_the_whole_machine(_):
    return {"home", "proc", "root"} <= set(os.listdir("/"))


@attack("files")
def list_above_the_checkouts(world):
    folder = Path(world.canary_folder)
    return folder.name in os.listdir(folder.parent)


@attack("files", root_only=True, cannot="a container may have no passwords")
def read_passwords(_):
    return bool(Path("/etc/shadow").read_text())


@attack("files")
def read_parent_memory_map(_):
    return bool(Path(f"/proc/{os.getppid()}/maps").read_text())


@attack("files", cannot="the machine may restrict it")
def write_parent_memory(_):
    return _opens(f"/proc/{os.getppid()}/mem", os.O_RDWR)


@attack("files")
def open_descriptors_of_parent(_):
    """Where the job server's own channel is, among others."""
    folder = Path(f"/proc/{os.getppid()}/fd")
    return bool(os.listdir(folder))


@attack("files")
def map_source_for_writing(_):
    return _opens(README, os.O_RDWR)


@attack("files")
def lock_whole_file(_):
    with open(README) as file:
        call("flock", file.fileno(), 1)
    return True


# --- writing


def _written(path):
    with open(path, "wb") as file:
        file.write(b"x" * 100)
    return True


@attack("files")
def write_outside(world):
    return _written(world.canary)


@attack("files")
def create_outside(world):
    return _written(Path(world.canary_folder, "created"))


@attack("files")
def delete_outside(world):
    os.unlink(world.victim_files[0])
    return True


@attack("files")
def rename_outside(world):
    os.rename(world.victim_files[1], world.victim_files[1] + ".moved")
    return True


@attack("files")
def write_source(_):
    return _written(HERE / "victim.py")


@attack("files")
def create_in_checkout(_):
    return _written(HERE / "created.py")


@attack("files")
def delete_source(_):
    (HERE / "doomed.py").unlink()
    return True


@attack("files")
def plant_git_hook(_):
    hook = HERE / ".git" / "hooks"
    hook.mkdir(parents=True)
    return _written(hook / "post-checkout")


@attack("files")
def write_other_checkout(world):
    return _written(Path(world.other_checkout, "secret.py"))


@attack("files")
def write_temporary(_):
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"x")
    return True


@attack("files")
def write_nameless_temporary(_):
    for folder in ("/tmp", "/var/tmp", "/dev/shm", HERE):
        with suppress(OSError):
            os.close(os.open(folder, os.O_TMPFILE | os.O_RDWR))
            return True
    return False


@attack("files", cannot="a machine may have no /dev/shm")
def write_shared_memory_folder(_):
    path = Path("/dev/shm", f"hostile-{os.getpid()}")
    _written(path)
    path.unlink()
    return True


@attack("files")
def write_home(world):
    return _written(Path(world.home, ".profile"))


@attack("files")
def write_libraries(world):
    return _written(Path(world.libraries, "sitecustomize.py"))


@attack("files")
def write_interpreter_libraries(world):
    return _written(Path(world.libraries, "pylint_evil.pth"))


@attack("files")
def change_mode(world):
    os.chmod(world.canary, 0o666)
    return True


@attack("files")
def change_mode_of_source(_):
    os.chmod(README, 0o666)
    return True


@attack("files")
def change_owner(world):
    os.chown(world.canary, os.geteuid(), -1)
    return True


@attack("files")
def change_time(world):
    os.utime(world.canary)
    return True


@attack("files", cannot="a file system may have no extended attributes")
def set_attribute(world):
    os.setxattr(world.canary, "user.evil", b"1")
    return True


@attack("files")
def truncate_by_path(world):
    os.truncate(world.canary, 0)
    return True


@attack("files")
def truncate_by_open(world):
    os.close(os.open(world.canary, os.O_RDWR | os.O_TRUNC))
    return True


@attack("files", cannot="a kernel may refuse links to files of others")
def hard_link(world):
    os.link(world.canary, HERE / "linked")
    return True


@attack("files")
def make_link(_):
    os.symlink("/etc/passwd", HERE / "new_link")
    return True


@attack("files")
def make_fifo(_):
    os.mkfifo(HERE / "fifo_made")
    return True


@attack("files", root_only=True)
def make_device(_):
    os.mknod(HERE / "device_made", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    return True


@attack("files")
def bind_socket_file(_):
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(HERE / "socket_made"))
    return True


# --- devices and the kernel's files: opening for writing is enough, nothing is written


def _opens(path, flags):
    os.close(os.open(path, flags))
    return True


@attack("files", root_only=True)
def core_pattern(_):
    return _opens("/proc/sys/kernel/core_pattern", os.O_WRONLY)


@attack("files", root_only=True, cannot="a kernel may have no SysRq")
def sysrq(_):
    return _opens("/proc/sysrq-trigger", os.O_WRONLY)


@attack("files")
def own_process_files(_):
    return _opens("/proc/self/oom_score_adj", os.O_WRONLY)


@attack("files", root_only=True, cannot="a container may have no writable /sys")
def kernel_settings(_):
    return _opens("/sys/kernel/uevent_helper", os.O_WRONLY) or _opens(
        "/sys/power/state", os.O_WRONLY
    )


@attack("files", root_only=True, cannot="a container may have no writable cgroups")
def control_groups(_):
    return _opens("/sys/fs/cgroup/cgroup.procs", os.O_WRONLY)


@attack("files", root_only=True, cannot="a container may have no /dev/kmsg")
def kernel_log(_):
    return _opens("/dev/kmsg", os.O_RDONLY)


@attack("files", cannot="there may be no controlling terminal")
def terminal(_):
    return _opens("/dev/tty", os.O_RDWR)


@attack("files", cannot="a machine may have no /dev/ptmx")
def new_terminal(_):
    return _opens("/dev/ptmx", os.O_RDWR)


@attack("files", root_only=True, cannot="a container may have no block device")
def disk(_):
    disks = [path for path in Path("/dev").iterdir() if stat.S_ISBLK(path.stat().st_mode)]
    return any(_opens(path, os.O_RDONLY) for path in disks)


@attack("files", root_only=True)
def change_root(_):
    """Raw, because nothing may change in a process that goes on: a path that does not exist."""
    return reaches("chroot", ctypes.c_char_p(b"/no-such-folder-of-lintbot"))
