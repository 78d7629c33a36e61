"""Shell: the history of a local repository, to replay it or to make a small one."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lintbot.errors import UserError
from lintbot.model.ids import Sha, parse_sha


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One commit of a history, with its first parent (None for a root) and subject."""

    sha: Sha
    parent: Sha | None
    subject: str


def is_repository(path: Path) -> bool:
    """Tell whether a folder is in a git repository (a work tree or a bare one).

    Raises:
        UserError: it is one, but git does not trust its owner.
    """
    done = _git(path, "rev-parse", "--git-dir", check=False)
    if "dubious ownership" in done.stderr:
        raise UserError(f"git does not trust {path}: {done.stderr.strip()}")
    return done.returncode == 0


def current_branch(path: Path) -> str:
    """Return the branch that HEAD is on; ``main`` when it is on none."""
    return _git(path, "symbolic-ref", "--short", "-q", "HEAD", check=False).stdout.strip() or "main"


def last_commits(path: Path, count: int) -> tuple[Commit, ...]:
    """Return the last commits of HEAD along first parents, oldest first; empty without commits."""
    if _git(path, "rev-parse", "-q", "--verify", "HEAD^{commit}", check=False).returncode != 0:
        return ()
    log = _git(path, "log", f"-{count}", "--first-parent", "--format=%H%x00%P%x00%s", "HEAD")
    return tuple(_commit(line) for line in reversed(log.stdout.splitlines()) if line)


def _commit(line: str) -> Commit:
    sha, parents, subject = line.split("\0", 2)
    first = parents.split(" ")[0]
    return Commit(sha=parse_sha(sha), parent=parse_sha(first) if first else None, subject=subject)


def clone_bare(path: Path, bare: Path) -> None:
    """Copy a local repository to a bare one (objects are shared by hard links where possible).

    Raises:
        UserError: git refuses; its own words say why.
    """
    _git(path, "clone", "-q", "--bare", "--no-tags", "--", str(path.absolute()), str(bare))


def init_repository(path: Path, commits: tuple[tuple[str, dict[str, str]], ...]) -> None:
    """Make a repository with these commits: subjects, and the files that each writes."""
    path.mkdir(parents=True)
    _git(path, "init", "-q", "-b", "main", ".")
    for subject, files in commits:
        for name, text in files.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_text(text, encoding="utf-8")
        _git(path, "add", "-A")
        _git(path, "commit", "-q", "--allow-empty", "-m", subject)


def _git(path: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    if not path.is_dir():
        raise UserError(f"{path} is not a folder: give the path of a git repository")
    identity = {"NAME": "lintbot", "EMAIL": "lintbot@localhost"}
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in identity.items()
    }
    done = subprocess.run(  # noqa: S603  a fixed program, no shell
        ["git", "-c", "commit.gpgSign=false", "-c", "core.hooksPath=/dev/null", *arguments],  # noqa: S607  git is found on PATH
        cwd=path,
        env=env,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if check and done.returncode != 0:
        raise UserError(f"git {arguments[0]} failed in {path}: {done.stderr.strip()}")
    return done
