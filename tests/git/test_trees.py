from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from lintbot.errors import GoneError, LimitError, PermanentError, TransientError
from lintbot.git.command import Git, find_git
from lintbot.git.folders import hold
from lintbot.git.limits import GitLimits, MirrorLimits, TreeLimits
from lintbot.git.trees import GitTrees
from lintbot.model.ids import RepositoryId, Sha
from lintbot.ports import GitSource
from tests.git.host import TOKEN, Host, git


def make_trees(
    folder: Path,
    *,
    tree: TreeLimits | None = None,
    mirror: MirrorLimits | None = None,
    limits: GitLimits | None = None,
) -> GitTrees:
    trees = GitTrees(
        git=Git(find_git(os.environ), environ=os.environ, limits=limits),
        mirrors=folder / "mirrors",
        jobs=folder / "jobs",
        tree_limits=tree or TreeLimits(),
        mirror_limits=mirror or MirrorLimits(),
    )
    trees.sweep()
    return trees


@pytest.fixture
def trees(tmp_path: Path) -> GitTrees:
    return make_trees(tmp_path)


async def test_commit_is_laid_out_and_removed(host: Host, trees: GitTrees):
    async with trees.checkout(host.source(), host.head) as checkout:
        assert checkout.files == ("a.py", "pkg/b.py")
        assert (checkout.root / "pkg/b.py").read_text() == "y = 2\n"
        assert sorted(p.name for p in checkout.root.iterdir()) == ["a.py", "pkg"]
        root = checkout.root
    assert not root.exists()
    assert list(trees.jobs.iterdir()) == []


async def test_the_sandboxs_user_can_read_a_checkout_whatever_the_umask_is(
    host: Host, trees: GitTrees
):
    before = os.umask(0o077)
    try:
        async with trees.checkout(host.source(), host.head) as checkout:
            paths = (checkout.root, checkout.root / "pkg", checkout.root / "a.py")
            assert [path.stat().st_mode & 0o777 for path in paths] == [0o755, 0o755, 0o644]
    finally:
        os.umask(before)


async def test_second_push_transfers_only_what_is_new(host: Host, trees: GitTrees):
    big = "\n".join(f"n{i} = {i * 7919 % 104729}" for i in range(20_000))
    host.commit({"big.py": big})
    async with trees.checkout(host.source(), host.head):
        first = host.git.bytes_sent
    host.commit({"a.py": "x = 2\n"})
    async with trees.checkout(host.source(), host.head) as checkout:
        assert (checkout.root / "a.py").read_text() == "x = 2\n"
        assert (checkout.root / "big.py").read_text() == big
    assert host.git.bytes_sent - first < first / 20


async def test_an_older_commit_can_follow_a_newer_one(host: Host, trees: GitTrees):
    before = host.head
    after = host.commit({"a.py": "x = 2\n"})
    for sha, text in ((after, "x = 2\n"), (before, "x = 1\n"), (after, "x = 2\n")):
        async with trees.checkout(host.source(), sha) as checkout:
            assert (checkout.root / "a.py").read_text() == text


async def test_known_commit_needs_no_transfer(host: Host, trees: GitTrees):
    async with trees.checkout(host.source(), host.head):
        sent = host.git.bytes_sent
    async with trees.checkout(host.source(token="expired"), host.head) as checkout:
        assert checkout.files == ("a.py", "pkg/b.py")
    assert host.git.bytes_sent == sent


async def test_files_that_differ_between_two_commits(host: Host, trees: GitTrees):
    base = host.head
    git(host.work, "mv", "a.py", "c.py")
    head = host.commit({"pkg/ü.py": "z = 3\n"})
    assert await trees.find_changed(host.source(), base, head) == {"a.py", "c.py", "pkg/ü.py"}
    assert await trees.find_changed(host.source(), head, head) == frozenset()
    with pytest.raises(PermanentError):
        await trees.find_changed(host.source(), Sha("1" * 40), head)


async def test_too_many_files_that_differ_are_refused(host: Host, tmp_path: Path):
    base, head = host.head, host.commit({f"{n}.py": "" for n in range(9)})
    trees = make_trees(tmp_path, tree=TreeLimits(files=5))
    with pytest.raises(LimitError):
        await trees.find_changed(host.source(), base, head)


async def test_a_mirror_with_many_commits_is_begun_anew(host: Host, tmp_path: Path):
    trees = make_trees(tmp_path, mirror=MirrorLimits(commits=2))
    for number in range(5):
        sha = host.commit({"a.py": f"x = {number}\n"})
        async with trees.checkout(host.source(), sha) as checkout:
            assert (checkout.root / "a.py").read_text() == f"x = {number}\n"
        assert len(list(trees.mirrors.glob("*/refs/lintbot/*"))) in {1, 2}


