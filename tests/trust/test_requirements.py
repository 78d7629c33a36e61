"""Every kind of file with requirements, as real tools write them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintbot.model.requirement import Requirement
from lintbot.requirements.names import normalise
from lintbot.requirements.one import Lines, make_requirement
from lintbot.requirements.written import (
    MAX_FILES,
    MAX_FOUND,
    is_requirement_file,
    read_requirements,
    translate_poetry,
)
from lintbot.trust import tree

INDEX = "https://index.example/simple"


def read(path: str, text: str) -> list[Requirement]:
    return list(read_requirements({path: text.encode()}, {INDEX}).found)


def places(found: list[Requirement]) -> list[tuple[str, str, int, str]]:
    return [(it.name, it.specifier, it.line, it.group) for it in found]


def test_pip_files_with_options_comments_and_continuations():
    text = (
        "# tools\n-r base.txt\n--no-binary :all:\nDjango==4.2  # LTS\n\nrequests[socks] >= 2 \\\n"
        "  ; python_version < '4'\n-e .\nfoo @ https://example.org/foo.whl\n./local\nno==1.*\n"
        "nothing \\"
    )
    found = read("requirements-dev.txt", text)
    assert places(found) == [
        ("django", "==4.2", 4, "dev"),
        ("requests", ">=2", 6, "dev"),
        ("foo", "", 9, "dev"),
        ("no", "==1.*", 11, "dev"),
    ]
    assert [it.pinned for it in found] == ["4.2", None, None, None]
    assert [it.elsewhere for it in found] == [False, False, True, False]


def test_a_file_with_hashes_is_a_lock():
    text = "flask==3.1 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n"
    read_all = read_requirements({"requirements/base.txt": text.encode()}, {INDEX})
    assert (read_all.hashed, read_all.found[0].locked, read_all.direct) == (True, True, ())
    assert places(list(read_all.found)) == [("flask", "==3.1", 1, "")]


def test_pyproject_all_tables_with_their_lines():
    text = """\
