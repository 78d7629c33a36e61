"""A folder of anybody's, made fit to be shown; and a safe place for the linters."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from lintbot.sandbox import tool_cache
from lintbot.sandbox.user_folder import MOST_COPIED_BYTES, copy_folder, is_fit


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "program").write_text("#!")
    (folder / "sub" / "program").chmod(0o700)
    (folder / "file").write_text("text")
    (folder / "link").symlink_to("sub")
    for path in (folder, folder / "sub"):
        path.chmod(0o755)
    return folder


def test_plain_folders_are_fit_as_they_are(source: Path) -> None:
    assert is_fit(source, for_others=False)
    assert not is_fit(source, for_others=True)
    (source / "sub" / "program").chmod(0o755)
    assert is_fit(source, for_others=True)
    (source / "sub").chmod(0o700)
    assert not is_fit(source, for_others=True)


def test_what_leads_out_is_not_fit(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(source / "pipe")
    assert not is_fit(source, for_others=False)
    (source / "pipe").unlink()
    monkeypatch.chdir(source)
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind("socket")
        assert not is_fit(source, for_others=False)


def test_a_copy_is_the_same_and_readable(source: Path, tmp_path: Path) -> None:
    os.mkfifo(source / "pipe")
    copy = tmp_path / "copy"
    copy.mkdir()
    assert copy_folder(source, copy) == []
    assert (copy / "file").read_text() == "text"
    assert (copy / "link").readlink() == Path("sub")
    assert stat.S_ISFIFO((copy / "pipe").lstat().st_mode)
    assert (copy / "pipe").lstat().st_ino != (source / "pipe").lstat().st_ino
    assert (copy / "sub" / "program").stat().st_mode & 0o777 == 0o755
    assert is_fit(copy / "sub", for_others=True)


def test_sockets_and_huge_files_are_left_out_and_named(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (source / "huge").open("wb") as file:
        file.truncate(MOST_COPIED_BYTES + 1)
    monkeypatch.chdir(source)
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind("socket")
    (tmp_path / "copy").mkdir()
    assert set(copy_folder(source, tmp_path / "copy")) == {source / "huge", source / "socket"}


def test_a_cache_that_others_can_change_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    monkeypatch.setattr(tool_cache, "_SYSTEM_CACHE", cache)
    monkeypatch.setattr(tool_cache, "user_cache_path", lambda _: tmp_path)
    monkeypatch.setattr(tool_cache, "is_open", lambda _: True)
    cache = cache if os.geteuid() == 0 else tmp_path / "tools"
    with tool_cache.a_tools_folder() as folder:
        assert folder == cache
    for path in (cache, tmp_path):
        path.chmod(0o777)
        with tool_cache.a_tools_folder() as folder:
            assert folder != cache
        assert not folder.exists()
        path.chmod(0o755)


def test_a_user_without_a_home_gets_a_folder_that_goes_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tool_cache, "_SYSTEM_CACHE", Path("~/none"))
    monkeypatch.setattr(tool_cache, "user_cache_path", lambda _: Path("~/none"))
    with tool_cache.a_tools_folder() as folder:
        assert folder.is_dir()
        assert folder.is_absolute()
    assert not folder.exists()
