"""Shell: tools in the versions that repositories pin: prepared aside, kept, bounded in number."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import subprocess
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lintbot.errors import SandboxUnavailableError, ToolSetError
from lintbot.model.known_tools import Kit, is_known
from lintbot.ports import ToolSet
from lintbot.sandbox.interpreter import Interpreter, find_interpreter
from lintbot.sandbox.pip import install
from lintbot.sandbox.toolenv import Libraries, ToolEnvironment, build, digest_of, open_environment

_log = logging.getLogger(__name__)

MAX_SETS = 40
"""Kept on disk; the one that was not used for longest goes first."""
YOUNG_SECONDS = 3600.0
"""One that was used since then may be in use by another worker, and stays: twice as long as a
server waits for jobs (``set_servers.IDLE_SECONDS``)."""
MAX_WAITING = 8
"""Preparations under way or waiting; one is made at a time."""
FAILED_SECONDS = 1800.0
"""How long a failure is remembered before the index is asked again."""
_PREFIX = "set-"
_VERSIONS = "versions.json"

Check = Callable[[str, Kit], Awaitable[None]]
"""Run a built set's tool in the sandbox; raises ToolSetError if it does not work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    reason: str
    at: float


class PreparedSets:
    """Implements ``ports.ToolSets`` on a folder."""

    def __init__(self, folder: Path, *, index_url: str, check: Check) -> None:
        self._folder = folder
        self._index_url = index_url
        self._check = check
        self._one_at_a_time = asyncio.Lock()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._failures: dict[str, _Failure] = {}
        self._interpreter: Interpreter | None = None
        self._pip: subprocess.Popen[bytes] | None = None

    async def find(self, kit: Kit, wait_seconds: float) -> ToolSet:
        """Return a prepared tool set; prepare it in the background if there is none.

        Raises:
            ToolSetError: it is not there (yet); the text is one plain sentence.
        """
        if not is_known(kit):
            raise ToolSetError(f"lintbot does not know {', '.join(kit)[:100]}")
        key = self._key(kit)
        if not self._is_ready(key):
            await self._prepare(key, kit, wait_seconds)
        path = self._folder / key
        try:
            await asyncio.to_thread(os.utime, path)
            versions = json.loads((path / _VERSIONS).read_text())
        except FileNotFoundError as error:  # another worker made room just now
            raise ToolSetError("it was removed") from error
        asked = {it.partition("==")[0] for it in kit}
        return ToolSet(key=key, versions={k: v for k, v in versions.items() if k in asked})

    def open(self, key: str) -> ToolEnvironment:
        """Return a prepared set's environment, to run from.

        Raises:
            ToolSetError: there is none of that key.
        """
        root = self._folder / key
        if not key.startswith(_PREFIX) or not root.is_dir():
            raise ToolSetError("it was removed")
        return open_environment(root, self._python(), {})

    async def aclose(self) -> None:
        """Give up what is being prepared."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if self._pip is not None and self._pip.poll() is None:
            self._pip.kill()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _python(self) -> Interpreter:
        if self._interpreter is None:
            self._interpreter = find_interpreter()
        return self._interpreter

    def _key(self, kit: Kit) -> str:
        return _PREFIX + digest_of(kit, self._python())

    def _is_ready(self, key: str) -> bool:
        return (self._folder / key / _VERSIONS).is_file()

    async def _prepare(self, key: str, kit: Kit, wait_seconds: float) -> None:
        failure = self._failures.get(key)
        if failure is not None and time.monotonic() - failure.at < FAILED_SECONDS:
            raise ToolSetError(failure.reason)
        task = self._tasks.get(key)
        if task is None:
            if len(self._tasks) >= MAX_WAITING:
                raise ToolSetError("too many other versions are being prepared")
            task = asyncio.create_task(self._build(key, kit))
            self._tasks[key] = task
            task.add_done_callback(lambda _: self._tasks.pop(key, None))
        await asyncio.wait({task}, timeout=wait_seconds)
        if not task.done():
            raise ToolSetError("it is being prepared and will be there for a later run")
        if key in self._failures:
            raise ToolSetError(self._failures[key].reason)

    async def _build(self, key: str, kit: Kit) -> None:
        async with self._one_at_a_time:
            self._failures.pop(key, None)
            try:
                await asyncio.to_thread(self._make_room)
                versions = await asyncio.to_thread(self._install, key, kit)
                await self._check(key, kit)
                await asyncio.to_thread(self._open_for_use, key, versions)
            except Exception as error:  # noqa: BLE001  # the lint run goes on with the server's own
                expected = isinstance(error, ToolSetError | SandboxUnavailableError | OSError)
                _log.warning("no tool set %s: %s", " ".join(kit), error, exc_info=not expected)
                reason = str(error) if isinstance(error, ToolSetError) else "it did not work here"
                self._failures[key] = _Failure(reason=reason, at=time.monotonic())
                if not self._is_ready(key):  # else another worker made it
                    await asyncio.to_thread(shutil.rmtree, self._folder / key, ignore_errors=True)

    def _install(self, key: str, kit: Kit) -> dict[str, str]:
        """Build a set; return the version of everything in it."""
        versions: dict[str, str] = {}

        def fill(aside: Path) -> Libraries:
            found = install(
                kit,
                aside,
                index_url=self._index_url,
                on_start=self._remember,
            )
            versions.update({name: it.version for name, it in found.items()})
            return {"lib": found}

        build(self._folder / key, self._python(), fill)
        return versions

    def _remember(self, process: subprocess.Popen[bytes]) -> None:
        self._pip = process

    def _open_for_use(self, key: str, versions: dict[str, str]) -> None:
        aside = self._folder / key / f".{_VERSIONS}"
        aside.write_text(json.dumps(versions))
        aside.rename(self._folder / key / _VERSIONS)

    def _make_room(self) -> None:
        """Remove what dead processes left, and when there are many, the least used sets.

        Raises:
            ToolSetError: there are as many as may be, and all of them are in use.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        for path in self._folder.glob(f".{_PREFIX}*"):
            if time.time() - path.stat().st_mtime > YOUNG_SECONDS:
                shutil.rmtree(path, ignore_errors=True)
        used = {path: path.stat().st_mtime for path in self._folder.glob(f"{_PREFIX}*")}
        oldest = sorted(used, key=lambda path: used[path])
        for path in oldest[: max(0, len(used) - MAX_SETS + 1)]:
            if time.time() - used[path] < YOUNG_SECONDS:
                raise ToolSetError("this server holds as many versions ready as it may")
            with suppress(OSError):
                aside = path.with_name(f".{path.name}")
                path.rename(aside)
                shutil.rmtree(aside)
