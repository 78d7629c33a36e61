from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from lintbot.errors import GoneError, LimitError, PermanentError, TransientError
from lintbot.git.history import init_repository, last_commits
from lintbot.git.layout import TreeLimits, is_dot_git, refuse_path
from lintbot.git.trees import GitTrees, MirrorLimits
from lintbot.model.ids import RepositoryId, Sha
from lintbot.ports import GitSource
from lintbot.standin.git_http import GitHttp

TOKEN = "ghs_" + "t" * 40


def git(path: Path, *arguments: str, stdin: str = "") -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=path, input=stdin, capture_output=True, text=True, check=True
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
        return Sha(
            git(
                self.work,
                "-c",
                "user.name=x",
                "-c",
                "user.email=x@x",
                "commit-tree",
                tree,
                "-m",
                "x",
            )
        )

    def blob(self, text: str) -> str:
        return git(self.work, "hash-object", "-w", "--stdin", stdin=text)


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[Host]:
    host = Host(tmp_path / "host")
    app = web.Application()
    app.add_routes(host.git.routes())
    async with TestServer(app) as server:
        host.url = str(server.make_url("")).rstrip("/")
        yield host


@pytest.fixture
def trees(tmp_path: Path) -> GitTrees:
    trees = GitTrees(mirrors=tmp_path / "mirrors", jobs=tmp_path / "jobs")
    trees.sweep()
    return trees


async def test_commit_is_laid_out_and_removed(host: Host, trees: GitTrees):
    async with trees.checkout(host.source(), host.head) as checkout:
        assert checkout.files == ("a.py", "pkg/b.py")
        assert (checkout.root / "pkg/b.py").read_text() == "y = 2\n"
        assert sorted(p.name for p in checkout.root.iterdir()) == ["a.py", "pkg"]
        root = checkout.root
    assert not root.exists()
    assert list(trees.jobs.iterdir()) == []


