"""bubblewrap's arguments: what is never among them, and what comes last."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintbot.sandbox import bwrap
from lintbot.sandbox.bwrap import build_arguments

CHECKOUTS = Path("/data/jobs")
FOLDERS = st.lists(
    st.text("abc-_ é", min_size=1, max_size=8).filter(lambda name: name.strip()),
    min_size=1,
    max_size=5,
).map(lambda parts: Path("/srv", *parts))


def _build(**changes: object) -> list[str]:
    options = {
        "as_root": False,
        "environment": {"PATH": "/usr/bin"},
        "visible": [Path("/data/tools")],
        "checkouts": CHECKOUTS,
        "source": CHECKOUTS,
    }
    return build_arguments(**{**options, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("as_root", [True, False])
def test_what_is_never_there(as_root: bool) -> None:
    arguments = _build(as_root=as_root)
    writable = {"--bind", "--bind-try", "--tmpfs", "--file", "--overlay", "--mqueue"}
    ways_around = {"--proc", "--dev", "--share-net", "--ro-bind-try", "--as-pid-1"}
    assert not (writable | ways_around) & set(arguments)
    assert "/etc" not in arguments
    assert "/" not in arguments[:-1]
    assert arguments[-2:] == ["--remount-ro", "/"]


@pytest.mark.parametrize("as_root", [True, False])
def test_what_is_always_there(as_root: bool) -> None:
    arguments = _build(as_root=as_root)
    always = {"pid", "net", "ipc", "uts", "cgroup-try"}
    assert {f"--unshare-{name}" for name in always} <= set(arguments)
    assert {"--die-with-parent", "--new-session", "--clearenv"} <= set(arguments)
    assert arguments[arguments.index("--cap-drop") + 1] == "ALL"


def test_root_keeps_only_what_it_needs_to_stop_being_root() -> None:
    arguments = _build(as_root=True)
    kept = {arguments[at + 1] for at, word in enumerate(arguments) if word == "--cap-add"}
    assert kept == {"CAP_SETUID", "CAP_SETGID"}
    assert "--cap-add" not in _build(as_root=False)
    assert {"--unshare-user", "--disable-userns"} <= set(_build(as_root=False))


@given(visible=st.lists(FOLDERS, max_size=4), checkouts=FOLDERS, source=FOLDERS)
def test_nothing_is_mounted_after_the_checkouts(
    visible: list[Path], checkouts: Path, source: Path
) -> None:
    arguments = _build(visible=visible, checkouts=checkouts, source=source)
    assert arguments[-5:] == ["--ro-bind", str(source), str(checkouts), "--remount-ro", "/"]


@given(visible=st.lists(FOLDERS, max_size=4), checkouts=FOLDERS)
def test_every_parent_is_made_before_it_is_needed_and_anybody_may_pass(
    visible: list[Path], checkouts: Path
) -> None:
    arguments = _build(visible=visible, checkouts=checkouts)
    for path in (*visible, checkouts):
        for parent in path.parents[:-1]:
            at = arguments.index(str(parent))
            assert arguments[at - 3 : at] == ["--perms", "0755", "--dir"]
            assert at < len(arguments) - 1 - arguments[::-1].index(str(path))


@given(st.dictionaries(st.sampled_from(["A", "B", "C"]), st.text(max_size=5)))
def test_the_environment_is_exactly_what_was_given(environment: dict[str, str]) -> None:
    arguments = _build(environment=environment)
    found = {
        arguments[at + 1]: arguments[at + 2]
        for at, word in enumerate(arguments)
        if word == "--setenv"
    }
    assert found == environment


def test_a_bubblewrap_of_somebody_else_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda *_, **__: str(program))
    owner = program.stat().st_uid
    assert bwrap.find_bubblewrap() == (program if owner == 0 else None)
    program.chmod(0o4755)
    assert bwrap.find_bubblewrap() is None
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    assert bwrap.find_bubblewrap() is None
