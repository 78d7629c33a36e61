"""The world around a hostile checkout: secrets, listeners, neighbours, all of it within reach.

Everything is open to everybody by its file modes, so that only the sandbox can be what holds.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
SYSCALLS = HERE.parents[1] / "lintbot" / "sandbox" / "jail" / "syscalls.py"
SECRET = "what-only-the-application-knows"
MEMORY_MIB = 384

_VICTIM = """
import ctypes, signal, sys, time
signal.signal(signal.SIGUSR1, signal.SIG_IGN)
buffer = ctypes.create_string_buffer(b"x" * 64)
ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1), 0, 0, 0)  # PR_SET_PTRACER_ANY
print(ctypes.addressof(buffer), flush=True)
time.sleep(600)
"""

_CHECKOUT = {
    "README": "a checkout\n",
    "victim.py": '"""A module."""\n\nimport os\n\nprint(os.name)\n',
    "doomed.py": '"""Another module."""\n',
    "init_hook.rc": "[MAIN]\ninit-hook=import sys; sys.path.insert(0, '.'); import evil\n",
    "load_plugins.rc": (
        "[MAIN]\ninit-hook=import sys; sys.path.insert(0, '.')\nload-plugins=evil_pylint\n"
    ),
    "local_extension.cfg": (
        "[flake8:local-plugins]\nextension = X = evil_flake8:Checker\npaths = .\n"
    ),
    "local_report.cfg": (
        "[flake8]\nformat = evil\n"
        "[flake8:local-plugins]\nreport = evil = evil_flake8:Formatter\npaths = .\n"
    ),
    "mypy.ini": "[mypy]\nplugins = ./evil_mypy.py\n",
    "evil.py": (
        "import os\nfrom corpus import ATTACKS, carry_out\n"
        "carry_out([a.name for a in ATTACKS.values() if not a.alone],"
        " lambda line: os.write(1, line.encode()))\n"
    ),
    "evil_pylint.py": "def register(linter):\n    import evil\n",
    "evil_flake8.py": (
        "from flake8.formatting.default import Default\n\n\n"
        "class Checker:\n    name, version = 'evil', '1'\n\n"
        "    def __init__(self, tree):\n        import evil\n\n"
        "    def run(self):\n        return iter(())\n\n\n"
        "class Formatter(Default):\n    def after_init(self):\n"
        "        super().after_init()\n        import evil\n"
    ),
    "evil_mypy.py": (
        "import sys\nfrom mypy.plugin import Plugin\n\n\n"
        "def plugin(version):\n    sys.path.insert(0, '.')\n    import evil\n    return Plugin\n"
    ),
}


@dataclass(frozen=True)
class World:
    """What the driver needs to know of it."""

    checkout: Path
    jobs_root: Path
    listeners: tuple[socket.socket, ...]
    facts: dict[str, object]

    def heard(self) -> list[str]:
        """Return which listeners were reached."""
        return [str(sock.getsockname()) for sock in self.listeners if _has_visitor(sock)]


def _has_visitor(sock: socket.socket) -> bool:
    sock.setblocking(False)
    try:
        if sock.type == socket.SOCK_DGRAM:
            return bool(sock.recv(100))
        sock.accept()[0].close()
    except BlockingIOError:
        return False
    return True


@contextmanager
def a_world(
    base: Path, *, python: Path, libraries: Path | None, user: int, patience_seconds: float
) -> Iterator[World]:
    """Build a world below an empty folder, for attacks that run as ``user``.

    Args:
        base: the folder.
        python: what the victim runs on.
        libraries: the linters' own; None: the attacks get a folder of their own to spoil.
        user: who attacks.
        patience_seconds: how long an attack goes on that nobody ends.
    """
    with ExitStack() as stack:
        jobs_root = base / "jobs"
        facts: dict[str, object] = {
            "secret": SECRET,
            "app_pid": os.getpid(),
            "memory_mib": MEMORY_MIB,
            "patience_seconds": patience_seconds,
            "libraries": str(libraries or _a_folder(base / "libraries")),
            **_files(base, jobs_root),
            **_victim(stack, python, user),
        }
        listeners = _listen(stack, base, facts)
        checkout = _write_checkout(jobs_root / "checkout", Path(str(facts["key"])), facts)
        _open_to_everybody(base, user)
        _leave_a_descriptor_open(stack)
        yield World(checkout, jobs_root, listeners, facts)


def _a_folder(path: Path) -> Path:
    path.mkdir(parents=True)
    return path


def _a_home(path: Path) -> Path:
    (_a_folder(path) / ".ssh").mkdir()
    return path


def _files(base: Path, jobs_root: Path) -> dict[str, object]:
    outside = _a_folder(base / "outside")
    other = _a_folder(jobs_root / "other")
    (other / "secret.py").write_text("TOKEN = 1\n")
    victims = [outside / "first", outside / "second"]
    for path in (*victims, outside / "canary"):
        path.write_text("untouched\n")
    (outside / "key.pem").write_text(SECRET)
    return {
        "canary_folder": str(outside),
        "canary": str(outside / "canary"),
        "victim_files": [str(path) for path in victims],
        "key": str(outside / "key.pem"),
        "other_checkout": str(other),
        "home": str(_a_home(base / "home")),
    }


def _victim(stack: ExitStack, python: Path, user: int) -> dict[str, object]:
    """Start a process of the very user that attacks run as."""
    other = user if user != os.geteuid() else None
    process = subprocess.Popen(
        [python, "-IS", "-c", _VICTIM],
        stdout=subprocess.PIPE,
        user=other,
        group=other,
        extra_groups=[] if other else None,
        cwd="/",
    )
    stack.enter_context(process)
    stack.callback(process.kill)
    assert process.stdout
    return {"victim_pid": process.pid, "victim_address": int(process.stdout.readline())}


def _listen(stack: ExitStack, base: Path, facts: dict[str, object]) -> tuple[socket.socket, ...]:
    tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    udp.bind(("127.0.0.1", 0))
    facts["tcp_port"], facts["udp_port"] = tcp.getsockname()[1], udp.getsockname()[1]
    stream = stack.enter_context(socket.socket(socket.AF_UNIX))
    facts["unix_path"] = str(base / "stream")
    stream.bind(facts["unix_path"])
    abstract = stack.enter_context(socket.socket(socket.AF_UNIX))
    facts["abstract"] = f"hostile-{os.getpid()}"
    abstract.bind(f"\0{facts['abstract']}")
    datagram = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
    facts["datagram_path"] = str(base / "datagram")
    datagram.bind(facts["datagram_path"])
    for sock in (stream, abstract):
        sock.listen()
    return (tcp, udp, stream, abstract, datagram, *_listen_ipv6(stack, facts))


def _listen_ipv6(stack: ExitStack, facts: dict[str, object]) -> tuple[socket.socket, ...]:
    facts["tcp6_port"] = 0
    try:
        sock = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        return ()
    stack.enter_context(sock)
    facts["tcp6_port"] = sock.getsockname()[1]
    return (sock,)


def _write_checkout(checkout: Path, key: Path, facts: dict[str, object]) -> Path:
    shutil.copytree(
        HERE / "corpus", checkout / "corpus", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(SYSCALLS, checkout / "corpus" / "syscalls.py")
    for name, text in _CHECKOUT.items():
        (checkout / name).write_text(text)
    (checkout / "world.json").write_text(json.dumps(facts))
    (checkout / "link_to_key").symlink_to(key)
    (checkout / "link_to_root").symlink_to("/")
    os.mkfifo(checkout / "fifo")
    return checkout


def _open_to_everybody(base: Path, user: int) -> None:
    """The attacks' user even owns it all."""
    for folder, folders, files in os.walk(base):
        for path in (Path(folder), *(Path(folder, name) for name in (*folders, *files))):
            if user != os.geteuid():
                os.chown(path, user, user, follow_symlinks=False)
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o777 if path.is_dir() else 0o666))


def _leave_a_descriptor_open(stack: ExitStack) -> None:
    """As a careless library would: inheritable."""
    for descriptor in os.pipe():
        os.set_inheritable(descriptor, True)
        stack.callback(os.close, descriptor)
