"""Pure: what flake8 makes of its options: it ignores unknown ones, and knows no comment behind one.

https://flake8.pycqa.org/en/latest/user/configuration.html
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Container, Iterator
from typing import Final

from packaging.utils import canonicalize_name

from lintbot.pipeline.tools.config_files import MAX_CONFIG_BYTES, ConfigFiles
from lintbot.pipeline.tools.flake8 import read_options, split_list

REFUSED: Final = frozenset(
    {
        *("count", "disable_noqa", "doctests", "hang_closing", "show_source", "statistics", "tee"),
        *("indent_size", "max_complexity", "max_doc_length", "max_line_length", "quiet"),
        *("ignore", "extend_ignore", "per_file_ignores", "require_plugins"),
    }
)
"""Options whose value must be a number, a switch or codes: flake8 does not run with another."""
TAKEN: Final = frozenset(
    {
        *("builtins", "exclude", "extend_exclude", "extend_select", "filename", "select"),
        "enable_extensions",
    }
)
"""Options that are lists of anything: what stands behind a # is more of it."""
OPTIONS: Final = (
    REFUSED | TAKEN | {"format", "jobs", "output_file", "color", "verbose", "benchmark"}
)
OWN_PLUGINS: Final = frozenset({"flake8", "mccabe", "pycodestyle", "pyflakes"})
"""What flake8 brings itself."""
_OF_PLUGINS: Final = {
    "flake8-annotations": "suppress_none_returning suppress_dummy_args allow_untyped_defs "
    "mypy_init_return dispatch_decorators overload_decorators allow_star_arg_any",
    "flake8-bugbear": "extend_immutable_calls",
    "flake8-cognitive-complexity": "max_cognitive_complexity",
    "flake8-docstrings": "docstring_convention ignore_decorators property_decorators",
    "flake8-eradicate": "eradicate_aggressive eradicate_whitelist eradicate_whitelist_extend",
    "flake8-import-order": "import_order_style application_import_names application_package_names",
    "flake8-isort": "isort_show_traceback",
    "flake8-noqa": "noqa_require_code noqa_include_name noqa_no_require_code",
    "flake8-pytest-style": "pytest_fixture_no_parentheses pytest_mark_no_parentheses "
    "pytest_parametrize_names_type pytest_parametrize_values_type pytest_raises_require_match_for",
    "flake8-quotes": "inline_quotes multiline_quotes docstring_quotes avoid_escape",
    "flake8-rst-docstrings": "rst_roles rst_directives rst_substitutions",
    "flake8-tidy-imports": "banned_modules ban_relative_imports",
    "flake8-type-checking": "type_checking_strict type_checking_exempt_modules",
    "pep8-naming": "ignore_names classmethod_decorators staticmethod_decorators",
    "wemake-python-styleguide": "max_methods max_imports max_local_variables",
}
_PLUGIN: Final = {word: name for name, words in _OF_PLUGINS.items() for word in words.split()}
_SECTION = re.compile(r"\[(?P<name>[^\]]+)\]")
_OPTION = re.compile(r"(?P<name>[^\s=:][^=:]*?)\s*[=:]\s*(?P<value>.*)")
_COMMENT = re.compile(r"(?:^|\s)[#;]")
_SPECIFIER = re.compile(r"[<>=!~;\[\s]")
MAX_NOTICES = 20


def describe_options(
    path: str, configs: ConfigFiles, plugins: Container[str] = ()
) -> tuple[str, ...]:
    """Return plain sentences about the options in a configuration file of flake8.

    Args:
        path: of the file.
        configs: the tree's configuration files.
        plugins: distributions that flake8 is run with, whose options it knows.
    """
    unknown = (_describe_unknown(path, it, plugins) for it in read_options(path, configs))
    said = (*_describe_comments(path, configs), *filter(None, unknown))
    return tuple(dict.fromkeys(said))[:MAX_NOTICES]


def find_missing(path: str | None, configs: ConfigFiles) -> tuple[str, ...]:
    """Return the plugins of ``require-plugins`` that flake8 does not bring, sorted."""
    options = read_options(path, configs) if path else {}
    text = options.get("require-plugins", options.get("require_plugins", ""))
    named = (canonicalize_name(_SPECIFIER.split(it)[0]) for it in split_list(text))
    return tuple(sorted(set(named) - OWN_PLUGINS - {""}))


def _describe_unknown(path: str, option: str, plugins: Container[str]) -> str:
    name = option.replace("-", "_")
    if name in OPTIONS or _PLUGIN.get(name) in plugins:
        return ""
    said = f"{path}: flake8 ignores {option[:60]}, which is none of its options"
    if name in _PLUGIN:
        return f"{said}; {_PLUGIN[name]} would add it."
    near = difflib.get_close_matches(name[:60], OPTIONS, n=1, cutoff=0.75)
    return f"{said}. Is {near[0].replace('_', '-')} meant?" if near else f"{said} (any more)."


def _describe_comments(path: str, configs: ConfigFiles) -> Iterator[str]:
    """Say where a comment stands behind a value: flake8 takes it for a part of it."""
    if "flake8" not in configs.ini(path):
        return
    for number, option, value in _lines(configs.contents[path]):
        if _COMMENT.search(value) is None:
            continue
        if option.replace("-", "_") in REFUSED:
            yield (
                f"{path}:{number}: flake8 takes the comment behind {option} for a part of its "
                "value and refuses to run. Comments belong on lines of their own."
            )
        elif option.replace("-", "_") in TAKEN:
            yield (
                f"{path}:{number}: flake8 takes the comment behind {option} for more of its "
                "values. Comments belong on lines of their own."
            )


def _lines(data: bytes) -> Iterator[tuple[int, str, str]]:
    """Yield line number, option and the text behind it, as the standard library reads them."""
    section = option = ""
    text = data[:MAX_CONFIG_BYTES].decode(errors="replace")
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip() or line.strip().startswith(("#", ";")):
            continue
        value = line.strip()
        if found := _SECTION.match(line):
            section, option = found["name"], ""
        elif found := _OPTION.match(line):
            option, value = found["name"].strip().lower(), found["value"]
        if section == "flake8" and option:
            yield number, option, value
