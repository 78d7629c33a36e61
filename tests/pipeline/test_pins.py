"""What a repository asks for: which tools and plugins, in which versions, and who says so."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintbot.model.known_tools import OLDEST, PLUGINS, is_known
from lintbot.pipeline.pins import MAX_BYTES, Pin, find_pins, is_pin_file, read_pins, to_version
from lintbot.pipeline.plan import plan_groups
from lintbot.pipeline.tool_choice import ToolChooser
from lintbot.pipeline.tools.config_files import ConfigFiles
from lintbot.pipeline.tools.hooks import PRE_COMMIT as PRE_COMMIT_PATH
from lintbot.pipeline.tools.hooks import find_hook_arguments
from lintbot.pipeline.tools.registry import CONFIG_NAMES
from lintbot.pipeline.wishes import Wish, read_wish, with_toml_of_plugin

FILES = ("m.py", "api/m.py")
OWN = {"pylint": "4.1.4", "flake8": "7.5.0", "ruff": "0.17.6", "mypy": "2.4.1", "bandit": "1.9.4"}
PRE_COMMIT = """
repos:
- repo: https://github.com/astral-sh/ruff-pre-commit
  rev: v0.12.1
  hooks: [{id: ruff}]
- repo: https://github.com/PyCQA/flake8.git
  rev: 6.1.0
  hooks:
  - id: flake8
    additional_dependencies: [flake8-bugbear==24.1.1, Flake8_Print, evil==1, "git+https://x/y"]
- repo: https://github.com/pre-commit/mirrors-mypy
  rev: ${REV}
  hooks: [{id: mypy}]
- repo: https://github.com/evil/ruffian
  rev: 9.9
"""
UV_LOCK = """
version = 1
[[package]]
name = "pylint"
version = "3.3.1"
source = { registry = "https://index.example/simple" }
[[package]]
name = "ruff"
version = "0.5.0"
source = { git = "https://x/y" }
"""
TWO_PYTHONS = "flake8==5.0.4; python_version < '3.8'\nflake8==7.1.0; python_version >= '3.8'\n"
PYPROJECT = """
[project.optional-dependencies]
dev = ['pylint==3.1.0']
[dependency-groups]
lint = ['ruff==0.6.1', {include-group = 'x'}]
[tool.poetry.group.dev.dependencies]
bandit = '1.8.0'
mypy = '^1.12'
"""
TOX = """
[tox]
envlist = py312, lint
[testenv]
deps = pytest
    -r requirements.txt
    pylint==3.2.0  # the one that CI has
[testenv:lint]
deps =
    {[testenv]deps}
    flake8==6.1.0
    flake8-bugbear
    py39: mypy==1.12
    bandit @ https://x/y.whl