async def test_links_submodules_and_git_folders_are_left_out_and_named(host: Host, trees: GitTrees):
    blob, inner = host.blob("text\n"), host.blob("/etc/passwd")
    gits = ".GiT /config, .git/config, git~1/config"
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
            "Left out: 1 symbolic links (link).",
            "Left out: 1 submodules (sub).",
            "Left out: 1 files at a path that leads out of its folder (../config).",
            f"Left out: 3 files at a path that a disk may take for .git ({gits}).",
            "Left out: 1 files at a path with a backslash (back\\slash.py).",
            "Left out: 1 files at a path with control characters (\\x1b[31mred.py).",
        }


async def test_attributes_change_nothing(host: Host, trees: GitTrees, tmp_path: Path):
    mark = tmp_path / "ran"
    attributes = "* filter=evil text eol=crlf ident export-subst\na.py export-ignore\n"
    git(host.work, "config", "filter.evil.smudge", f"touch {mark}")
    host.commit({".gitattributes": attributes, "a.py": "x = '$Format:%H$ $Id$'\n"})
    async with trees.checkout(host.source(), host.head) as checkout:
        assert (checkout.root / "a.py").read_bytes() == b"x = '$Format:%H$ $Id$'\n"
    assert not mark.exists()


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (TreeLimits(files=1), "more than 1 files"),
        (TreeLimits(tree_bytes=1), "take 12 bytes together"),
        (TreeLimits(path_bytes=5), "longer than 5 bytes"),
        (TreeLimits(depth=0), "deeper than 0 folders"),
    ],
)
async def test_too_large_a_tree_is_refused_with_a_reason(
    host: Host, tmp_path: Path, limits: TreeLimits, words: str
):
    trees = make_trees(tmp_path, tree=limits)
    with pytest.raises(LimitError, match=words):
        async with trees.checkout(host.source(), host.head):
            pass


async def test_a_huge_file_is_left_out_named_and_not_even_fetched(host: Host, tmp_path: Path):
    trees = make_trees(tmp_path, tree=TreeLimits(file_bytes=1000))
    host.commit({"huge.bin": os.urandom(3_000_000), "edge.py": "#" * 1000})
    async with trees.checkout(host.source(), host.head) as checkout:
        assert checkout.files == ("a.py", "edge.py", "pkg/b.py")
        assert checkout.skipped == ("Left out: 1 files larger than 1,000 bytes (huge.bin).",)
    assert host.git.bytes_sent < 100_000


async def test_a_tree_that_holds_itself_many_times_is_refused_at_once(host: Host, tmp_path: Path):
    trees = make_trees(tmp_path, tree=TreeLimits(files=2000))
    entry = f"100644 blob {host.blob('x')}"
    for _ in range(12):
        listing = "".join(f"{entry}\t{name}\n" for name in "abcdefgh")
        entry = "040000 tree " + git(host.work, "mktree", stdin=listing)
    sha = host.commit_tree(f"{entry}\troot\n")
    with pytest.raises(LimitError, match="more than 2,000 files"):
        async with trees.checkout(host.source(), sha):
            pass


async def test_a_pack_over_the_limit_is_refused_with_a_reason(host: Host, tmp_path: Path):
    trees = make_trees(tmp_path, limits=GitLimits(pack_bytes=200_000))
    host.commit({f"{name}.bin": os.urandom(100_000) for name in "abcdef"})
    with pytest.raises(LimitError, match="more than"):
        async with trees.checkout(host.source(), host.head):
            pass


async def test_a_slow_fetch_is_given_up_and_killed(host: Host, tmp_path: Path):
    trees = make_trees(tmp_path, limits=GitLimits(fetch_seconds=0.001))
    with pytest.raises(TransientError, match=r"more than 0\.001 s"):
        async with trees.checkout(host.source(), host.head):
            pass


