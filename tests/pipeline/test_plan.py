"""Which file configures which tool, asked of the tools themselves; and who judges which file."""

from __future__ import annotations

import configparser
import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from flake8.options.config import _find_config_file
from hypothesis import given, settings
from hypothesis import strategies as st
from pylint.config.find_default_config_files import find_default_config_files

from lintbot.pipeline.plan import MAX_ROOTS, digest_configs, plan_groups
from lintbot.pipeline.tools.config_files import ConfigFiles, parent
from lintbot.pipeline.tools.flake8 import FLAKE8
from lintbot.pipeline.tools.pylint import PYLINT
from lintbot.pipeline.tools.registry import CONFIG_NAMES, TOOLS, choose_tools
from lintbot.pipeline.tools.ruff import RUFF
from lintbot.pipeline.tools.tool import Tool

FOLDERS = ("", "a", "a/b", "a/b/c", "d")
TEXTS = (
    "",
    "[tool.pylint]\n",
    "[tool.pylint.main]\nignore = ['d']\n[tool.ruff]\n",
    "[tool.flake8]\n",
    "[pylint]\n[flake8]\n",
    "[pylint.main]\njobs=1\n",
    "[pylint-main]\n",
    "[flake8]\nexclude = d\n",
    "[flake8:local-plugins]\n",
    "[flake8]\nx = 1\n[flake8]\nx = 2\n[pylint.x]\n",
    "[metadata]\n",
    "\ufeff[flake8]\n[pylint.x]\n",
    "no section",
    "tool = 1",
    "[pylint.x]\ny = %(nothing)s\n",
)
some_configs = st.dictionaries(
    st.tuples(st.sampled_from(FOLDERS), st.sampled_from(CONFIG_NAMES)).map(
        lambda it: "/".join(filter(None, it))
    ),
    st.sampled_from(TEXTS),
    max_size=6,
)
some_packages = st.frozensets(st.sampled_from(FOLDERS))


def configs_of(texts: dict[str, str], packages: frozenset[str] = frozenset()) -> ConfigFiles:
    return ConfigFiles({path: text.encode() for path, text in texts.items()}, packages)


def lay(root: Path, texts: dict[str, str], packages: frozenset[str] = frozenset()) -> None:
    (root / ".git").mkdir(exist_ok=True)  # where pylint looks no further
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True, exist_ok=True)
    for path, text in texts.items() | {(f"{it}/__init__.py", "") for it in packages if it}:
        (root / path).write_text(text, encoding="utf-8")


def relative(root: Path, path: str | None) -> str | None:
    return None if path is None else str(Path(path).relative_to(root))


def ask_pylint(root: Path) -> str | None:
    with contextlib.redirect_stdout(io.StringIO()):  # it prints what is no TOML
        return relative(root, next(map(str, find_default_config_files()), None))


@settings(max_examples=150, deadline=None)
@given(some_configs, some_packages)
def test_pylint_and_flake8_themselves_find_the_same_file_from_every_folder(
    tmp_path_factory: pytest.TempPathFactory, texts: dict[str, str], packages: frozenset[str]
):
    root = tmp_path_factory.mktemp("tree").resolve()
    lay(root, texts, packages)
    configs = configs_of(texts, packages)
    for folder in FOLDERS:
        with contextlib.chdir(root / folder):
            with contextlib.suppress(TypeError):  # `tool = 1` ends pylint
                assert PYLINT.find_config(folder, configs) == ask_pylint(root)
            with contextlib.suppress(configparser.Error):  # an option given twice ends flake8
                own = relative(root, _find_config_file(os.getcwd()))  # noqa: PTH109
                assert FLAKE8.find_config(folder, configs) == own


RUFF_TREES: tuple[dict[str, str], ...] = (
    {"ruff.toml": "", ".ruff.toml": "", "pyproject.toml": "[tool.ruff]"},
    {"ruff.toml": "", "a/pyproject.toml": "[project]\nname = 'x'\n"},
    {"a/pyproject.toml": "[tool.ruff]\n", "a/b/ruff.toml": ""},
    {"pyproject.toml": "[tool.pylint]\n"},
)


