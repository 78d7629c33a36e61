"""Pure: bubblewrap's arguments, except ``find_bubblewrap``, which looks for a sound program.

Never /proc (its core_pattern is writable to root), never bubblewrap's /dev (memory without limit),
never /etc, never a tmpfs. The checkouts are bound last and nothing is mounted below them: a link in
a checkout must not lead bubblewrap itself astray.
https://github.com/containers/bubblewrap/blob/main/bwrap.xml
"""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

_DEVICES = ("null", "zero", "full", "random", "urandom")
_TOP = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")


def find_bubblewrap() -> Path | None:
    """Return a bubblewrap that belongs to root and is not set-uid."""
    found = shutil.which("bwrap", path="/usr/bin:/usr/local/bin:/bin")
    if found is None:
        return None
    facts = Path(found).stat()
    return Path(found) if facts.st_uid == 0 and not facts.st_mode & stat.S_ISUID else None


def build_arguments(
    *,
    as_root: bool,
    environment: Mapping[str, str],
    visible: Iterable[Path],
    checkouts: Path,
    source: Path,
) -> list[str]:
    """Return the arguments that come before the command.

    Args:
        as_root: root keeps two capabilities, to drop to the sandbox's own user by itself.
        environment: all the variables there will be.
        visible: files and folders shown read-only at their own places.
        checkouts: where to show the checkouts.
        source: the folder where they really lie.
    """
    ways = ("--unshare-user", "--disable-userns", "--cap-drop", "ALL")
    root_ways = ("--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")
    arguments = [*(root_ways if as_root else ways)]
    arguments += ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    arguments += ["--unshare-cgroup-try", "--hostname", "sandbox"]
    arguments += ["--die-with-parent", "--new-session", "--clearenv"]
    for name, value in environment.items():
        arguments += ["--setenv", name, value]
    shown = [Path("/usr"), *visible]
    arguments += _make_folders([*shown, checkouts])
    for path in shown:
        arguments += ["--ro-bind", str(path), str(path)]
    arguments += _bind_top() + _bind_devices()
    arguments += ["--ro-bind", str(source), str(checkouts)]
    return [*arguments, "--remount-ro", "/"]


def _make_folders(paths: Iterable[Path]) -> list[str]:
    """Make every parent passable: bubblewrap's own are closed to other users."""
    parents = {parent for path in paths for parent in path.parents if parent != Path("/")}
    inside_usr = {parent for parent in parents if parent.is_relative_to("/usr")}
    arguments = []
    for parent in sorted(parents - inside_usr):
        arguments += ["--perms", "0755", "--dir", str(parent)]
    return arguments


def _bind_top() -> list[str]:
    """Show /lib and its like as they are: links into /usr, or folders on older systems."""
    arguments = []
    for path in (Path("/", name) for name in _TOP):
        if path.is_symlink():
            arguments += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            arguments += ["--ro-bind", str(path), str(path)]
    return arguments


def _bind_devices() -> list[str]:
    arguments = ["--perms", "0755", "--dir", "/dev"]
    for path in (Path("/dev", name) for name in _DEVICES):
        if path.exists():
            arguments += ["--dev-bind", str(path), str(path)]
    return arguments