async def test_second_push_transfers_only_what_is_new(host: Host, trees: GitTrees):
    big = "\n".join(f"n{i} = {i * 7919 % 104729}" for i in range(20_000))
    init = {"big.py": big}
    for name, text in init.items():
        (host.work / name).write_text(text)
    git(host.work, "add", "-A")
    git(host.work, "-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "big")
    async with trees.checkout(host.source(), host.head):
        first = host.git.bytes_sent
    (host.work / "a.py").write_text("x = 2\n")
    git(host.work, "-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qam", "small")
    async with trees.checkout(host.source(), host.head) as checkout:
        assert (checkout.root / "a.py").read_text() == "x = 2\n"
        assert (checkout.root / "big.py").read_text() == big
    assert host.git.bytes_sent - first < first / 20


async def test_known_commit_needs_no_transfer(host: Host, trees: GitTrees):
    async with trees.checkout(host.source(), host.head):
        sent = host.git.bytes_sent
    async with trees.checkout(host.source(token="expired"), host.head) as checkout:
        assert checkout.files == ("a.py", "pkg/b.py")
    assert host.git.bytes_sent == sent


async def test_links_submodules_and_git_folders_are_left_out_and_named(host: Host, trees: GitTrees):
    blob, inner = host.blob("text\n"), host.blob("/etc/passwd")
    hidden = git(host.work, "mktree", stdin=f"100644 blob {blob}\tconfig\n")
    sha = host.commit_tree(
        f"100644 blob {blob}\tgood.py\n"
        f"120000 blob {inner}\tlink\n"
        f"160000 commit {'1' * 40}\tsub\n"
        f"040000 tree {hidden}\t.git\n"
        f"040000 tree {hidden}\t.GiT \n"
        f"040000 tree {hidden}\tgit~1\n"
        f"040000 tree {hidden}\t..\n"
        f"100644 blob {blob}\tback\\slash.py\n"
        f"100644 blob {blob}\t\x1b[31mred.py\n"
    )
    async with trees.checkout(host.source(), sha) as checkout:
        assert checkout.files == ("good.py",)
        assert [p.name for p in checkout.root.iterdir()] == ["good.py"]
        assert set(checkout.skipped) == {
            "Left out: 1 × submodules.",
            "Left out: 1 × symbolic links.",
            "Left out: 1 × names with control characters or broken encoding.",
            "Left out: 5 × names that are unsafe on some file system.",
        }


async def test_attributes_change_nothing(host: Host, trees: GitTrees, tmp_path: Path):
    mark = tmp_path / "ran"
    attributes = "* filter=evil text eol=crlf ident export-subst\na.py export-ignore\n"
    (host.work / ".gitattributes").write_text(attributes)
    (host.work / "a.py").write_text("x = '$Format:%H$ $Id$'\n")
    git(host.work, "config", "filter.evil.smudge", f"touch {mark}")
    git(host.work, "add", "-A")
    git(host.work, "-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "x")
    async with trees.checkout(host.source(), host.head) as checkout:
        assert (checkout.root / "a.py").read_bytes() == b"x = '$Format:%H$ $Id$'\n"
    assert not mark.exists()


@pytest.mark.parametrize(
    ("limits", "words"),
    [(TreeLimits(files=1), "2 files"), (TreeLimits(total_bytes=1), "files are 0 MiB")],
)
async def test_too_large_a_tree_is_refused_with_a_reason(
    host: Host, tmp_path: Path, limits: TreeLimits, words: str
):
    trees = GitTrees(mirrors=tmp_path / "m", jobs=tmp_path / "j", tree=limits)
    trees.sweep()
    with pytest.raises(LimitError, match=words):
        async with trees.checkout(host.source(), host.head):
            pass


async def test_one_huge_file_is_left_out_and_named(host: Host, tmp_path: Path):
    trees = GitTrees(mirrors=tmp_path / "m", jobs=tmp_path / "j", tree=TreeLimits(file_bytes=1))
    trees.sweep()
    async with trees.checkout(host.source(), host.head) as checkout:
        assert checkout.files == ()
        assert checkout.skipped == ("Left out: 2 × files over 0 MiB.",)


async def test_errors_are_told_apart_and_hold_no_token(host: Host, trees: GitTrees):
    cases = [
        (host.source(name="me/other"), host.head, GoneError),
        (host.source(), Sha("1" * 40), PermanentError),
        (
            GitSource(repository_id=RepositoryId(8), url="http://127.0.0.1:9/a/b.git", token=TOKEN),
            host.head,
            TransientError,
        ),
        (
            GitSource(repository_id=RepositoryId(9), url="http://example.org/a.git", token=TOKEN),
            host.head,
            PermanentError,
        ),
    ]
    for source, sha, kind in cases:
        with pytest.raises(kind) as caught:
            async with trees.checkout(source, sha):
                pass
        assert TOKEN not in str(caught.value)


async def test_token_is_in_no_file_of_the_mirror(host: Host, trees: GitTrees):
    async with trees.checkout(host.source(), host.head):
        pass
    for file in trees.mirrors.rglob("*"):
        assert not file.is_file() or TOKEN.encode() not in file.read_bytes()


async def test_renamed_repository_is_followed(host: Host, trees: GitTrees):
    async with trees.checkout(host.source(name="old/name"), host.head) as checkout:
        assert checkout.files == ("a.py", "pkg/b.py")


async def test_broken_mirror_is_fetched_anew(host: Host, trees: GitTrees):
    async with trees.checkout(host.source(), host.head):
        pass
    for pack in trees.mirrors.rglob("objects/**/*"):
        if pack.is_file():
            pack.chmod(0o644)
            pack.write_bytes(b"broken")
    (host.work / "c.py").write_text("")
    git(host.work, "add", "-A")
    git(host.work, "-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "x")
    async with trees.checkout(host.source(), host.head) as checkout:
        assert "c.py" in checkout.files


def test_prune_removes_the_least_used_first(tmp_path: Path):
    trees = GitTrees(
        mirrors=tmp_path / "m", jobs=tmp_path / "j", limits=MirrorLimits(total_bytes=150)
    )
    trees.sweep()
    for number, name in enumerate(("1.git", "2.git")):
        (trees.mirrors / name).mkdir()
        (trees.mirrors / name / "pack").write_bytes(b"x" * 100)
        import os
        import time

        os.utime(trees.mirrors / name, (time.time() - 100 + number,) * 2)
    trees.prune()
    assert [m.name for m in trees.mirrors.glob("*.git")] == ["2.git"]


def test_sweep_removes_what_a_dead_process_left(trees: GitTrees):
    (trees.jobs / "left" / "deep").mkdir(parents=True)
    trees.sweep()
    assert list(trees.jobs.iterdir()) == []


@pytest.mark.parametrize(
    "name", [".git", ".GIT", ".git ", ".git.", ".g\u200cit", "git~1", ".git::$DATA"]
)
def test_every_spelling_of_dot_git(name: str):
    assert is_dot_git(name)


def test_paths_too_long_and_too_deep():
    assert refuse_path("a/" * 61 + "b", TreeLimits()) == "paths too deep"
    assert refuse_path("a" * 256, TreeLimits()) == "paths too long"
    assert refuse_path("a/b.py", TreeLimits()) == ""
