"""The configuration doctor, against what the real tools make of the same files."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest
from flake8.exceptions import ExecutionError
from flake8.main.options import register_default_options, stage1_arg_parser
from flake8.options.config import parse_config
from flake8.options.manager import OptionManager
from flake8.plugins import finder
from flake8.utils import parse_files_to_codes_mapping
from hypothesis import given
from hypothesis import strategies as st

from lintbot.model.lint import ToolOutcome
from lintbot.pipeline.config_doctor import Diagnosis, examine
from lintbot.pipeline.flake8_doctor import OPTIONS, REFUSED, TAKEN, describe_options, find_missing
from lintbot.pipeline.judge import describe_partial
from lintbot.pipeline.lint import Linter
from lintbot.pipeline.plan import plan_groups
from lintbot.pipeline.tools.config_files import ConfigFiles
from tests.support.plain_sandbox import PlainSandbox
from tests.support.trees import a_checkout

FILES = ("m.py", "api/m.py", "lib/m.py")
VALUES = {"jobs": "1", "format": "default", "color": "never", "output_file": "x"}
NUMBERS = {"indent_size", "max_complexity", "max_doc_length", "max_line_length", "quiet"}
CODES = {"ignore", "extend_ignore", "select", "extend_select", "enable_extensions"}


def the_real_options() -> OptionManager:
    none = configparser.RawConfigParser()
    options = finder.parse_plugin_options(none, ".", enable_extensions=None, require_plugins=None)
    plugins = finder.load_plugins(finder.find_plugins(none, options), options)
    parents = [stage1_arg_parser()]
    manager = OptionManager(version="", plugin_versions="", parents=parents, formatter_names=[])
    register_default_options(manager)
    manager.register_plugins(plugins)
    return manager


REAL = the_real_options()
NAMES = frozenset(name.replace("-", "_") for name in REAL.config_options_dict)


def flake8_runs_with(text: str) -> bool:
    """Tell whether flake8 itself takes a configuration."""
    parser = configparser.RawConfigParser()
    parser.read_string(text)
    try:
        options = parse_config(REAL, parser, "/")
        parse_files_to_codes_mapping(options.get("per_file_ignores", ""))
        wanted = finder.parse_plugin_options(
            parser, "/", enable_extensions=None, require_plugins=None
        )
        finder.find_plugins(parser, wanted)
    except (ValueError, ExecutionError):
        return False
    return True


def said_of(text: str) -> str:
    return "\n".join(describe_options("tox.ini", ConfigFiles({"tox.ini": text.encode()})))


def a_value(option: str) -> str:
    if option in NUMBERS:
        return "4"
    if option in CODES:
        return "E501"
    if option == "require_plugins":
        return "pyflakes"
    return VALUES.get(option, "a.py: F401" if option == "per_file_ignores" else "true")


def test_every_option_of_flake8_is_known():
    assert NAMES <= OPTIONS
    assert said_of("[flake8]\n" + "\n".join(f"{it} = 1" for it in NAMES)) == ""


@pytest.mark.parametrize("option", sorted(REFUSED | TAKEN))
@pytest.mark.parametrize("comment", ["  # why", "\n    # its own line\n    ; and one", "\t; x"])
def test_a_comment_behind_a_value_is_told_as_flake8_takes_it(option: str, comment: str):
    name = option.replace("_", "-")
    text = f"[other]\nx = 1\n[flake8]\n# own\n{name} = {a_value(option)}{comment}\n"
    assert flake8_runs_with(text.partition("  #")[0].partition("\t;")[0])
    said = said_of(text)
    assert flake8_runs_with(text) is ("refuses to run" not in said)
    if "\n" in comment:
        assert said == ""
    else:
        assert f"tox.ini:5: flake8 takes the comment behind {name}" in said


def test_a_comment_in_a_long_list_is_told_with_its_line():
    text = "[flake8]\nignore =\n    E203,\n\n    W503 # why\n[x]\nignore = a # b\n"
    assert said_of(text).count("\n") == 0
    assert said_of("[flake8]\nformat = x # y\n") == ""
    assert said_of(text).startswith("tox.ini:5: ")


def test_options_that_flake8_ignores_are_named():
    said = said_of(
        "[flake8]\nmax-line-lenght = 88\ninline-quotes = double\nzzz = 1\ninclude-in-doctest = x\n"
    )
    assert "max-line-lenght, which is none of its options. Is max-line-length meant?" in said
    assert "inline-quotes, which is none of its options; flake8-quotes would add it." in said
    assert "zzz, which is none of its options (any more)." in said
    assert said.count("\n") == 3
    assert flake8_runs_with("[flake8]\nmax-line-lenght = 88\nzzz = 1\n")


@given(st.text(st.sampled_from("[]flake8 =#;:\n\tax\r")))
def test_any_text_can_be_examined(text: str):
    said_of(f"[flake8]\n{text}")
    find_missing(".flake8", ConfigFiles({".flake8": text.encode()}))


def test_plugins_that_are_required_and_not_there():
    text = "[flake8]\nrequire_plugins = Flake8_Bugbear>=20, pyflakes\n    pep8-naming[x],\n"
    configs = ConfigFiles({".flake8": text.encode()})
    assert find_missing(".flake8", configs) == ("flake8-bugbear", "pep8-naming")
    assert find_missing(None, configs) == ()


def diagnose(texts: dict[str, str]) -> dict[str, Diagnosis]:
    """Return what is said of each run, by its tool and folder."""
    configs = ConfigFiles({path: text.encode() for path, text in texts.items()})
    groups = plan_groups(FILES, configs)
    return {f"{it.tool.name} {it.root}".strip(): examine(it, groups, configs) for it in groups}


def test_what_is_no_toml_and_what_flake8_does_not_read():
    for folder in ("", "api/"):
        said = diagnose({f"{folder}pyproject.toml": "[tool.flake8]\n[tool.pylint]\n"})
        flake8 = diagnose(
            {f"{folder}pyproject.toml": "[tool.flake8]\n", f"{folder}tox.ini": "[flake8]"}
        )
        name = f"flake8 {folder[:-1]}".strip()
        assert f"[tool.flake8] of {folder}pyproject.toml" in flake8[name].notices[0]
        assert not said[f"pylint {folder[:-1]}".strip()].notices
    assert "not valid TOML" in diagnose({"pyproject.toml": "["})["pylint"].notices[0]


@pytest.mark.parametrize(
    ("texts", "tool", "unread"),
    [
        ({"setup.cfg": "[flake8]\n", ".flake8": "[flake8]\n"}, "flake8", ".flake8"),
        ({"setup.cfg": "[metadata]\n", ".flake8": "[flake8]\n"}, "flake8", None),
        ({"pylintrc": "", "pyproject.toml": "[tool.pylint]\n"}, "pylint", "pyproject.toml"),
        ({"pylintrc": "", ".pylintrc": ""}, "pylint", ".pylintrc"),
        ({"ruff.toml": "", "pyproject.toml": "[tool.ruff]\n"}, "ruff", "pyproject.toml"),
        ({"mypy.ini": "[mypy]\n", "setup.cfg": "[mypy]\n"}, "mypy", "setup.cfg"),
        ({".bandit": "", "pyproject.toml": "[tool.bandit]\n"}, "bandit", None),
    ],
)
def test_of_two_files_in_one_folder_the_second_is_not_read(
    texts: dict[str, str], tool: str, unread: str | None
):
    notices = diagnose(texts)[tool].notices
    assert len(notices) == (unread is not None)
    assert all(it.startswith(f"{unread} is for {tool} too and is not read: ") for it in notices)


def test_a_pylintrc_that_no_run_finds():
    texts = {".github/linters/.pylintrc": "", "lib/pylintrc": "", "api/pyproject.toml": "[project]"}
    said = diagnose(texts)
    assert said["pylint"].notices[0].startswith(".github/linters/.pylintrc is not read: ")
    assert len(said["pylint"].notices) == 1
    assert said["pylint lib"].notices == ()


def test_a_pylintrc_that_is_not_found_from_a_sub_folder():
    said = diagnose({".pylintrc": "", "api/pyproject.toml": "[tool.pylint]\n"})
    assert said["pylint"].notices == ()
    assert said["pylint api"].notices == (
        ".pylintrc is not found from api: pylint reads api/pyproject.toml there, and nothing else.",
    )


async def test_missing_plugins_are_named_and_skipped_and_the_result_is_partial(tmp_path: Path):
    linter = Linter(sandbox=PlainSandbox(), versions={}, python_version="3.11")
    files: dict[str, str | bytes] = {
        "pylintrc": "[MASTER]\nload-plugins=pylint_django, pylint.extensions.mccabe\n",
        "tox.ini": "[flake8]\nrequire-plugins = flake8-bugbear\n",
        "a.py": "import os\n",
    }
    result = await linter.lint_tree(a_checkout(tmp_path, files), 60)
    assert [(it.tool, it.outcome, it.missing) for it in result.tools] == [
        ("pylint", ToolOutcome.OK, ("pylint_django",)),
        ("flake8", ToolOutcome.OK, ("flake8-bugbear",)),
    ]
    assert {"W0611", "F401"} <= {it.code for it in result.findings}
    assert (result.partial, result.failed) == (True, False)
    assert "flake8 ran without flake8-bugbear, not installed here." in describe_partial(result)
