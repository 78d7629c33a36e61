"""Which Python is shown to jobs, and what must not be shown along with it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lintbot.sandbox.interpreter import copy_interpreter, find_interpreter, is_open


@pytest.mark.parametrize("place", [".", "python"])
def test_a_python_built_into_the_home_folder_does_not_show_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    home = tmp_path.resolve()
    monkeypatch.setattr("lintbot.sandbox.interpreter.is_open", lambda _: True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr(sys, "base_prefix", str(home / place))
    assert find_interpreter().must_copy == (place == ".")


def test_the_whole_disk_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "base_prefix", "/")
    assert find_interpreter().must_copy


def test_a_copy_holds_what_a_linter_needs(tmp_path: Path) -> None:
    program = copy_interpreter(find_interpreter(), tmp_path)
    assert program.is_file()
    names = {path.name for path in next((tmp_path / "lib").glob("python3*")).iterdir()}
    assert {"os.py", "json", "lib-dynload"} <= names
    assert not {"test", "site-packages", "idlelib"} & names


def test_open_means_for_everybody(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    path.chmod(0o644)
    tmp_path.chmod(0o700)
    assert not is_open(path)
    assert is_open(Path("/usr/bin/env"))