@pytest.mark.parametrize("texts", RUFF_TREES)
def test_ruff_itself_finds_the_same_file(tmp_path: Path, texts: dict[str, str]):
    root = tmp_path.resolve()
    lay(root, texts)
    for folder in ("", "a", "a/b"):
        (root / folder / "m.py").touch()
        shown = subprocess.run(
            [sys.executable, "-m", "ruff", "check", "--show-settings", root / folder / "m.py"],
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        lines = [line for line in shown.splitlines() if line.startswith("Settings path:")]
        path = lines[0].split('"')[1] if lines else None
        assert RUFF.find_config(folder, configs_of(texts)) == relative(root, path)


some_files = st.frozensets(
    st.tuples(st.sampled_from(FOLDERS), st.sampled_from(["x.py", "y.py", "__init__.py"])).map(
        lambda it: "/".join(filter(None, it))
    )
)


@given(some_files, some_configs)
def test_every_file_is_in_exactly_one_group_of_each_tool(
    files: frozenset[str], texts: dict[str, str]
):
    configs = configs_of(texts)
    groups = plan_groups(files, configs)
    assert len({(it.tool.name, it.root) for it in groups}) == len(groups)
    for group in groups:
        leaves_out = group.tool.leave_out(group.root, configs)
        assert group.files == tuple(sorted(group.files))
        assert all(not it or parent(it).startswith(group.root) for it in group.files)
        assert group.config_path == group.tool.find_config(group.root, configs)
        left = [it for it in group.files if leaves_out(group.relative(it))]
        assert not (left and group.tool.names_files)
    for tool in TOOLS:
        judged = [path for it in groups if it.tool is tool for path in it.files]
        assert len(judged) == len(set(judged))
        for path in files.difference(judged):
            assert may_leave_out(tool, path, configs)


def may_leave_out(tool: Tool, path: str, configs: ConfigFiles) -> bool:
    """Tell whether a file may be in no group: not configured, or ignored by a folder above it."""
    folder = parent(path)
    if tool.where_configured:
        return tool.find_config(folder, configs) is None
    return tool is PYLINT and path.startswith("d/")


@given(some_files, st.dictionaries(st.sampled_from(CONFIG_NAMES), st.sampled_from(TEXTS)))
def test_without_nested_configuration_there_is_one_group_of_each_tool(
    files: frozenset[str], texts: dict[str, str]
):
    groups = plan_groups(files, configs_of(texts))
    assert len({it.tool.name for it in groups}) == len(groups)
    assert all((it.root, it.others) == ("", ()) for it in groups)


def roots_of(tool: Tool, files: list[str], texts: dict[str, str]) -> dict[str, tuple[str, ...]]:
    groups = plan_groups(files, configs_of(texts), tools=(tool,))
    return {it.root: it.files for it in groups}


FILES = ["m.py", "a/m.py", "a/b/m.py", "d/m.py", "d/vendor/m.py"]
NESTED = {"setup.cfg": "[flake8]\nexclude = vendor\n[pylint.main]\nignore = d\n"}


def test_the_nearest_folder_with_a_configuration_wins():
    texts = NESTED | {"a/.flake8": "[flake8]", "a/b/pyproject.toml": "[tool.pylint]\n"}
    assert roots_of(FLAKE8, FILES, texts) == {
        "": ("d/m.py", "d/vendor/m.py", "m.py"),
        "a": ("a/b/m.py", "a/m.py"),
    }
    assert roots_of(PYLINT, FILES, texts) == {"": ("a/m.py", "m.py"), "a/b": ("a/b/m.py",)}
    flake8 = plan_groups(FILES, configs_of(texts), tools=(FLAKE8,))
    assert [it.others for it in flake8] == [("a",), ()]


@pytest.mark.parametrize(
    "exclude", ["vendor", "d/vendor", "./d/*", "*/vendor", "ven*,x", "d/", "/x d"]
)
def test_a_folder_that_the_configuration_above_leaves_out_is_no_root(exclude: str):
    texts = {
        ".flake8": f"[flake8]\nextend-exclude = {exclude}\n",
        "d/vendor/.flake8": "[flake8]\n",
        "d/vendor/.pylintrc": "",
    }
    assert set(roots_of(FLAKE8, FILES, texts)) == {""}
    assert set(roots_of(PYLINT, FILES, texts | NESTED)) == {""}
    assert set(roots_of(FLAKE8, FILES, texts | {".flake8": "[flake8]\nexclude = e\n"})) == {
        "",
        "d/vendor",
    }


def test_ruff_is_run_once_from_the_outermost_folder_that_configures_it():
    texts = {"a/ruff.toml": "", "a/b/pyproject.toml": "[tool.ruff]"}
    groups = plan_groups(FILES, configs_of(texts), tools=(RUFF,))
    assert [(it.root, it.configs) for it in groups] == [
        ("a", ("a/ruff.toml", "a/b/pyproject.toml"))
    ]
    assert [it.root for it in plan_groups(FILES, configs_of(texts | {"ruff.toml": ""}))] == [""] * 3


def test_a_tree_of_thousands_of_configurations_has_few_roots():
    names = [f"p{n:04}" for n in range(500)]
    texts = {f"{name}/.flake8": "[flake8]" for name in names}
    groups = plan_groups([f"{name}/m.py" for name in names], configs_of(texts), tools=(FLAKE8,))
    assert len(groups) <= MAX_ROOTS + 1
    assert sum(len(it.files) for it in groups) == len(names)


def test_excluded_files_are_spared_where_they_would_be_judged():
    groups = plan_groups(
        FILES,
        configs_of({"a/.flake8": "[flake8]"}),
        tools=(FLAKE8,),
        excluded=("x.py", "a/x.py", "a/b/y.py"),
    )
    assert [(it.root, it.others) for it in groups] == [
        ("", ("x.py", "a")),
        ("a", ("a/b/y.py", "a/x.py")),
    ]


def test_a_tool_that_is_switched_on_runs_without_configuration_too():
    groups = plan_groups(FILES, configs_of({}), tools=choose_tools({"ruff"}, {"pylint"}))
    assert [(it.tool.name, it.root, len(it.files)) for it in groups] == [
        ("flake8", "", 5),
        ("ruff", "", 5),
    ]


def test_an_ini_file_that_would_cost_hours_is_none():
    files = ConfigFiles({".flake8": b"[flake8]\nx" + b" " * 2**19 + b"y = 1"})
    assert files.ini(".flake8").sections() == []


@pytest.mark.parametrize(
    ("texts", "ignored"),
    [
        ({}, "CVS"),
        ({".pylintrc": "[MASTER]\nignore=a, b ; why\n"}, "a b"),
        ({".pylintrc": "[MASTER]\nignore=\n"}, "CVS"),
        ({"tox.ini": "[flake8]\nignore=E1\n[pylint.main]\nignore=a\n"}, "a"),
        ({"pyproject.toml": "[tool.pylint.main]\nignore = ['a']"}, "a"),
        ({"pyproject.toml": "[tool.pylint]\nignore = 'b'\n[tool.pylint.x]\ny = 1"}, "b"),
        ({"pyproject.toml": "[tool]\npylint = 1"}, "CVS"),
        ({".pylintrc": "\xff"}, "CVS"),
    ],
)
def test_folders_that_pylint_ignores(texts: dict[str, str], ignored: str):
    leaves_out = PYLINT.leave_out("", configs_of(texts))
    assert {it for it in ("a", "b", "CVS") if leaves_out(f"x/{it}/m.py")} == set(ignored.split())


def test_digest_changes_with_every_file_that_counts():
    trees: tuple[dict[str, str], ...] = (
        {},
        {"tox.ini": "a"},
        {"tox.ini": "b"},
        {"setup.cfg": "a"},
        {"a/setup.cfg": "a"},  # configures nothing
        {"a/setup.cfg": "[flake8]"},
    )
    digests = []
    for texts in trees:
        configs = configs_of(texts)
        digests.append(digest_configs(configs, plan_groups(FILES, configs)))
    assert [digests.index(it) for it in digests] == [0, 1, 2, 3, 0, 5]
    assert all(len(it) == 16 for it in digests)


@given(st.dictionaries(st.sampled_from(CONFIG_NAMES), st.binary(max_size=60)))
def test_any_bytes_are_a_configuration(contents: dict[str, bytes]):
    configs = ConfigFiles(contents)
    assert digest_configs(configs, plan_groups(FILES, configs))
