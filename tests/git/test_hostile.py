"""Repositories that attack git itself: each ends in a clear word, and nothing is left behind."""

from __future__ import annotations

import hashlib
import os
import subprocess
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from lintbot.errors import LimitError
from lintbot.git.command import Git, find_git
from lintbot.git.history import init_repository
from lintbot.git.limits import MIB, GitLimits, TreeLimits
from lintbot.git.trees import GitTrees
from lintbot.model.ids import RepositoryId, Sha
from lintbot.ports import GitSource
from lintbot.standin.git_http import GitHttp

MODULES = '[submodule "x"]\n\tpath = x\n\turl = ext::sh -c "touch PWNED"\n\tupdate = !touch PWNED\n'


def git(path: Path, *arguments: str, stdin: str | bytes = "") -> str:
    data = stdin if isinstance(stdin, bytes) else stdin.encode()
    me = ("-c", "user.name=x", "-c", "user.email=x@x")
    return (
        subprocess.run(
            ["git", *me, *arguments], cwd=path, input=data, capture_output=True, check=True
        )
        .stdout.decode()
        .strip()
    )


class Attacker:
    """A repository whose trees are written object by object, on a server of the attacker's."""

    def __init__(self, folder: Path) -> None:
        self.work = folder / "work"
        init_repository(self.work, (("one", {"a.py": "x = 1\n"}),))
        self.http = GitHttp(lambda _name, _token: self.work / ".git")
        self.url = ""

    def blob(self, data: str | bytes) -> str:
        return git(self.work, "hash-object", "-w", "--stdin", stdin=data)

    def tree(self, listing: str) -> str:
        return git(self.work, "mktree", "--missing", stdin=listing)

    def commit(self, listing: str) -> Sha:
        return Sha(git(self.work, "commit-tree", self.tree(listing), "-m", "x"))

    def raw_commit(self, tree: bytes) -> Sha:
        """Commit a tree object that git itself would refuse to write."""
        name = git(
            self.work, "hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=tree
        )
        return Sha(git(self.work, "commit-tree", name, "-m", "x"))

    @property
    def source(self) -> GitSource:
        return GitSource(repository_id=RepositoryId(1), url=f"{self.url}/a/b.git", token="t" * 40)


@pytest.fixture
async def attacker(tmp_path: Path) -> AsyncIterator[Attacker]:
    attacker = Attacker(tmp_path)
    app = web.Application()
    app.add_routes(attacker.http.routes())
    async with TestServer(app) as server:
        attacker.url = str(server.make_url("")).rstrip("/")
        yield attacker


def trees_in(
    folder: Path, *, tree: TreeLimits | None = None, limits: GitLimits | None = None
) -> GitTrees:
    return GitTrees(
        git=Git(find_git(os.environ), environ=os.environ, limits=limits),
        mirrors=folder / "mirrors",
        jobs=folder / "jobs",
        tree_limits=tree or TreeLimits(),
    )


async def lay(trees: GitTrees, attacker: Attacker, sha: Sha) -> tuple[tuple[str, ...], list[str]]:
    async with trees.checkout(attacker.source, sha) as checkout:
        found = [str(p.relative_to(checkout.root)) for p in sorted(checkout.root.rglob("*"))]
        assert all(p.is_file() or p.is_dir() for p in checkout.root.rglob("*"))
        assert not any(p.is_symlink() for p in checkout.root.rglob("*"))
        files, skipped = checkout.files, list(checkout.skipped)
        assert {name for name in found if name in files} == set(files)
    assert list(trees.jobs.iterdir()) == []
    return files, skipped


async def test_submodules_are_never_fetched(attacker: Attacker, tmp_path: Path):
    modules = attacker.blob(MODULES)
    sha = attacker.commit(f"100644 blob {modules}\t.gitmodules\n160000 commit {'2' * 40}\tx\n")
    files, skipped = await lay(trees_in(tmp_path), attacker, sha)
    assert files == (".gitmodules",)
    assert skipped == ["Left out: 1 submodules (x)."]
    assert not list(tmp_path.rglob("PWNED"))


async def test_hooks_and_configuration_in_a_tree_are_only_files(attacker: Attacker, tmp_path: Path):
    config = attacker.blob("[core]\n\tfsmonitor = touch PWNED\n\thooksPath = hooks\n")
    hook = attacker.blob("#!/bin/sh\ntouch PWNED\n")
    hooks = attacker.tree(
        f"100755 blob {hook}\tpost-checkout\n100755 blob {hook}\treference-transaction\n"
    )
    bare = attacker.tree(
        f"100644 blob {config}\tconfig\n100644 blob {attacker.blob('ref: refs/heads/x')}\tHEAD\n"
        f"040000 tree {hooks}\thooks\n040000 tree {attacker.tree('')}\tobjects\n"
        f"040000 tree {attacker.tree('')}\trefs\n"
    )
    sha = attacker.commit(f"040000 tree {bare}\tbare.git\n040000 tree {hooks}\thooks\n")
    files, _ = await lay(trees_in(tmp_path), attacker, sha)
    assert "bare.git/config" in files
    assert "hooks/post-checkout" in files
    assert not list(tmp_path.rglob("PWNED"))