commands = flake8
[flake8]
deps = ruff==0.5.0
"""
PIPFILE_LOCK = '{"develop": {"bandit": {"version": "==1.7.9"}}, "default": {"x": 1}}'


def pins_of(texts: dict[str, str], folder: str = "") -> dict[str, tuple[str | None, str]]:
    pins = read_pins({path: text.encode() for path, text in texts.items()})
    return {name: (pin.version, pin.path) for name, pin in find_pins(folder, pins).items()}


@pytest.mark.parametrize(
    ("path", "text", "pins"),
    [
        (
            ".pre-commit-config.yaml",
            PRE_COMMIT,
            {
                "ruff": "0.12.1",
                "flake8": "6.1.0",
                "flake8-bugbear": "24.1.1",
                "flake8-print": None,
                "mypy": None,
            },
        ),
        (".pre-commit-config.yaml", "repos: [1, {hooks: [2, {additional_dependencies: x}]}]", {}),
        ("uv.lock", UV_LOCK, {"pylint": "3.3.1"}),
        ("Pipfile.lock", PIPFILE_LOCK, {"bandit": "1.7.9"}),
        (
            "poetry.lock",
            "[[package]]\nname = 'pep8-naming'\nversion = '0.14.1'\n",
            {"pep8-naming": "0.14.1"},
        ),
        (
            "requirements-dev.txt",
            "pylint==3.2.0 # x\nruff>=0.5\n-e .\n",
            {"pylint": "3.2.0", "ruff": None},
        ),
        ("requirements/lint.txt", "mypy==1.15 --hash=sha256:ab\n", {"mypy": "1.15"}),
        (
            "requirements.txt",
            TWO_PYTHONS,
            {"flake8": "7.1.0"},
        ),
        ("requirements.txt", "flake8 @ https://x/y.whl\npylint==3.0.0+local\n", {"pylint": None}),
        ("requirements.txt", "ruff==1; os_name ~= 'y'\nmypy==1.12; extra == 'a'\n", {}),
        ("requirements.txt", "flake8; 'a' in extras\nmypy; 'b' in dependency_groups\n", {}),
        (
            "pyproject.toml",
            PYPROJECT,
            {"pylint": "3.1.0", "ruff": "0.6.1", "bandit": "1.8.0", "mypy": None},
        ),
        ("setup.cfg", "[options.extras_require]\ndev =\n    flake8==6.0.0\n", {"flake8": "6.0.0"}),
        ("pyproject.toml", "ruff = [", {}),
        ("tox.ini", TOX, {"flake8": "6.1.0", "flake8-bugbear": None, "pylint": "3.2.0"}),
        ("tox.ini", "[testenv]\ndeps =\n" + " x\n" * 5_000 + " flake8==6.1.0\n", {}),
        ("tox.ini", "deps = flake8==6.0.0\n[testenv]\ndeps = pylint==3.0.0\n", {}),
    ],
)
def test_what_a_file_pins(path: str, text: str, pins: dict[str, str | None]):
    assert is_pin_file(path)
    assert pins_of({path: text}) == {name: (version, path) for name, version in pins.items()}


def test_what_is_installed_from_comes_before_what_is_declared_and_near_before_far():
    texts = {
        "pyproject.toml": "[project]\ndependencies = ['ruff==0.1.1', 'pylint==3.0.1']\n",
        "requirements.txt": "ruff==0.2.1\npylint\n",
        "uv.lock": "[[package]]\nname = 'ruff'\nversion = '0.3.1'\n",
        ".pre-commit-config.yaml": PRE_COMMIT,
        "api/requirements/dev.txt": "ruff==0.4.1\n",
    }
    assert pins_of(texts)["ruff"] == ("0.12.1", ".pre-commit-config.yaml")
    assert pins_of(texts)["pylint"] == ("3.0.1", "pyproject.toml")
    assert pins_of(texts, "api/x")["ruff"] == ("0.4.1", "api/requirements/dev.txt")
    assert pins_of(texts, "lib")["ruff"][0] == "0.12.1"


BOMB = "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    for before, name in pairwise("abcdefghij")
)
HOLDS_ITSELF = "&a [*a]"
MANY = ", ".join(["x"] * 300)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text",
    [
        f"a: &a flake8\n{BOMB}repos: [{{repo: *j, rev: *j, hooks: [{{id: flake8, args: [*j]}}]}}]",
        f"repos: [{{repo: {HOLDS_ITSELF}, rev: flake8}}]",
        (
            f"x: &x [{MANY}]\nh: &h {{additional_dependencies: *x}}\n"
            f"r: &r {{hooks: [{', '.join(['*h'] * 300)}]}}\n"
            f"repos: [{', '.join(['*r'] * 300)}, flake8]"
        ),
        f"? {HOLDS_ITSELF}\n: flake8\n",
    ],
)
def test_aliases_that_stand_for_more_than_can_be_read(text: str):
    assert pins_of({PRE_COMMIT_PATH: text}) == {}
    files = ConfigFiles({PRE_COMMIT_PATH: text.encode()})
    assert find_hook_arguments(PRE_COMMIT_PATH, "flake8", files) is None


def test_aliases_as_people_use_them():
    text = "x: &x [flake8-bugbear==24.1.1]\ny: &y [--max-line-length=99]\nrepos:\n" + 20 * (
        "- {repo: https://github.com/PyCQA/flake8, rev: 6.1.0,"
        " hooks: [{id: flake8, args: *y, additional_dependencies: *x}]}\n"
    )
    assert pins_of({PRE_COMMIT_PATH: text})["flake8-bugbear"] == ("24.1.1", PRE_COMMIT_PATH)
    files = ConfigFiles({PRE_COMMIT_PATH: text.encode()})
    assert find_hook_arguments(PRE_COMMIT_PATH, "flake8", files) == ("--max-line-length=99",)


def test_files_that_are_no_pins_and_files_that_are_too_long():
    assert not any(map(is_pin_file, ("ruff.toml", "vendor/requirements.txt", "a.py")))
    assert pins_of({"requirements.txt": "ruff==0.5.0\n" + "#" * MAX_BYTES}) == {}


@given(
    st.sampled_from(["uv.lock", ".pre-commit-config.yaml", "a/requirements.txt", "setup.cfg"]),
    st.binary(max_size=80),
)
def test_any_bytes_can_be_read(path: str, data: bytes):
    assert all(isinstance(it, Pin) for it in read_pins({path: b"ruff\n" + data}))


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("1.0", "1.0"),
        ("1.0.0rc1", "1.0.0rc1"),
        ("1!2", None),
        ("1+a", None),
        ("1.dev1", None),
        ("x", None),
    ],
)
def test_plain_versions(text: str, version: str | None):
    assert to_version(text) == version


@pytest.mark.parametrize(
    ("kit", "known"),
    [
        (("pylint==3.0", "pylint-django"), True),
        (("flake8==7.5.0", "flake8-bugbear==26.10.27"), True),
        ((), False),
        (("evil",), False),
        (("flake8", "flake8-evil"), False),
        (("pylint @ https://x/y",), False),
        (("pylint==../x",), False),
        (("pylint==1 --index-url=x",), False),
        (("--index-url=x",), False),
        (("ruff[x]==1",), False),
        (("ruff",) * 41, False),
    ],
)
def test_nothing_is_installed_but_what_is_known(kit: tuple[str, ...], *, known: bool):
    assert is_known(kit) is known


def wishes_of(texts: dict[str, str]) -> dict[str, Wish]:
    contents = {path: text.encode() for path, text in texts.items()}
    configs = ConfigFiles(
        {it: data for it, data in contents.items() if it.rpartition("/")[2] in CONFIG_NAMES}
    )
    pins = read_pins({it: data for it, data in contents.items() if is_pin_file(it)})
    return {
        f"{it.tool.name} {it.root}".strip(): read_wish(it, configs, pins, OWN[it.tool.name])
        for it in plan_groups(FILES, configs)
    }


def test_without_pins_the_servers_own_versions_are_asked_for():
    text = "[tool.ruff]\n[project]\ndependencies = ['ruff>=0.5']\n"
    wishes = wishes_of({"pyproject.toml": text})
    assert {name: wish.kit for name, wish in wishes.items()} == {
        "pylint": ("pylint==4.1.4",),
        "flake8": ("flake8==7.5.0",),
        "ruff": ("ruff==0.17.6",),
    }
    assert all(not wish.pinned_by for wish in wishes.values())


def test_plugins_are_asked_for_by_those_who_use_them():
    wishes = wishes_of(
        {
            "requirements.txt": "flake8-bugbear==24.1.1\npep8-naming\npylint==3.3.1\n",
            "setup.cfg": "[options]\ninstall_requires =\n    pylint-django\n",
            ".pylintrc": "[MAIN]\nload-plugins=pylint_django.checkers, pylint.extensions.mccabe\n",
            "api/pyproject.toml": "[tool.pylint.main]\nload-plugins = ['pylint_pydantic']\n",
            "tox.ini": "[flake8]\nrequire-plugins = flake8-print, flake8-own\n",
        }
    )
    assert wishes["pylint"].kit == ("pylint==3.3.1", "pylint-django")
    assert wishes["pylint api"].kit == ("pylint==3.3.1", "pylint-pydantic")
    assert wishes["pylint"].pinned_by == "requirements.txt"
    assert wishes["flake8"].kit == (
        "flake8==7.5.0",
        "flake8-bugbear==24.1.1",
        f"flake8-print=={PLUGINS['flake8-print'].version}",
        f"pep8-naming=={PLUGINS['pep8-naming'].version}",
    )


def test_a_version_that_is_too_old_is_told_and_the_servers_own_is_used():
    (wish,) = [it for it in wishes_of({"requirements.txt": "pylint==2.5\n"}).values() if it.notices]
    assert wish.kit == ("pylint==4.1.4",)
    assert wish.notices == (
        f"requirements.txt pins pylint 2.5; lintbot runs {OLDEST['pylint']} and newer.",
    )
    assert wish.pinned_by == ""


@pytest.mark.parametrize(
    ("path", "text", "version"),
    [
        ("ruff.toml", "required-version = '==0.11.2'\n", "0.11.2"),
        ("pyproject.toml", "[tool.ruff]\nrequired-version = '0.11.2'\n", "0.11.2"),
        ("ruff.toml", "required-version = '>=0.11.2'\n", "0.17.6"),
        ("ruff.toml", "required-version = 1\n", "0.17.6"),
        ("ruff.toml", "[", "0.17.6"),
    ],
)
def test_ruffs_own_required_version(path: str, text: str, version: str):
    assert wishes_of({path: text})["ruff"].kit == (f"ruff=={version}",)


def test_flake8_reads_pyproject_toml_with_a_plugin():
    configs = ConfigFiles({"pyproject.toml": b"[tool.flake8]\n", "api/tox.ini": b"[flake8]\n"})
    groups = {it.root: it for it in plan_groups(FILES, configs) if it.tool.name == "flake8"}
    kit = ("flake8==7.5.0", "flake8-pyproject==1.2.4")
    assert with_toml_of_plugin(groups[""], kit, configs).config_path == "pyproject.toml"
    assert with_toml_of_plugin(groups["api"], kit, configs).config_path == "api/tox.ini"
    assert with_toml_of_plugin(groups[""], kit[:1], configs).config_path is None


async def test_where_no_index_is_asked_what_is_pinned_is_named():
    texts = {"requirements.txt": "flake8==6.1.0\npep8-naming\n", "tox.ini": "[flake8]\n"}
    contents = {path: text.encode() for path, text in texts.items()}
    configs = ConfigFiles({"tox.ini": contents["tox.ini"]})
    chooser = ToolChooser(versions=OWN, tool_sets=None, wait_seconds=0)
    choices = {
        it.tool.name: await chooser.choose(it, configs, read_pins(contents), {})
        for it in plan_groups(FILES, configs)
    }
    flake8 = choices["flake8"]
    assert (flake8.version, flake8.missing, flake8.makeshift) == ("7.5.0", ("pep8-naming",), False)
    (notice,) = flake8.notices
    assert notice.startswith("flake8 6.1.0 with pep8-naming, which requirements.txt pins, could ")
    assert notice.endswith("asks no package index. This run used flake8 7.5.0 alone.")
    assert choices["pylint"].notices == ()
