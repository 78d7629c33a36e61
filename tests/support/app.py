"""The whole App with real parts: ``lintbot`` processes, and a stand-in for GitHub in this one.

The processes are the real command with real settings: real webhooks over HTTP come in, real git
over HTTP is fetched, real linters run in the real sandbox.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from lintbot.standin.drive import Deliveries
from lintbot.standin.faults import Faults
from lintbot.standin.server import StandIn
from lintbot.standin.state import CheckRun, Installation, Repository
from tests.support.github import git, the_key

START_SECONDS = 100.0
STOP_SECONDS = 30.0
CHECK_SECONDS = 60.0
POLL_SECONDS = 0.02

T = TypeVar("T")
_numbers = itertools.count(1)


async def until(condition: Callable[[], object], what: str, seconds: float) -> float:
    """Wait for something that nobody announces; return how long it took."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds, f"not within {seconds:.0f} s: {what}"
        await asyncio.sleep(POLL_SECONDS)
    return time.monotonic() - started


async def until_async(ask: Callable[[], Awaitable[T]], is_it: Callable[[T], bool]) -> None:
    """Wait until the answer to a question is the wanted one."""
    async with asyncio.timeout(CHECK_SECONDS):
        while not is_it(await ask()):  # noqa: ASYNC110  nobody announces it
            await asyncio.sleep(0.1)


@dataclass(eq=False)
class _Awaited:
    """Requests that somebody waits for."""

    pattern: re.Pattern[str]
    left: int
    event: asyncio.Event = field(default_factory=asyncio.Event)

    def see(self, asked: str) -> None:
        if self.pattern.search(asked):
            self.left -= 1
        if self.left <= 0:
            self.event.set()


