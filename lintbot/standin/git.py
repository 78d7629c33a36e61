"""Shell: what the stand-in asks of its bare repositories."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ZERO: Final = "0" * 40

_ENVIRONMENT: Final = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "safe.directory",
    "GIT_CONFIG_VALUE_0": "*",
    "LC_ALL": "C",
}


class GitFailedError(Exception):
    """git ended with an error; the text is its last words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One commit as GitHub describes it.

    Attributes:
        timestamp: of the committer, ISO 8601 with an offset.
        added: paths; so are ``removed`` and ``modified``. Empty for a merge.
    """

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: tuple[str, str]
    committer: tuple[str, str]
    timestamp: str
    message: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()


async def run_git(path: Path, *arguments: str) -> str:
    """Run git in a bare repository and return what it prints.

    Raises:
        GitFailedError: its status is not 0.
    """
    process = await asyncio.create_subprocess_exec(
        *("git", "--git-dir", str(path), *arguments),
        env={"PATH": os.environ.get("PATH", os.defpath), **_ENVIRONMENT},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    if process.returncode != 0:
        raise GitFailedError(err.decode(errors="replace").strip()[-300:])
    return out.decode(errors="replace")


async def init_bare(path: Path) -> None:
    """Make an empty bare repository."""
    path.mkdir(parents=True, exist_ok=True)
    await run_git(path, "init", "--quiet", "--bare", "--template=", "--initial-branch=main")


async def resolve(path: Path, name: str) -> str | None:
    """Return the commit that a sha, branch, tag or ref names; None if there is none."""
    guesses = () if name.startswith("refs/") else (f"refs/heads/{name}", f"refs/tags/{name}")
    for candidate in (name, *guesses):
        try:
            sha = await run_git(
                path,
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                f"{candidate}^{{commit}}",
            )
        except GitFailedError:
            continue
        return sha.strip()
    return None


async def branches(path: Path) -> dict[str, str]:
    """Return every branch with its commit, in the order of their names."""
    out = await run_git(
        path, "for-each-ref", "--format=%(objectname) %(refname:strip=2)", "refs/heads"
    )
    pairs = (line.split(" ", 1) for line in out.splitlines())
    return {name: sha for sha, name in pairs}


async def set_ref(path: Path, ref: str, sha: str) -> None:
    """Create or move a ref, or delete it when the sha is all zeros."""
    if sha == ZERO:
        await run_git(path, "update-ref", "-d", ref)
    else:
        await run_git(path, "update-ref", ref, sha)


async def fetch(path: Path, source: Path, sha: str, ref: str) -> None:
    """Take a commit over from another repository on this disk."""
    await run_git(
        path,
        *("-c", "uploadpack.allowAnySHA1InWant=true", "fetch", "--quiet", "--no-tags"),
        *("--upload-pack", "git -c uploadpack.allowAnySHA1InWant=true upload-pack"),
        *(str(source), f"+{sha}:{ref}"),
    )


async def merge_base(path: Path, first: str, second: str) -> str | None:
    """Return where two commits parted; None if they share nothing."""
    try:
        return (await run_git(path, "merge-base", first, second)).strip()
    except GitFailedError:
        return None


async def is_ancestor(path: Path, first: str, second: str) -> bool:
    """Tell whether the second commit has the first in its past."""
    return await merge_base(path, first, second) == first


async def count(path: Path, span: str) -> int:
    """Return how many commits a range like ``a..b`` holds."""
    return int(await run_git(path, "rev-list", "--count", "--end-of-options", span))


_RECORD: Final = "%x1e%H%x1f%T%x1f%P%x1f%an%x1f%ae%x1f%cn%x1f%ce%x1f%cI%x1f%B%x1f"


async def log(path: Path, *span: str, limit: int = 2048) -> list[Commit]:
    """Return the commits of a range with the files that they touch, newest first."""
    out = await run_git(
        path,
        "log",
        f"-{limit}",
        f"--format={_RECORD}",
        "--name-status",
        "-z",
        "--no-renames",
        *span,
        "--",
    )
    return [_commit(record) for record in out.split("\x1e")[1:]]


async def read_commit(path: Path, sha: str) -> Commit:
    """Return one commit."""
    return (await log(path, sha, limit=1))[0]


def _commit(record: str) -> Commit:
    sha, tree, parents, an, ae, cn, ce, timestamp, message, files = record.split("\x1f", 9)
    words = [word for word in files.replace("\n", "").split("\0") if word]
    changes = list(zip(words[::2], words[1::2], strict=False))
    return Commit(
        sha=sha,
        tree=tree,
        parents=tuple(parents.split()),
        author=(an, ae),
        committer=(cn, ce),
        timestamp=timestamp,
        message=message.strip("\n"),
        added=tuple(name for letter, name in changes if letter == "A"),
        removed=tuple(name for letter, name in changes if letter == "D"),
        modified=tuple(name for letter, name in changes if letter not in "AD"),
    )
