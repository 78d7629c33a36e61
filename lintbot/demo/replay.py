"""Shell: pushes commits through the stand-in for GitHub and waits for their check runs."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path

from lintbot.demo.sample import SAMPLE
from lintbot.errors import UserError
from lintbot.git.history import (
    Commit,
    clone_bare,
    current_branch,
    init_repository,
    is_repository,
    last_commits,
)
from lintbot.standin import git
from lintbot.standin.server import StandIn
from lintbot.standin.state import CheckRun, Repository

OWNER = "demo"
_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What is replayed.

    Attributes:
        note: something the person should know; else empty.
    """

    path: Path
    name: str
    branch: str
    commits: tuple[Commit, ...]
    note: str = ""


def find_source(path: Path | None, pushes: int, folder: Path) -> Source:
    """Choose the repository: the one that is asked for, the current one, or the sample.

    Raises:
        UserError: the path that was asked for is no git repository.
    """
    place = (path or Path.cwd()).absolute()
    if not place.is_dir():
        raise UserError(f"{place} is not a folder: give the path of a git repository")
    if not is_repository(place):
        note = f"{place} is not a git repository, so this is the bundled sample project."
        return _sample(pushes, folder, note if path else "")
    commits = last_commits(place, pushes)
    if not commits:
        note = f"{place} has no commits yet, so this is the bundled sample project."
        return _sample(pushes, folder, note)
    name = re.sub(r"[^A-Za-z0-9._-]", "-", place.name) or "repository"
    return Source(path=place, name=name, branch=current_branch(place), commits=commits)


def _sample(pushes: int, folder: Path, note: str) -> Source:
    path = folder / "sample"
    init_repository(path, tuple((c.subject, c.files) for c in SAMPLE))
    commits = last_commits(path, pushes)
    return Source(path=path, name="bookshelf", branch="main", commits=commits, note=note)


async def host(github: StandIn, source: Source, folder: Path) -> Repository:
    """Put the repository on the stand-in, as it was before the first push."""
    bare = folder / "hosted.git"
    await asyncio.to_thread(clone_bare, source.path, bare)
    repository = await github.add_repository(OWNER, source.name, bare, default_branch=source.branch)
    before = source.commits[0].parent or git.ZERO
    await git.set_ref(bare, f"refs/heads/{source.branch}", before)
    await github.install(OWNER, [repository])
    return repository


async def push(github: StandIn, repository: Repository, branch: str, commit: Commit) -> None:
    """Push one commit: signed webhooks over HTTP.

    Raises:
        UserError: lintbot did not accept one of them.
    """
    for delivered in await github.push(repository, branch, commit.sha):
        if not delivered.succeeded:
            answer = delivered.status_code or "nothing"
            raise UserError(f"lintbot answered {answer} to a webhook: see the log above")


async def wait_for_check(
    github: StandIn, repository: Repository, commit: Commit, timeout_seconds: float
) -> CheckRun | None:
    """Return the commit's completed check run; None if it did not complete in time."""
    try:
        async with asyncio.timeout(timeout_seconds):
            while True:
                runs = github.world.runs_at(repository, commit.sha)
                if runs and runs[0].status == "completed":
                    return runs[0]
                await asyncio.sleep(_POLL_SECONDS)
    except TimeoutError:
        return None
