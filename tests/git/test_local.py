from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from lintbot.errors import LimitError, UserError
from lintbot.git.command import Git, find_git
from lintbot.git.history import init_repository, last_commits
from lintbot.git.limits import TreeLimits
from lintbot.git.local import LocalFolder


def git(path: Path, *arguments: str) -> str:
    me = ("-c", "user.name=x", "-c", "user.email=x@x")
    return subprocess.run(
        ["git", *me, *arguments], cwd=path, capture_output=True, text=True, check=True
    ).stdout.strip()


def a_folder(path: Path, tmp_path: Path, limits: TreeLimits | None = None) -> LocalFolder:
    program = Git(find_git(os.environ), environ=os.environ, trusts_user=True)
    jobs = tmp_path / "jobs"
    return LocalFolder(git=program, path=path, jobs=jobs, limits=limits or TreeLimits())


@pytest.fixture
def work(tmp_path: Path) -> Path:
    work = tmp_path / "work"
    files = {"a.py": "x = 1\n", "pkg/b.py": "y = 2\n", ".gitignore": "ignored.py\n"}
    init_repository(work, (("one", files), ("two", {"a.py": "x = 2\n"})))
    return work


async def test_tracked_files_are_laid_out_as_they_are_on_disk(work: Path, tmp_path: Path):
    (work / "a.py").write_text("x = 3\n")
    (work / "pkg/b.py").unlink()
    async with a_folder(work, tmp_path).lay(None) as checkout:
        assert checkout.files == (".gitignore", "a.py")
        assert (checkout.root / "a.py").read_text() == "x = 3\n"
        assert checkout.skipped == ()
    assert not checkout.root.exists()


async def test_untracked_files_that_matter_are_named(work: Path, tmp_path: Path):
    for name in ("new.py", "ignored.py", "notes.txt", ".flake8"):
        (work / name).write_text("")
    async with a_folder(work, tmp_path).lay(None) as checkout:
        assert "new.py" not in checkout.files
        note = "Left out: 2 files that git does not track (.flake8, new.py); "
        assert checkout.skipped == (note + "`git add` them to have them judged.",)


async def test_links_and_pipes_are_never_followed(work: Path, tmp_path: Path):
    (work / "link.py").symlink_to("/etc/passwd")
    (work / "folder").symlink_to("/etc")
    git(work, "add", "-A")
    (work / "a.py").unlink()
    os.mkfifo(work / "a.py")
    async with a_folder(work, tmp_path).lay(None) as checkout:
        assert checkout.files == (".gitignore", "pkg/b.py")
        assert checkout.skipped == (
            "Left out: 1 special files (a.py).",
            "Left out: 2 symbolic links (folder, link.py).",
        )


async def test_a_folder_above_that_became_a_link_is_not_followed(work: Path, tmp_path: Path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "b.py").write_text("secret = 1\n")
    (work / "pkg" / "b.py").unlink()
    (work / "pkg").rmdir()
    (work / "pkg").symlink_to(tmp_path / "elsewhere")
    async with a_folder(work, tmp_path).lay(None) as checkout:
        assert "pkg/b.py" not in checkout.files


async def test_a_commit_is_laid_out_as_it_was(work: Path, tmp_path: Path):
    (work / "a.py").write_text("x = 3\n")
    first = last_commits(work, 2)[0]
    async with a_folder(work, tmp_path).lay(first.sha) as checkout:
        assert (checkout.root / "a.py").read_text() == "x = 1\n"
        assert checkout.files == (".gitignore", "a.py", "pkg/b.py")


async def test_the_base_is_where_both_parted(work: Path, tmp_path: Path):
    first, second = last_commits(work, 2)
    git(work, "checkout", "-qb", "side", first.sha)
    git(work, "commit", "-q", "--allow-empty", "-m", "three")
    folder = a_folder(work, tmp_path)
    assert await folder.resolve_base("main") == first.sha
    assert await folder.resolve_base(second.sha) == first.sha


@pytest.mark.parametrize("revision", ["nothing", "--output=x", "", "a b", "HEAD~99"])
async def test_a_base_that_does_not_exist(work: Path, tmp_path: Path, revision: str):
    with pytest.raises(UserError, match="give a commit or branch"):
        await a_folder(work, tmp_path).resolve_base(revision)


async def test_a_base_outside_of_git(tmp_path: Path):
    (tmp_path / "plain").mkdir()
    with pytest.raises(UserError, match="needs a git repository"):
        await a_folder(tmp_path / "plain", tmp_path).resolve_base("main")


async def test_a_folder_inside_of_a_repository_means_all_of_it(work: Path, tmp_path: Path):
    async with a_folder(work / "pkg", tmp_path).lay(None) as checkout:
        assert checkout.files == (".gitignore", "a.py", "pkg/b.py")
        assert checkout.skipped[0].startswith("Judged is the whole repository")


async def test_a_plain_folder_but_for_virtual_environments(tmp_path: Path):
    plain = tmp_path / "plain"
    for name in ("a.py", "pkg/b.py", ".venv/pyvenv.cfg", ".venv/lib/x.py", ".git/hooks/x.py"):
        (plain / name).parent.mkdir(parents=True, exist_ok=True)
        (plain / name).write_text("")
    async with a_folder(plain, tmp_path).lay(None) as checkout:
        assert checkout.files == ("a.py", "pkg/b.py")


async def test_no_folder_at_all(tmp_path: Path):
    with pytest.raises(UserError, match="is not a folder"):
        async with a_folder(tmp_path / "nowhere", tmp_path).lay(None):
            pass


async def test_a_bare_repository_has_no_files(tmp_path: Path):
    bare = tmp_path / "bare.git"
    bare.mkdir()
    git(bare, "init", "-q", "--bare")
    with pytest.raises(UserError, match="git does not read"):
        async with a_folder(bare, tmp_path).lay(None):
            pass


async def test_limits_hold_here_too(work: Path, tmp_path: Path):
    with pytest.raises(LimitError, match="more than 2 files"):
        async with a_folder(work, tmp_path, TreeLimits(files=2)).lay(None):
            pass