async def test_errors_are_told_apart_and_hold_no_token(host: Host, trees: GitTrees):
    def at(url: str, number: int) -> GitSource:
        return GitSource(repository_id=RepositoryId(number), url=url, token=TOKEN)

    cases = [
        (host.source(name="me/other"), host.head, GoneError),
        (host.source(), Sha("1" * 40), PermanentError),
        (at("http://127.0.0.1:9/a/b.git", 8), host.head, TransientError),
        (at("http://example.org/a.git", 9), host.head, PermanentError),
        (at("ext::sh -c true", 10), host.head, PermanentError),
        (at("file:///etc", 11), host.head, PermanentError),
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


@pytest.mark.parametrize("is_new_commit", [True, False])
async def test_broken_mirror_is_fetched_anew(host: Host, trees: GitTrees, is_new_commit: bool):
    async with trees.checkout(host.source(), host.head):
        pass
    for pack in trees.mirrors.rglob("objects/**/*"):
        if pack.is_file():
            pack.chmod(0o644)
            pack.write_bytes(b"broken")
    if is_new_commit:
        host.commit({"c.py": ""})
    async with trees.checkout(host.source(), host.head) as checkout:
        assert ("c.py" in checkout.files) is is_new_commit
        assert (checkout.root / "a.py").read_text() == "x = 1\n"


async def test_what_a_killed_git_left_is_in_nobodys_way(host: Host, trees: GitTrees):
    async with trees.checkout(host.source(), host.head):
        pass
    mirror = trees.mirrors / "7.git"
    (mirror / "shallow.lock").touch()
    (mirror / "objects" / "pack" / "tmp_pack_x").touch()
    sha = host.commit({"a.py": "x = 3\n"})
    (mirror / "refs" / "lintbot" / f"{sha}.lock").touch()
    async with trees.checkout(host.source(), sha) as checkout:
        assert (checkout.root / "a.py").read_text() == "x = 3\n"
    assert not list(mirror.rglob("*.lock")) + list(mirror.rglob("tmp_*"))


def a_mirror(trees: GitTrees, name: str, *, unused_seconds: float) -> Path:
    mirror = trees.mirrors / name
    mirror.mkdir(parents=True)
    (mirror / "pack").write_bytes(b"x" * 100)
    os.utime(mirror, (time.time() - unused_seconds,) * 2)
    return mirror


def test_prune_removes_the_least_used_first(tmp_path: Path):
    trees = make_trees(tmp_path, mirror=MirrorLimits(total_bytes=150))
    old = a_mirror(trees, "1.git", unused_seconds=100)
    new = a_mirror(trees, "2.git", unused_seconds=99)
    trees.prune()
    assert (old.exists(), new.exists()) == (False, True)


def test_prune_removes_what_nobody_used_for_long(tmp_path: Path):
    trees = make_trees(tmp_path, mirror=MirrorLimits(unused_seconds=1000))
    old = a_mirror(trees, "1.git", unused_seconds=1001)
    new = a_mirror(trees, "2.git", unused_seconds=900)
    trees.prune()
    assert (old.exists(), new.exists()) == (False, True)


async def test_prune_leaves_what_is_being_read(tmp_path: Path):
    trees = make_trees(tmp_path, mirror=MirrorLimits(total_bytes=1))
    mirror = a_mirror(trees, "1.git", unused_seconds=0)
    async with hold(mirror, wait_seconds=1):
        trees.prune()
        assert mirror.exists()
    trees.prune()
    assert not mirror.exists()


async def test_mirrors_are_forgotten_but_not_while_they_are_read(tmp_path: Path):
    trees = make_trees(tmp_path)
    assert trees.list_repositories() == frozenset()
    mirrors = [a_mirror(trees, name, unused_seconds=0) for name in ("1.git", "2.git")]
    assert trees.list_repositories() == {1, 2}
    async with hold(mirrors[1], wait_seconds=1):
        trees.forget(trees.list_repositories())
        assert trees.list_repositories() == {2}
    trees.forget([RepositoryId(2), RepositoryId(3)])
    assert trees.list_repositories() == frozenset()


def test_prune_before_the_first_fetch_does_nothing(trees: GitTrees):
    trees.prune()


async def test_a_mirror_held_for_too_long_is_waited_for_in_vain(host: Host, tmp_path: Path):
    trees = make_trees(tmp_path, limits=GitLimits(lock_seconds=0.2))
    async with hold(trees.mirrors / "7.git", wait_seconds=1):
        with pytest.raises(TransientError, match="another checkout"):
            async with trees.checkout(host.source(), host.head):
                pass


def test_sweep_removes_what_a_dead_process_left(trees: GitTrees):
    (trees.jobs / "left" / "deep").mkdir(parents=True)
    assert trees.sweep() == 1
    assert list(trees.jobs.iterdir()) == []


async def test_sweep_leaves_what_a_living_process_holds(host: Host, trees: GitTrees):
    async with trees.checkout(host.source(), host.head) as checkout:
        assert trees.sweep() == 0
        assert checkout.root.exists()
