"""Shell: implements ``ports.Histories``: the last 36 months of a branch, without any contents."""

from __future__ import annotations

import asyncio
import os
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from lintbot.errors import TransientError
from lintbot.git.command import Call, Git, GitError
from lintbot.git.commits import FORMAT, parse_commits, parse_tags
from lintbot.git.folders import hold
from lintbot.git.limits import TreeLimits
from lintbot.git.remote import REMOTE, check_address, explain, last_line, remote_config, secrets_of
from lintbot.model.history import History
from lintbot.model.ids import Sha
from lintbot.ports import GitSource

KEPT_DAYS = 1096
CODE_DAYS = 92
MAX_COMMITS = 100_000
MAX_LOG_BYTES = 64 * 1024 * 1024
_CHUNK = 1024 * 1024
_CODE = tuple(f"*.{end}" for end in ("py", "pyi", "pyx", "c", "h", "cc", "cpp", "rs", "ipynb"))
_REF = "refs/lintbot/history"
_NOTHING_NEWER = "no commits selected"
"""git's word when every commit is older than the day that was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHistories:
    """Fetches commits without contents into mirrors of their own, and reads them.

    A commit fetched without contents would look whole to ``GitTrees``, so its mirrors are
    not used.

    Attributes:
        mirrors: the folder of all mirrors; these are named by id and ``history``.
    """

    git: Git
    mirrors: Path
    limits: TreeLimits = field(default_factory=TreeLimits)

    async def read(
        self, source: GitSource, sha: Sha, now: datetime, mailmap: Path | None = None
    ) -> History:
        """Fetch what is new and return the history; see ``ports.Histories``."""
        mirror = self.mirrors / f"{source.repository_id}.history.git"
        try:
            async with (
                asyncio.timeout(self.git.limits.fetch_seconds),
                hold(mirror, wait_seconds=self.git.limits.lock_seconds),
            ):
                return await self._read(mirror, source, sha, now, mailmap)
        except TimeoutError as error:
            raise TransientError("reading the history took too long") from error
        except GitError as error:
            raise explain(error.stderr, self.git.limits) or TransientError(
                f"git failed: {last_line(error.stderr)}"
            ) from error

    async def _read(
        self, mirror: Path, source: GitSource, sha: Sha, now: datetime, mailmap: Path | None
    ) -> History:
        os.utime(mirror)
        if not (mirror / "HEAD").exists():
            arguments = ("init", "--quiet", "--bare", "--template=", "--initial-branch=none", ".")
            await self.git.run(Call(arguments=arguments, folder=mirror))
        await self._fetch(mirror, source, sha, now)
        remote = self._remote_call(mirror, source, "ls-remote", "--tags", "--", REMOTE, "*[0-9]*")
        tags = parse_tags((await self._print(remote)).decode(errors="replace"))
        config = {"mailmap.file": str(mailmap)} if mailmap is not None else None
        since = f"--since={(now - timedelta(days=KEPT_DAYS)).isoformat()}"
        log = Call(
            arguments=(
                *("log", "-z", "--no-merges", "--use-mailmap", since),
                *(f"--max-count={MAX_COMMITS}", f"--format={FORMAT}", _REF),
            ),
            folder=mirror,
            config=config,
        )
        printed = await self._print(log)
        code = await self._find_code(mirror, now)
        recent = (now - timedelta(days=CODE_DAYS)).date()
        commits = dict(parse_commits(printed, secrets.token_bytes(16)))
        tagged = [commits[commit].day for commit in tags.values() if commit in commits]
        return History(
            commits=tuple(
                replace(it, code=commit in code) if it.day >= recent else it
                for commit, it in commits.items()
            ),
            tags=len(tags),
            newest_tag=max(tagged, default=None),
            whole=not (mirror / "shallow").exists(),
        )

    async def _fetch(self, mirror: Path, source: GitSource, sha: Sha, now: datetime) -> None:
        since = (now - timedelta(days=KEPT_DAYS)).date().isoformat()
        try:
            await self._print(self._fetch_call(mirror, source, sha, f"--shallow-since={since}"))
        except GitError as error:
            if _NOTHING_NEWER not in error.stderr and "shallow info" not in error.stderr:
                raise
            await self._print(self._fetch_call(mirror, source, sha, "--depth=1"))

    def _fetch_call(self, mirror: Path, source: GitSource, sha: Sha, depth: str) -> Call:
        return self._remote_call(
            mirror,
            source,
            *("fetch", "--quiet", depth, "--filter=blob:none", "--no-tags"),
            *("--no-write-fetch-head", "--no-auto-maintenance", "--", REMOTE, f"+{sha}:{_REF}"),
        )

    def _remote_call(self, mirror: Path, source: GitSource, *arguments: str) -> Call:
        return Call(
            arguments=arguments,
            folder=mirror,
            config=remote_config(source, self.limits)
            | {f"remote.{REMOTE}.partialCloneFilter": "blob:none"},
            environment={"GIT_ALLOW_PROTOCOL": check_address(source.url)},
            secrets=secrets_of(source),
        )

    async def _find_code(self, mirror: Path, now: datetime) -> frozenset[str]:
        """Return the commits of the last quarter that change a file of code."""
        since = f"--since={(now - timedelta(days=CODE_DAYS)).isoformat()}"
        call = Call(
            arguments=("log", "--no-merges", "--format=%H", since, _REF, "--", *_CODE),
            folder=mirror,
            environment={"GIT_LITERAL_PATHSPECS": "0"},
        )
        return frozenset((await self._print(call)).decode("ascii", errors="replace").split())

    async def _print(self, call: Call) -> bytes:
        """Return what git prints, up to a limit; more kills it."""
        printed = bytearray()
        async with self.git.stream(call) as stdout:
            while len(printed) < MAX_LOG_BYTES and (chunk := await stdout.read(_CHUNK)):
                printed += chunk
        return bytes(printed)
