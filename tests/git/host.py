"""A git host with one repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

from lintbot.git.history import init_repository, last_commits
from lintbot.model.ids import RepositoryId, Sha
from lintbot.ports import GitSource
from lintbot.standin.git_http import GitHttp

TOKEN = "ghs_" + "t" * 40


ME = ("-c", "user.name=x", "-c", "user.email=x@x")


def git(path: Path, *arguments: str, stdin: str = "") -> str:
    done = subprocess.run(
        ["git", *ME, *arguments], cwd=path, input=stdin, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


class Host:
    """A git host with one repository, on a real port."""

    def __init__(self, folder: Path) -> None:
        self.work = folder / "work"
        init_repository(self.work, (("one", {"a.py": "x = 1\n", "pkg/b.py": "y = 2\n"}),))
        self.git = GitHttp(self.authorise)
        self.url = ""

    def authorise(self, name: str, token: str | None) -> Path | str | None:
        if name == "old/name":
            return "/me/repo"
        return self.work / ".git" if (name, token) == ("me/repo", TOKEN) else None

    def source(self, name: str = "me/repo", token: str = TOKEN) -> GitSource:
        return GitSource(repository_id=RepositoryId(7), url=f"{self.url}/{name}.git", token=token)

    @property
    def head(self) -> Sha:
        return last_commits(self.work, 1)[0].sha

    def commit_tree(self, listing: str) -> Sha:
        """Commit any tree at all, as ``mktree`` takes it."""
        tree = git(self.work, "mktree", "--missing", stdin=listing)
        return Sha(git(self.work, "commit-tree", tree, "-m", "x"))

    def commit(self, files: dict[str, str | bytes]) -> Sha:
        """Write files and commit everything."""
        for name, text in files.items():
            path = self.work / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        git(self.work, "add", "-A")
        git(self.work, "commit", "-qm", "x")
        return self.head

    def blob(self, text: str) -> str:
        return git(self.work, "hash-object", "-w", "--stdin", stdin=text)
