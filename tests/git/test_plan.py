from __future__ import annotations

import os
import unicodedata
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintbot.errors import LimitError
from lintbot.git.limits import TreeLimits
from lintbot.git.names import find_fault, show
from lintbot.git.plan import Entry, Kind, check_count, check_path, plan_layout, show_size

LIMITS = TreeLimits(files=100, file_bytes=50, tree_bytes=120, path_bytes=300, depth=3)


@pytest.mark.parametrize(
    "name",
    [
        *(".git", ".GIT", ".git ", ".git.", ".git . .", "git~1", "GIT~1", ".git::$DATA"),
        *(".g\u200cit", ".git\ufeff", "\u200d.git", ".gi\u206ft", ".GİT".replace("İ", "I")),
    ],
)
@pytest.mark.parametrize("place", ["{}/config", "a/{}/config", "a/{}"])
def test_every_spelling_of_git_is_refused(name: str, place: str):
    assert find_fault(place.format(name).encode()) == "that a disk may take for .git"


@pytest.mark.parametrize("name", [".github", ".gitignore", "git", "agit~1", ".git2", "x.git", "é"])
def test_plain_names_are_not(name: str):
    assert find_fault(f"a/{name}".encode()) is None


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        (b"\xff.py", "that is not UTF-8"),
        (b"a\n.py", "with control characters"),
        (b"a\x1b[31m.py", "with control characters"),
        ("a\u202egnp.py".encode(), "with control characters"),
        ("a\u2028.py".encode(), "with control characters"),
        (b"a\\b.py", "with a backslash"),
        (b"../a.py", "that leads out of its folder"),
        (b"a/../../b.py", "that leads out of its folder"),
        (b"/etc/passwd", "that leads out of its folder"),
        (b"a//b.py", "that leads out of its folder"),
        (b"./a.py", "that leads out of its folder"),
        (b"", "that leads out of its folder"),
    ],
)
def test_faults_are_named(path: bytes, fault: str):
    assert find_fault(path) == fault


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda t: t.encode(errors="replace")))
def test_a_path_without_a_fault_stays_below_its_root(path: bytes):
    if find_fault(path) is None:
        text = path.decode()
        assert os.path.normpath(f"/top/{text}") == f"/top/{text}"
        assert ".git" not in [part.casefold() for part in PurePosixPath(text).parts]
        assert not any(unicodedata.category(char) == "Cc" for char in text)


@given(st.binary(max_size=300))
def test_any_path_is_shown_on_one_short_printable_line(path: bytes):
    shown = show(path)
    assert shown.isprintable()
    assert len(shown) <= 61


def files(*paths: str, size: int = 1) -> list[Entry]:
    return [Entry(path=p.encode(), kind=Kind.FILE, object_name="o", size_bytes=size) for p in paths]


def test_files_are_planned_in_order_and_programs_stay_programs():
    program = Entry(path=b"a/run", kind=Kind.PROGRAM, object_name="p", size_bytes=3)
    plan = plan_layout([*files("b.py"), program], LIMITS)
    assert [(f.path, f.executable, f.size_bytes) for f in plan.files] == [
        ("a/run", True, 3),
        ("b.py", False, 1),
    ]
    assert plan.skipped == ()


def test_what_is_left_out_is_named_by_kind_and_counted():
    entries = [
        *(Entry(path=f"l{n}".encode(), kind=Kind.LINK) for n in range(5)),
        Entry(path=b"sub", kind=Kind.SUBMODULE),
        Entry(path=b"odd", kind=Kind.SPECIAL),
        Entry(path=b"bad", kind=Kind.DAMAGED),
        Entry(path=b"absent", kind=Kind.FILE, size_bytes=None),
        *files("big", size=51),
        *files("a/../b"),
    ]
    assert plan_layout(entries, LIMITS).skipped == (
        "Left out: 1 entries whose object is not a file (bad).",
        "Left out: 1 files at a path that leads out of its folder (a/../b).",
        "Left out: 2 files larger than 50 bytes (absent, big).",
        "Left out: 1 special files (odd).",
        "Left out: 1 submodules (sub).",
        "Left out: 5 symbolic links (l0, l1, l2 and 2 more).",
    )


@pytest.mark.parametrize(
    "paths", [("a", "a"), ("a", "a/b"), ("a/b", "a"), ("a/b/c", "a/b"), ("a/b", "a/b/c")]
)
def test_a_forged_tree_that_names_a_path_twice(paths: tuple[str, str]):
    plan = plan_layout(files(*paths), LIMITS)
    assert [file.path for file in plan.files] == [paths[0]]
    assert "taken by another entry" in plan.skipped[0]


@given(st.lists(st.text(st.sampled_from("ab/.")).filter(lambda t: t.count("/") < 3), max_size=8))
def test_planned_files_never_clash(paths: list[str]):
    planned = [file.path for file in plan_layout(files(*paths), LIMITS).files]
    assert len(set(planned)) == len(planned)
    assert not any(one.startswith(f"{other}/") for one in planned for other in planned)


def test_too_much_altogether():
    with pytest.raises(LimitError, match="take 150 bytes together"):
        plan_layout(files("a", "b", "c", size=50), LIMITS)
    assert len(plan_layout(files("a", "b", size=50), LIMITS).files) == 2


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (b"x/" * 4 + b"y", "deeper than 3 folders"),
        (b"x" * 256, "name of more than 255 bytes"),
        (b"x/" * 151, "longer than 300 bytes"),
    ],
)
def test_paths_that_no_disk_should_see(path: bytes, words: str):
    with pytest.raises(LimitError, match=words):
        check_path(path, LIMITS)


def test_as_many_files_as_are_allowed():
    check_count(100, LIMITS)
    with pytest.raises(LimitError, match="more than 100 files"):
        check_count(101, LIMITS)


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 bytes"), (1023, "1,023 bytes"), (1048576, "1 MiB"), (1600000, "1.5 MiB")],
)
def test_sizes_in_words(size: int, words: str):
    assert show_size(size) == words