[build-system]
requires = ["hatchling>=1"]
[project]
name = "x"
dependencies = ["b>=1", 'c', "b>=1"]
[project.optional-dependencies]
extra = [
  "d~=2.0",
]
[dependency-groups]
dev = ["e", {include-group = "other"}]
[tool.uv]
dev-dependencies = ["f"]
[tool.pdm.dev-dependencies]
lint = ["g"]
[tool.poetry.dependencies]
python = "^3.11"
h = "^1.2"
i = {version = "~3", optional = true}
j = {git = "https://example.org/j.git"}
k = {path = "../k"}
l = 7
[tool.poetry.group.docs.dependencies]
m = "*"
"""
    found = read("pyproject.toml", text)
    assert places(found) == [
        ("b", ">=1", 5, ""),
        ("c", "", 5, ""),
        ("d", "~=2.0", 8, "extra"),
        ("e", "", 11, "dev"),
        ("f", "", 13, "dev"),
        ("g", "", 15, "lint"),
        ("hatchling", ">=1", 2, "build"),
        ("h", "<2,>=1.2", 18, ""),
        ("i", "<4,>=3", 19, ""),
        ("j", "", 20, ""),
        ("k", "", 21, ""),
        ("l", "", 22, ""),
        ("m", "", 24, "docs"),
    ]
    assert [it.name for it in found if it.elsewhere] == ["j", "k"]


@pytest.mark.parametrize(
    ("text", "specifier"),
    [
        ("^1.2.3", ">=1.2.3,<2"),
        ("^0.2.3", ">=0.2.3,<0.3"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^0", ">=0,<1"),
        ("~1.2", ">=1.2,<1.3"),
        ("~1", ">=1,<2"),
        ("1.2", "==1.2"),
        ("*", ""),
        (">=1,<2", ">=1,<2"),
        ("~=1.4", "~=1.4"),
        ("^what", ""),
    ],
)
def test_poetrys_own_words(text: str, specifier: str):
    assert translate_poetry(text) == specifier


def test_setup_cfg_pipfile_and_every_lock():
    setup = (
        "[options]\ninstall_requires =\n  a>=1\n  # no\n  b\n[options.extras_require]\nx = c; d\n"
    )
    assert places(read("setup.cfg", setup)) == [
        ("a", ">=1", 3, ""),
        ("b", "", 5, ""),
        ("c", "", 7, "x"),
        ("d", "", 7, "x"),
    ]
    assert (
        read("setup.cfg", "[metadata]\nname = x\n[options]\ninstall_requires = not a name!\n") == []
    )
    pipfile = (
        '[packages]\na = "*"\n"b" = {version = ">=1", index = "inner"}\n[dev-packages]\nc = "1"\n'
    )
    found = read("Pipfile", pipfile)
    assert places(found) == [("a", "", 2, ""), ("b", ">=1", 3, ""), ("c", "==1", 5, "dev")]
    locks = {
        "uv.lock": '[[package]]\nname = "a"\nversion = "1.0"\nsource = {registry = "@"}\n'
        '[[package]]\nname = "me"\nversion = "0"\nsource = {editable = "."}\n',
        "poetry.lock": '[[package]]\nname = "B.b"\nversion = "2.0"\n[package.source]\n'
        'type = "legacy"\nurl = "https://inner.example"\n[[package]]\nversion = "1"\n',
        "pdm.lock": '[[package]]\nname = "c"\nversion = "3.0"\n',
        "pylock.toml": '[[packages]]\nname = "d"\nversion = "4.0"\n',
        "pylock.dev.toml": '[[packages]]\nname = "e"\nversion = "5.0"\n',
        "Pipfile.lock": '{"_meta": {"sources": [{"url": "@"}]},\n "default": {\n  "f": {'
        '"version": "==6.0"},\n  "g": {"git": "x"}\n}}',
    }
    read_all = read_requirements(
        {path: text.replace("@", INDEX).encode() for path, text in locks.items()}, {INDEX}
    )
    assert read_all.problems == ()
    assert read_all.hashed
    assert [(it.name, it.pinned, it.line, it.elsewhere) for it in read_all.found] == [
        ("f", "6.0", 3, False),
        ("c", "3.0", 2, False),
        ("b-b", "2.0", 2, True),
        ("e", "5.0", 2, False),
        ("d", "4.0", 2, False),
        ("a", "1.0", 2, False),
        ("me", "0", 6, True),
    ]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("requirements.txt", "--extra-index-url https://inner.example/simple\nsecret-name\n"),
        ("requirements.txt", "-i https://inner.example/simple\nsecret-name\n"),
        ("Pipfile", '[[source]]\nurl = "https://inner.example"\n[packages]\nsecret-name = "*"\n'),
        (
            "pyproject.toml",
            (
                '[project]\ndependencies = ["secret-name"]\n'
                '[[tool.uv.index]]\nurl = "https://inner.example"\n'
            ),
        ),
        (
            "pyproject.toml",
            (
                '[project]\ndependencies = ["secret-name"]\n'
                '[tool.uv]\nextra-index-url = ["https://inner.example"]\n'
            ),
        ),
        (
            "uv.lock",
            (
                '[[package]]\nname = "secret-name"\nversion = "1"\n'
                'source = {registry = "https://inner.example"}\n'
            ),
        ),
    ],
)
def test_where_another_index_is_named_no_name_is_asked_for(path: str, text: str):
    files = {path: text.encode(), "constraints.txt": b"another\n"}
    read_all = read_requirements(files, {INDEX})
    assert {it.name for it in read_all.found if it.elsewhere} == {"secret-name", "another"}
    assert read_all.problems


def test_naming_our_own_index_changes_nothing():
    (found,) = read("requirements.txt", f"--index-url {INDEX}/\nflask\n")
    assert not found.elsewhere


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("pyproject.toml", b"[project"),
        ("pyproject.toml", b"a" + b".a" * 100 + b" = 1"),
        ("uv.lock", b"x = " + b"[" * 100_000),
        ("Pipfile.lock", b"[" * 100_000),
        ("Pipfile.lock", b"[]"),
        ("setup.cfg", b"no section"),
        ("requirements.txt", b"x" * (5 * 1024 * 1024 + 1)),
    ],
)
def test_what_cannot_be_read_is_named_and_costs_nothing_else(path: str, data: bytes):
    read_all = read_requirements({path: data, "constraints.txt": b"flask\n"}, {INDEX})
    assert [it.name for it in read_all.found] == ["flask"]
    assert len(read_all.problems) == 1
    assert path in read_all.problems[0]


def test_limits_are_told():
    many = {f"r{n}/requirements.txt": b"flask" for n in range(MAX_FILES + 1)}
    assert read_requirements(many, INDEX).problems
    lines = "\n".join(f"p{n}" for n in range(MAX_FOUND + 1))
    read_all = read_requirements({"requirements.txt": lines.encode()}, {INDEX})
    assert (len(read_all.found), len(read_all.problems)) == (MAX_FOUND, 1)
    assert make_requirement("x" * 2_000, "r.txt", 1) is None


@pytest.mark.parametrize(
    ("others", "end"), [(1, ": requirements/r0.txt."), (7, "/r4.txt and 2 more.")]
)
def test_what_is_too_much_together_is_named_and_what_fits_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, others: int, end: str
):
    monkeypatch.setattr(tree, "MAX_ALL_BYTES", 100)
    large = [f"requirements/r{number}.txt" for number in range(others)]
    texts = {"requirements.txt": f"flask\n#{'x' * 80}", "requirements/z.txt": "jinja2"}
    for path, text in {**texts, **dict.fromkeys(large, f"hidden\n#{'x' * 80}")}.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    found = tree.read_tree_requirements(tmp_path, (*large, *texts), {INDEX})
    assert {it.name for it in found.found} == {"flask", "jinja2"}
    assert found.files == tuple(texts)
    (problem,) = found.problems
    assert problem.startswith("Only 20 MiB of files with requirements are read, and these are not")
    assert problem.endswith(end)


def test_which_files_are_read():
    wanted = ["requirements.txt", "a/b/requirements_dev.in", "requirements/x.txt", "uv.lock"]
    wanted += ["pyproject.toml", "setup.cfg", "Pipfile", "pylock.x.toml", "requirements-dev.lock"]
    assert all(map(is_requirement_file, wanted))
    others = ["vendor/requirements.txt", "tests/fixtures/uv.lock", "notes.txt", "setup.py"]
    assert not any(map(is_requirement_file, others))


@given(st.binary(max_size=300))
def test_no_bytes_break_any_reader(data: bytes):
    for path in ("requirements.txt", "pyproject.toml", "setup.cfg", "Pipfile", "Pipfile.lock"):
        read_requirements({path: data, "uv.lock": data}, {INDEX})


def test_a_line_that_nobody_can_find_is_the_first():
    escaped = '[project]\ndependencies = ["a\\u003e=1", "b"]\n[tool.poetry.dependencies]\n'
    found = read("pyproject.toml", escaped + '"c\\u0064" = "1"\n"not a name" = "1"\n')
    assert places(found) == [("a", ">=1", 1, ""), ("b", "", 2, ""), ("cd", "==1", 1, "")]


def test_the_same_text_twice_is_on_its_own_lines_and_a_third_time_on_the_first():
    text = '[project]\ndependencies = [\n"a",\n]\n[project.optional-dependencies]\nx = ["a"]\n'
    assert [it[2] for it in places(read("pyproject.toml", text))] == [3, 6]
    lines = Lines("a\na = 1\n")
    assert [lines.find("a\n"), lines.find("a\n"), lines.find("z")] == [1, 1, 1]
    assert [lines.find_key("a"), lines.find_key("a")] == [2, 2]


def test_names_that_no_index_could_take_are_none():
    assert normalise("Zope.Interface") == "zope-interface"
    for name in ("", "../../admin", "a/b", "a b", "-a", "é", "a" * 201, "a?x=1"):
        assert normalise(name) == ""
