"""The machines and users that the corpus is run on, each by the driver in its own process."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from lintbot.sandbox.bwrap import find_bubblewrap
from lintbot.sandbox.jail.landlock import read_abi
from lintbot.sandbox.launch import make_environment
from lintbot.sandbox.toolenv import ToolEnvironment, prepare_tools
from tests.hostile.driver import TOOLS
from tests.hostile.world import SECRET
from tests.support.needs import need

ROOT = Path(__file__).parents[2]
SOME_USER = 61_999
"""A user that nobody is, for set-ups without root where the tests run as root."""
_AT_ONCE = 2
_SECONDS = 400

USERS = ("root", "user") if os.geteuid() == 0 else ("user",)
TIERS = {"A": "nothing", "B": "landlock", "C": "namespaces"}
"""What a machine lacks where each tier is the strongest."""


@dataclass(frozen=True)
class Setup:
    """A user, and what the machine lacks; ``control``: no sandbox at all."""

    user: str
    lacking: str = "nothing"
    control: bool = False

    @property
    def name(self) -> str:
        """For the test's name."""
        return f"{self.user}-{'control' if self.control else self.lacking}"


@contextmanager
def an_open_folder() -> Iterator[Path]:
    """Yield a folder that any user can reach, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="lintbot-test-", dir="/tmp")).resolve()
    try:
        folder.chmod(0o755)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Range:
    """Runs each set-up once, when its first test asks for it, and the next ones meanwhile.

    Attributes:
        tools: the linters.
        as_root: the tests themselves run as root.
    """

    def __init__(self, folder: Path, tools: ToolEnvironment) -> None:
        self._folder = folder
        self.tools = tools
        self.as_root = os.geteuid() == 0
        self._pool = ThreadPoolExecutor(_AT_ONCE)
        self._started: dict[Setup, Future[dict[str, Any]]] = {}
        self._alone = {user: Lock() for user in USERS}
        self._source = folder / "source"
        shutil.copytree(ROOT / "lintbot", self._source / "lintbot")
        shutil.copytree(ROOT / "tests" / "hostile", self._source / "tests" / "hostile")
        _open_to_readers(self._source)

    def start(self, setups: list[Setup]) -> None:
        """Run these in the background, in this order."""
        for setup in setups:
            if setup not in self._started:
                self._started[setup] = self._pool.submit(self._run, setup)

    def report(self, setup: Setup) -> dict[str, Any]:
        """Return what the driver says; wait for it."""
        self.start([setup])
        return self._started[setup].result()

    def close(self) -> None:
        """Wait for what still runs."""
        self._pool.shutdown(cancel_futures=True)

    def _run(self, setup: Setup) -> dict[str, Any]:
        # A user's tasks are counted together: the control's bombs would lift the others' limit.
        with self._alone[setup.user]:
            return self._drive(setup)

    def _drive(self, setup: Setup) -> dict[str, Any]:
        base = self._folder / setup.name
        base.mkdir(mode=0o755)
        tools = self.tools.root.parent
        user = SOME_USER if setup.user == "user" and os.geteuid() == 0 else None
        if user is not None:
            tools = self._folder / "tools of the user"
            tools.mkdir(exist_ok=True)
            for path in (base, tools):
                os.chown(path, user, user)
        words = ["--control"] if setup.control else ["--lacking", setup.lacking]
        program = self._source / "tests" / "hostile" / "driver.py"
        done = subprocess.run(
            [self.tools.python, "-s", "-S", "-B", "-P", program, base, tools, *words],
            env=self._environment(),
            cwd=base,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=_SECONDS,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )
        shutil.rmtree(base, ignore_errors=True)
        if done.returncode != 0:
            raise AssertionError(done.stderr.decode(errors="replace")[-3000:])
        return dict(json.loads(done.stdout))

    def _environment(self) -> dict[str, str]:
        """The linters' folders hold all that the driver needs, and the secret is ours alone."""
        environment = make_environment(self.tools)
        libraries = os.pathsep.join(map(str, sorted(self.tools.root.glob("lib*"))))
        environment |= {"PYTHONPATH": libraries, "LINTBOT_PRIVATE_KEY": SECRET}
        return environment


@contextmanager
def a_range() -> Iterator[Range]:
    """Yield a range; everything it makes goes away."""
    with an_open_folder() as folder:
        firing = Range(folder, prepare_tools(folder / "tools", TOOLS))
        try:
            yield firing
        finally:
            firing.close()


def _open_to_readers(folder: Path) -> None:
    for path, _, names in os.walk(folder):
        Path(path).chmod(0o755)
        for name in names:
            Path(path, name).chmod(0o644)


def need_layers(setup: Setup) -> None:
    """Skip what this machine cannot be, even with something taken from it."""
    if setup.lacking in {"nothing", "landlock"} and not setup.control:
        need(find_bubblewrap() is not None, "the program bwrap")
        need(_has_namespaces(setup.user), f"namespaces for {setup.user}")
    if setup.lacking in {"nothing", "namespaces"} and not setup.control:
        need(read_abi() > 0, "Landlock")


@functools.cache
def _has_namespaces(user: str) -> bool:
    other = SOME_USER if user == "user" and os.geteuid() == 0 else None
    words = ["--unshare-pid", "--unshare-net", "--ro-bind", "/", "/", "--", "/bin/true"]
    if user == "user":
        words.insert(0, "--unshare-user")
    done = subprocess.run(
        [str(find_bubblewrap()), *words], capture_output=True, check=False, user=other, group=other
    )
    return done.returncode == 0
