"""Shell: implements ``ports.Trees``: a bare mirror per repository, a plain folder per commit."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lintbot.errors import LimitError, TransientError
from lintbot.git.command import Call, Git, GitError
from lintbot.git.folders import hold, job_folder, remove, remove_dead, try_hold
from lintbot.git.layout import Objects, read_changed, read_plan, write_plan
from lintbot.git.limits import MirrorLimits, TreeLimits
from lintbot.git.plan import Plan
from lintbot.git.remote import (
    REMOTE,
    check_address,
    explain,
    last_line,
    remote_config,
    secrets_of,
)
from lintbot.model.ids import RepositoryId, Sha
from lintbot.ports import Checkout, GitSource

_REFS = "refs/lintbot"
"""One ref a commit that is here whole; a second push tells GitHub of them and gets what is new."""
_HALF_WRITTEN = ("*.lock", f"{_REFS}/*.lock", "objects/pack/tmp_*", "objects/*incoming-*")


@dataclass(frozen=True, slots=True, kw_only=True)
class GitTrees:
    """Fetches commits by sha and lays them out.

    Attributes:
        mirrors: folder of the bare mirrors, named by the repository's numeric id.
        jobs: folder of the checkouts; the sandbox shows nothing else to a job.
    """

    git: Git
    mirrors: Path
    jobs: Path
    tree_limits: TreeLimits = field(default_factory=TreeLimits)
    mirror_limits: MirrorLimits = field(default_factory=MirrorLimits)

    def sweep(self) -> int:
        """Remove checkouts that a dead process left; return how many. Blocking."""
        return remove_dead(self.jobs)

    @asynccontextmanager
    async def checkout(self, source: GitSource, sha: Sha) -> AsyncIterator[Checkout]:
        """Fetch one commit (only what is new) and lay it out; see ``ports.Trees``."""
        async with job_folder(self.jobs) as root:
            plan = await self._lay_out(source, sha, root)
            files = tuple(file.path for file in plan.files)
            yield Checkout(root=root, files=files, skipped=plan.skipped)

    async def _lay_out(self, source: GitSource, sha: Sha, root: Path) -> Plan:
        mirror = self._mirror(source.repository_id)
        seconds = self.git.limits.lock_seconds
        # Held until the files are written: nobody may prune what is being read.
        async with hold(mirror, wait_seconds=seconds) as fd:
            is_old = await self._prepare(mirror)
            try:
                return await self._fetch_and_write(mirror, source, sha, root, fd)
            except GitError as error:
                if not is_old:
                    raise TransientError(f"git failed: {last_line(error.stderr)}") from error
            # Whatever broke the mirror, a new one is one shallow fetch away.
            await asyncio.to_thread(_empty, mirror)
            await asyncio.to_thread(_empty, root)
            await self._init(mirror)
            try:
                return await self._fetch_and_write(mirror, source, sha, root, fd)
            except GitError as error:
                raise TransientError(f"git failed: {last_line(error.stderr)}") from error

    def _mirror(self, repository_id: RepositoryId) -> Path:
        return self.mirrors / f"{repository_id}.git"

    async def _prepare(self, mirror: Path) -> bool:
        """Make the mirror usable; tell whether it held something before."""
        os.utime(mirror)
        known = await asyncio.to_thread(_count, mirror / _REFS)
        if known >= self.mirror_limits.commits:
            await asyncio.to_thread(_empty, mirror)
        elif known:
            return True
        if not (mirror / "HEAD").exists():
            await self._init(mirror)
        return False

    async def _init(self, mirror: Path) -> None:
        arguments = ("init", "--quiet", "--bare", "--template=", "--initial-branch=none", ".")
        await self.git.run(Call(arguments=arguments, folder=mirror))

    async def _fetch_and_write(
        self, mirror: Path, source: GitSource, sha: Sha, root: Path, fd: int
    ) -> Plan:
        if not (mirror / _REFS / sha).exists():
            await self._fetch(mirror, source, sha, fd)
        objects = Objects(git=self.git, folder=mirror)
        try:
            async with asyncio.timeout(self.git.limits.read_seconds):
                plan = await read_plan(objects, sha, self.tree_limits)
                await write_plan(objects, plan, root)
        except TimeoutError as error:
            seconds = self.git.limits.read_seconds
            raise LimitError(
                f"Laying this commit out takes more than {seconds:g} s, lintbot's limit."
            ) from error
        return plan

    async def find_changed(self, source: GitSource, base: Sha, head: Sha) -> frozenset[str]:
        """Return the paths that differ between two commits; see ``ports.Trees``."""
        mirror = self._mirror(source.repository_id)
        async with hold(mirror, wait_seconds=self.git.limits.lock_seconds) as fd:
            await self._prepare(mirror)
            try:
                for sha in (base, head):
                    if not (mirror / _REFS / sha).exists():
                        await self._fetch(mirror, source, sha, fd)
                objects = Objects(git=self.git, folder=mirror)
                async with asyncio.timeout(self.git.limits.read_seconds):
                    return await read_changed(objects, base, head, self.tree_limits)
            except (GitError, TimeoutError) as error:
                raise TransientError(f"git cannot compare two commits: {error}") from error

    async def _fetch(self, mirror: Path, source: GitSource, sha: Sha, fd: int) -> None:
        protocol = check_address(source.url)
        await asyncio.to_thread(_remove_half_written, mirror)
        call = Call(
            arguments=(
                *("fetch", "--quiet", "--depth=1", "--no-tags", "--no-write-fetch-head"),
                *("--no-auto-maintenance", "--", REMOTE, f"{sha}:{_REFS}/{sha}"),
            ),
            folder=mirror,
            config=remote_config(source, self.tree_limits),
            environment={"GIT_ALLOW_PROTOCOL": protocol},
            secrets=secrets_of(source),
            # Should lintbot die, git holds the mirror until it has ended too.
            keep_open=(fd,),
        )
        seconds = self.git.limits.fetch_seconds
        try:
            async with asyncio.timeout(seconds):
                await self.git.run(call)
        except TimeoutError as error:
            raise TransientError(f"git fetch took more than {seconds:g} s") from error
        except GitError as error:
            raise explain(error.stderr, self.git.limits) or error from error

    def list_repositories(self) -> frozenset[RepositoryId]:
        """Return of which repositories there is code on this machine. Blocking."""
        names = (path.name.partition(".")[0] for path in self.mirrors.glob("*.git"))
        return frozenset(RepositoryId(int(name)) for name in names if name.isdecimal())

    def forget(self, ids: Iterable[RepositoryId]) -> None:
        """Remove mirrors, but for those in use: ask again later. Blocking."""
        # Of contents, and of the history without any (``histories.py``).
        for mirror in [path for id_ in ids for path in self.mirrors.glob(f"{id_}.*git")]:
            with try_hold(mirror) as fd:
                if fd is not None:
                    remove(mirror)

    def prune(self) -> None:
        """Remove mirrors unused for long, then the least used until all fit. Blocking."""
        if not self.mirrors.is_dir():
            return
        mirrors = sorted(self.mirrors.glob("*.git"), key=lambda path: path.stat().st_mtime)
        sizes = {mirror: _measure(mirror) for mirror in mirrors}
        total = sum(sizes.values())
        oldest = time.time() - self.mirror_limits.unused_seconds
        for mirror in mirrors:
            is_unused = mirror.stat().st_mtime < oldest
            if not is_unused and total <= self.mirror_limits.total_bytes:
                break
            with try_hold(mirror) as fd:
                if fd is not None:
                    remove(mirror)
                    total -= sizes[mirror]


def _count(folder: Path) -> int:
    return sum(1 for _ in folder.iterdir()) if folder.is_dir() else 0


def _empty(folder: Path) -> None:
    """Remove all that is in a folder, but not the folder: somebody may hold it."""
    for child in folder.iterdir():
        if child.is_dir() and not child.is_symlink():
            remove(child)
        else:
            child.unlink()


def _remove_half_written(mirror: Path) -> None:
    """Remove what a killed git left; nobody else writes here, for we hold the mirror."""
    for pattern in _HALF_WRITTEN:
        for path in mirror.glob(pattern):
            if path.is_dir():
                remove(path)
            else:
                path.unlink(missing_ok=True)


def _measure(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