class WatchedFaults(Faults):
    """Troubles on demand; also tells when a request comes in, before it is answered."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self._awaited: list[_Awaited] = []

    def take(self, method: str, path: str) -> Any:
        asked = f"{method} {path}"
        self.seen.append(asked)
        for awaited in self._awaited:
            awaited.see(asked)
        return super().take(method, path)

    def is_over(self, method: str, path: str) -> bool:
        """Tell whether no trouble waits any more for a request that was named so."""
        return all((it.method, it.path.pattern) != (method, path) for it in self._queue)

    @contextmanager
    def expecting(self, pattern: str, times: int = 1) -> Iterator[asyncio.Event]:
        """Give an event that is set when so many requests like ``PATCH …/check-runs/`` came in."""
        awaited = _Awaited(re.compile(pattern), times)
        self._awaited.append(awaited)
        try:
            yield awaited.event
        finally:
            self._awaited.remove(awaited)


class Running:
    """One process of the real command."""

    def __init__(
        self,
        command: Sequence[str],
        environment: dict[str, str],
        log: Path,
        program: Sequence[str] = ("-m", "lintbot"),
    ) -> None:
        self.log_file = log
        self._began = log.stat().st_size if log.exists() else 0
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, *program, *command],
                cwd=log.parent,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def text(self) -> str:
        """Return what the process has written so far."""
        with self.log_file.open("rb") as file:
            file.seek(self._began)
            return file.read().decode(errors="replace")

    def lines(self) -> list[dict[str, Any]]:
        """Return its log lines."""
        whole = self.text().rpartition("\n")[0].splitlines()
        return [json.loads(line) for line in whole if line.startswith("{")]

    def has_said(self, message: str) -> bool:
        """Tell whether there is a log line with exactly this message."""
        return any(line.get("message") == message for line in self.lines())

    def check_alive(self) -> None:
        """Fail, with the last words, if the process has ended."""
        assert self.process.poll() is None, f"ended with {self.process.returncode}: {self.tail()}"

    def has_children(self) -> bool:
        """Tell whether it has started processes of its own."""
        self.check_alive()
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return any(task.read_text().strip() for task in tasks)

    def tail(self) -> str:
        return self.text()[-3000:]

    def kill(self) -> None:
        """``kill -9``, and nothing else: whatever it started is on its own."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    async def stop(self, seconds: float = STOP_SECONDS) -> tuple[int, float]:
        """Ask it to stop; return its exit status and how long it took."""
        started = time.monotonic()
        self.process.terminate()
        try:
            status = await asyncio.to_thread(self.process.wait, seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"not stopped within {seconds:.0f} s: {self.tail()}") from None
        return status, time.monotonic() - started

    def clear_away(self) -> None:
        """Kill it and whatever of its process group is left."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@dataclass(kw_only=True)
class Deployment:
    """One lintbot, of as many processes as one likes, and its GitHub.

    Attributes:
        folder: for data, logs and repositories; every user may pass through it.
        changes: settings beyond the necessary ones.
    """

    github: StandIn
    faults: WatchedFaults
    folder: Path
    database_url: str
    port: int
    session: aiohttp.ClientSession
    changes: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self, **changes: str) -> dict[str, str]:
        """Return the settings as an operator would write them."""
        app = self.github.app
        kept = {"PATH", "PYTHONPATH", "HOME", "LANG", "TMPDIR", "LINTBOT_SANDBOX"}
        return {
            **{name: value for name, value in os.environ.items() if name in kept},
            "LINTBOT_APP_ID": str(app.id),
            "LINTBOT_CLIENT_ID": app.client_id,
            "LINTBOT_CLIENT_SECRET": app.client_secret,
            "LINTBOT_PRIVATE_KEY": app.private_key,
            "LINTBOT_WEBHOOK_SECRET": app.webhook_secret,
            "LINTBOT_GITHUB_URL": self.github.url,
            "LINTBOT_GITHUB_API_URL": self.github.api_url,
            "LINTBOT_PACKAGE_INDEX_URL": "off",
            "LINTBOT_DATA_DIR": str(self.folder / "data"),
            "LINTBOT_HOST": "127.0.0.1",
            "PORT": str(self.port),
            "DATABASE_URL": self.database_url,
            **self.changes,
            **changes,
        }

    def start(
        self, command: str, *, program: Sequence[str] = ("-m", "lintbot"), **changes: str
    ) -> Running:
        """Start a process; do not wait for anything."""
        log = self.folder / f"{next(_numbers):03d}-{command}.log"
        return Running([command], self.environment(**changes), log, program)

    @asynccontextmanager
    async def running(self, command: str, **changes: str) -> AsyncIterator[Running]:
        """Run ``serve``, ``web`` or ``worker`` while the context lasts; go on when it is up."""
        running = self.start(command, **changes)
        try:
            await self.wait_until_up(running, command)
            yield running
        finally:
            running.clear_away()

    async def wait_until_up(self, running: Running, command: str) -> float:
        """Wait until the process takes webhooks or jobs; return how long it took."""
        signs = {"web": ("listening",), "worker": ("worker started",)}
        wanted = signs.get(command, ("listening", "worker started"))

        def is_up() -> bool:
            running.check_alive()
            return all(map(running.has_said, wanted))

        return await until(is_up, f"{command} says {wanted}", START_SECONDS)

    def migrate(self) -> None:
        """Run ``lintbot migrate``."""
        running = self.start("migrate")
        assert running.process.wait() == 0, running.tail()

    # --- what people do --------------------------------------------------------------------

    async def add_repository(
        self, owner: str, files: dict[str, str | bytes] | None = None
    ) -> tuple[Repository, Installation]:
        """Create an account with a repository, and install the App.

        Args:
            owner: a new account, so that no test disturbs another.
            files: of one commit on ``main``, which nobody is told of; None: no commit.
        """
        assert owner.lower() not in self.github.world.accounts, "taken by another test"
        repository = await self.github.add_repository(owner, "code")
        if files is not None:
            sha = write_commit(repository, files)
            git(repository.path, "update-ref", "refs/heads/main", sha)
        installation, _ = await self.github.install(owner)
        return repository, installation

    async def push(
        self, repository: Repository, sha: str, branch: str = "main", **options: Any
    ) -> Deliveries:
        """Push a commit as people do: ``push`` and ``check_suite`` are delivered."""
        return await self.github.push(repository, branch, sha, **options)

    async def send(self, body: Any, headers: dict[str, str]) -> tuple[int, str, dict[str, str]]:
        """Post something to the webhook; return status, text and headers of the answer."""
        url = f"{self.url}/webhooks/github"
        async with self.session.post(url, data=body, headers=headers) as response:
            return response.status, await response.text(), dict(response.headers)

    async def get(self, path: str) -> tuple[int, str]:
        async with self.session.get(self.url + path) as response:
            return response.status, await response.text()

    async def get_json(self, path: str) -> Any:
        status, text = await self.get(path)
        assert status == 200, text[:500]
        return json.loads(text)

    def head(self, repository: Repository) -> str:
        """Return where ``main`` is."""
        return git(repository.path, "rev-parse", "main")

    # --- what GitHub shows -----------------------------------------------------------------

    def checks(self, repository: Repository, sha: str) -> list[CheckRun]:
        return self.github.world.runs_at(repository, sha)

    def is_checked(self, repository: Repository, sha: str) -> bool:
        runs = self.checks(repository, sha)
        return bool(runs) and all(run.status == "completed" for run in runs)

    async def wait_for_check(
        self, repository: Repository, sha: str, seconds: float = CHECK_SECONDS
    ) -> CheckRun:
        """Return the one completed check run of a commit."""
        await until(
            lambda: self.is_checked(repository, sha),
            f"a completed check run of {repository.name} {sha[:7]}: {self.tails()}",
            seconds,
        )
        (run,) = self.checks(repository, sha)
        return run

    async def check(self, repository: Repository, sha: str) -> CheckRun:
        """Push a commit to main and return its check run.

        A comparison with GitHub may have found the commit before the push is told.
        """
        accepted = await self.push(repository, sha)
        assert accepted[0].succeeded, accepted[0].response_body
        return await self.wait_for_check(repository, sha)

    @contextmanager
    def beside(self, database_url: str, **changes: str) -> Iterator[Deployment]:
        """Give another lintbot on the same GitHub, which has all its webhooks meanwhile."""
        other = replace(
            self, database_url=database_url, port=find_port(), changes={**self.changes, **changes}
        )
        before = self.github.app.hook_url
        self.github.app.hook_url = f"{other.url}/webhooks/github"
        try:
            yield other
        finally:
            self.github.app.hook_url = before

    def tails(self) -> str:
        """Return the end of every log, for the message of a failure."""
        logs = sorted(self.folder.glob("*.log"))[-4:]
        return "\n".join(f"--- {log.name}\n{log.read_text()[-1500:]}" for log in logs)


def count_doubled(run: CheckRun) -> int:
    """Return how many annotations of a check run are there more than once."""
    places = Counter(
        (a["path"], a["start_line"], a.get("start_column"), a["title"], a["message"])
        for a in run.annotations
    )
    return sum(places.values()) - len(places)


@asynccontextmanager
async def open_deployment(
    database_url: str = "", *, faults: WatchedFaults | None = None, **changes: str
) -> AsyncIterator[Deployment]:
    """Open a GitHub of one's own and a place for lintbot; no lintbot process runs yet.

    Args:
        database_url: empty for SQLite in the data folder.
        faults: what troubles its requests; none at first.
        changes: settings beyond the necessary ones.
    """
    with public_folder() as folder:
        faults = WatchedFaults() if faults is None else faults  # an empty one is falsy
        github = StandIn(folder / "github", key=the_key())
        github.faults = faults
        (folder / "github").mkdir()
        async with github, aiohttp.ClientSession() as session:
            port = find_port()
            github.app.hook_url = f"http://127.0.0.1:{port}/webhooks/github"
            yield Deployment(
                github=github,
                faults=faults,
                folder=folder,
                database_url=database_url or f"sqlite:///{folder}/data/lintbot.sqlite",
                port=port,
                session=session,
                changes=changes,
            )


@contextmanager
def public_folder() -> Iterator[Path]:
    """Give a folder that the sandbox's user may pass through, which pytest's own are not."""
    with tempfile.TemporaryDirectory(prefix="lintbot-test-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def find_port() -> int:
    """Return a port to listen on, below those that outgoing connections are given.

    So it is still free when a process that was killed is started again.
    """
    for port in random.SystemRandom().sample(range(20_000, 32_000), 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def write_commit(repository: Repository, files: dict[str, str | bytes], *parents: str) -> str:
    """Write a commit with any files into a bare repository; no branch moves."""
    index = repository.path / f"index-{random.getrandbits(64):x}"
    environment = {**os.environ, "GIT_INDEX_FILE": str(index), "GIT_DIR": str(repository.path)}
    lines = []
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        done = subprocess.run(
            ["git", "hash-object", "-w", "--stdin"],
            env=environment,
            input=data,
            capture_output=True,
            check=True,
        )
        lines.append(f"100644 {done.stdout.decode().strip()}\t{name}\n")
    for arguments in (["update-index", "--add", "--index-info"], ["write-tree"]):
        done = subprocess.run(
            ["git", *arguments],
            env=environment,
            input="".join(lines).encode(),
            capture_output=True,
            check=True,
        )
    index.unlink(missing_ok=True)
    named = [word for parent in parents for word in ("-p", parent)]
    tree = done.stdout.decode().strip()
    return git(repository.path, "commit-tree", tree, *named, "-m", "Write")