async def test_names_that_differ_by_case_or_normal_form_are_two_files(
    attacker: Attacker, tmp_path: Path
):
    one, two = attacker.blob("one"), attacker.blob("two")
    names = ("a.py", "A.py", "\u00e9.py", "e\u0301.py")
    listing = "".join(
        f"100644 blob {blob}\t{name}\n" for name, blob in zip(names, (one, two) * 2, strict=True)
    )
    files, _ = await lay(trees_in(tmp_path), attacker, attacker.commit(listing))
    assert set(files) == set(names)


async def test_a_tree_that_names_a_path_twice(attacker: Attacker, tmp_path: Path):
    blob = bytes.fromhex(attacker.blob("x = 1\n"))
    link = bytes.fromhex(attacker.blob("/etc"))
    inner = bytes.fromhex(attacker.tree(f"100644 blob {attacker.blob('y')}\tpasswd\n"))
    tree = b"120000 a\0" + link + b"40000 a\0" + inner + b"100644 b.py\0" + blob
    tree += b"100644 b.py\0" + link
    files, skipped = await lay(trees_in(tmp_path), attacker, attacker.raw_commit(tree))
    assert files == ("a/passwd", "b.py")
    assert len(skipped) == 2


async def test_entries_that_are_not_what_they_say(attacker: Attacker, tmp_path: Path):
    blob = bytes.fromhex(attacker.blob("x = 1\n"))
    tree = bytes.fromhex(attacker.tree(f"100644 blob {attacker.blob('y')}\tf\n"))
    raw = b"100644 a.py\0" + blob + b"100644 tree.py\0" + tree + b"60000 device\0" + blob
    raw += b"100644 \xff.py\0" + blob
    files, skipped = await lay(trees_in(tmp_path), attacker, attacker.raw_commit(raw))
    assert files == ("a.py",)
    assert len(skipped) == 3


async def test_a_hundred_thousand_files(attacker: Attacker, tmp_path: Path):
    blob = attacker.blob("")
    listing = "".join(f"100644 blob {blob}\tf{n:06}.py\n" for n in range(100_000))
    with pytest.raises(LimitError, match="more than 50,000 files"):
        await lay(trees_in(tmp_path), attacker, attacker.commit(listing))


def write_nested_trees(repository: Path, blob: str, depth: int) -> str:
    """Write a file under so many folders, object by object; return the outermost tree."""
    name, entry = bytes.fromhex(blob), b"100644 f\0"
    for _ in range(depth):
        body = entry + name
        data = b"tree %d\0" % len(body) + body
        digest = hashlib.sha1(data)
        name, entry = digest.digest(), b"40000 d\0"
        path = repository / ".git" / "objects" / digest.hexdigest()[:2] / digest.hexdigest()[2:]
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(zlib.compress(data))
    return name.hex()


async def test_a_tree_a_thousand_folders_deep(attacker: Attacker, tmp_path: Path):
    tree = write_nested_trees(attacker.work, attacker.blob("x"), 1000)
    sha = attacker.commit(f"040000 tree {tree}\td\n")
    with pytest.raises(LimitError, match="longer than 1,024 bytes"):
        await lay(trees_in(tmp_path), attacker, sha)


async def test_a_bomb_of_zeros_from_a_server_without_filters(attacker: Attacker, tmp_path: Path):
    attacker.http.filters = False
    zeros = attacker.blob(bytes(150 * MIB))
    sha = attacker.commit(f"100644 blob {zeros}\tbomb.py\n100644 blob {attacker.blob('x')}\ta.py\n")
    files, skipped = await lay(trees_in(tmp_path), attacker, sha)
    assert files == ("a.py",)
    assert skipped == ["Left out: 1 files larger than 5 MiB (bomb.py)."]
    assert attacker.http.bytes_sent < 2 * MIB


async def test_a_pack_that_never_ends_is_cut_off(attacker: Attacker, tmp_path: Path):
    attacker.http.filters = False
    noise = [attacker.blob(os.urandom(2 * MIB)) for _ in range(6)]
    sha = attacker.commit("".join(f"100644 blob {b}\tn{i}\n" for i, b in enumerate(noise)))
    with pytest.raises(LimitError, match="more than 4 MiB"):
        await lay(trees_in(tmp_path, limits=GitLimits(pack_bytes=4 * MIB)), attacker, sha)
    assert not list((tmp_path / "mirrors").rglob("*.pack"))
    files, _ = await lay(trees_in(tmp_path), attacker, sha)
    assert len(files) == 6
