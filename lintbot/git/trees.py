"""Shell: implements ``ports.Trees``: a bare mirror per repository, a plain folder per commit."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import secrets
import shutil
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lintbot.errors import LintbotError, TransientError
from lintbot.git.command import GitLimits, git_environment, run_git, token_config
from lintbot.git.layout import TreeLimits, list_tree, write_tree
from lintbot.model.ids import RepositoryId, Sha
from lintbot.ports import Checkout, GitSource

_LOCK_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorLimits:
    """How much room mirrors may take together, and how long an unused one stays."""

    total_bytes: int = 10 * 1024**3
    age_seconds: float = 30 * 86400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GitTrees:
    """Fetches commits by sha and lays them out.

    Attributes:
        mirrors: folder of the bare mirrors, named by the repository's numeric id.
        jobs: folder of the checkouts; the sandbox shows nothing else to a job.
    """

    mirrors: Path
    jobs: Path
    git: GitLimits = field(default_factory=GitLimits)
    tree: TreeLimits = field(default_factory=TreeLimits)
    limits: MirrorLimits = field(default_factory=MirrorLimits)
    _locks: defaultdict[RepositoryId, asyncio.Lock] = field(
        default_factory=lambda: defaultdict(asyncio.Lock)
    )

    def sweep(self) -> None:
        """Remove checkouts that a dead process left, and make the folders.

        A live process holds a lock on the folder's ``.lock`` file beside it.
        """
        self.mirrors.mkdir(parents=True, exist_ok=True)
        self.jobs.mkdir(parents=True, exist_ok=True)
        self.jobs.chmod(0o755)
        for folder in self.jobs.iterdir():
            if folder.is_dir() and not _is_held(_lock_file(folder)):
                shutil.rmtree(folder, ignore_errors=True)
                _lock_file(folder).unlink(missing_ok=True)

    @contextlib.asynccontextmanager
    async def checkout(self, source: GitSource, sha: Sha) -> AsyncIterator[Checkout]:
        """Fetch one commit (only what is new) and lay it out; see ``ports.Trees``."""
        mirror = self.mirrors / f"{source.repository_id}.git"
        async with self._locks[source.repository_id], _held(mirror.with_suffix(".lock")):
            await self._fetch(mirror, source, sha)
            os.utime(mirror)
        async with _folder(self.jobs) as root:
            env = git_environment()
            entries, skipped = await list_tree(mirror, sha, env=env, git=self.git, limits=self.tree)
            await write_tree(mirror, root, entries, env=env, git=self.git)
            files = tuple(sorted(entry.path for entry in entries))
            yield Checkout(root=root, files=files, skipped=describe_skipped(skipped))

    async def _fetch(self, mirror: Path, source: GitSource, sha: Sha) -> None:
        if not (mirror / "HEAD").exists():
            await self._init(mirror)
        env = git_environment()
        if await self._has(mirror, sha):
            return
        try:
            await self._fetch_once(mirror, source, sha)
        except TransientError:
            if await self._is_sound(mirror):
                raise
            shutil.rmtree(mirror, ignore_errors=True)
            await self._init(mirror)
            await self._fetch_once(mirror, source, sha)
        await run_git(mirror, "update-ref", f"refs/lintbot/{sha}", sha, env=env, limits=self.git)

    async def _fetch_once(self, mirror: Path, source: GitSource, sha: Sha) -> None:
        for stale in (*mirror.glob("*.lock"), *mirror.glob("objects/pack/tmp_*")):
            stale.unlink(missing_ok=True)
        await run_git(
            mirror,
            "fetch",
            "--quiet",
            "--depth=1",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-auto-maintenance",
            source.url,
            sha,
            env=git_environment(token_config(source)),
            limits=self.git,
        )

    async def _init(self, mirror: Path) -> None:
        self.mirrors.mkdir(parents=True, exist_ok=True)
        env = git_environment()
        arguments = ("init", "--quiet", "--bare", "--template=", str(mirror))
        await run_git(self.mirrors, *arguments, env=env, limits=self.git)

    async def _has(self, mirror: Path, sha: Sha) -> bool:
        # The ref is written after the fetch is whole, so it stands for "all objects are here".
        ref = f"refs/lintbot/{sha}"
        out = await run_git(mirror, "for-each-ref", ref, env=git_environment(), limits=self.git)
        return bool(out)

    async def _is_sound(self, mirror: Path) -> bool:
        try:
            arguments = ("rev-list", "--objects", "--all", "--quiet")
            await run_git(mirror, *arguments, env=git_environment(), limits=self.git)
        except LintbotError:
            return False
        return True

    def prune(self) -> None:
        """Remove mirrors that were not used for long, then the least used until all fit."""
        mirrors = sorted(self.mirrors.glob("*.git"), key=lambda m: m.stat().st_mtime)
        sizes = {m: sum(f.stat().st_size for f in m.rglob("*") if f.is_file()) for m in mirrors}
        total = sum(sizes.values())
        for mirror in mirrors:
            old = time.time() - mirror.stat().st_mtime > self.limits.age_seconds
            if not old and total <= self.limits.total_bytes:
                continue
            with contextlib.suppress(BlockingIOError), _hold(mirror.with_suffix(".lock")):
                shutil.rmtree(mirror, ignore_errors=True)
                total -= sizes[mirror]


def describe_skipped(skipped: Counter[str]) -> tuple[str, ...]:
    """Return one plain sentence for each kind of entry that was left out."""
    return tuple(f"Left out: {count} × {reason}." for reason, count in sorted(skipped.items()))


@contextlib.asynccontextmanager
async def _folder(jobs: Path) -> AsyncIterator[Path]:
    root = jobs / secrets.token_hex(16)
    with _hold(_lock_file(root)):
        root.mkdir(mode=0o755)
        try:
            yield root
        finally:
            await asyncio.to_thread(shutil.rmtree, root, ignore_errors=True)
            _lock_file(root).unlink(missing_ok=True)


def _lock_file(folder: Path) -> Path:
    return folder.parent / f"{folder.name}.lock"


@contextlib.contextmanager
def _hold(path: Path) -> Iterator[None]:
    """Hold a file's lock, which ends with this process however it ends.

    Raises:
        BlockingIOError: somebody else holds it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


@contextlib.asynccontextmanager
async def _held(path: Path) -> AsyncIterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        while True:
            try:
                stack.enter_context(_hold(path))
                break
            except BlockingIOError:
                await asyncio.sleep(_LOCK_POLL_SECONDS)
        yield


def _is_held(path: Path) -> bool:
    try:
        with _hold(path):
            return False
    except BlockingIOError:
        return True
