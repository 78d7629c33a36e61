"""Pure: what a tree's configuration says that its tools do not read as meant, and what to do."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

from lintbot.pipeline.flake8_doctor import describe_options, find_missing
from lintbot.pipeline.plan import Group
from lintbot.pipeline.tools.config_files import ConfigFiles, join, parent, upwards
from lintbot.pipeline.tools.pylint import RC_NAMES

_ONE_OF_ITS_PLACES = frozenset({"pylint", "flake8", "ruff", "mypy"})
"""Tools that read the first of their files in a folder, and never the next."""
_FLAKE8_READS_NO_TOML = (
    "flake8 does not read [tool.flake8] of {}, only setup.cfg, tox.ini and .flake8."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What is wrong with one group's configuration.

    Attributes:
        notices: plain sentences.
        missing: plugins that it asks for and that are not installed.
    """

    notices: tuple[str, ...]
    missing: tuple[str, ...] = ()


def examine(
    group: Group, groups: Iterable[Group], configs: ConfigFiles, plugins: Container[str] = ()
) -> Diagnosis:
    """Look for what the tool does not read, or reads otherwise than it was meant.

    Args:
        group: whose tool and configuration it is.
        groups: all of the tree's.
        configs: the tree's configuration files.
        plugins: distributions that the tool is run with.
    """
    notices = list(_describe_unread(group, configs))
    if group.tool.name == "pylint":
        alike = [it for it in groups if it.tool is group.tool]
        notices += _describe_lost(group, alike, configs)
    if group.tool.name != "flake8":
        return Diagnosis(notices=tuple(notices))
    if group.config_path is not None:
        notices += describe_options(group.config_path, configs, plugins)
    required = find_missing(group.config_path, configs)
    return Diagnosis(
        notices=tuple(notices), missing=tuple(it for it in required if it not in plugins)
    )


def _describe_unread(group: Group, configs: ConfigFiles) -> Iterator[str]:
    """Say which files in the folder of the configuration are not read, and why."""
    toml, name = join(group.root, "pyproject.toml"), group.tool.name
    flake8s = configs.toml_tool(toml, "flake8") if name == "flake8" else None
    if flake8s is not None and group.config_path != toml:
        yield _FLAKE8_READS_NO_TOML.format(toml)
    if name == "pylint" and toml in configs and configs.toml(toml) is None:
        yield f"{toml} is not valid TOML, so no tool reads it."
    used = group.config_path
    if used is None or name not in _ONE_OF_ITS_PLACES:
        return
    folder = parent(used)
    for path in (join(folder, place) for place in group.tool.places):
        if path != used and path in configs:
            alone = ConfigFiles({path: configs.contents[path]})
            if group.tool.own_config(folder, alone):
                yield f"{path} is for {name} too and is not read: {used} comes first."


def _describe_lost(group: Group, alike: list[Group], configs: ConfigFiles) -> Iterator[str]:
    """Say which of pylint's own files no run finds, or not this one; pylint joins no two."""
    if group.root:
        folders = upwards(parent(group.root))
        above = next((path for it in folders if (path := group.tool.own_config(it, configs))), None)
        if above is not None and above != group.config_path:
            yield (
                f"{above} is not found from {group.root}: pylint reads {group.config_path} there, "
                "and nothing else."
            )
        return
    judged = [path for it in alike for path in it.files]
    for path in sorted(configs.contents):
        folder = parent(path)
        is_rc = bool(folder) and path.rpartition("/")[2] in RC_NAMES
        if is_rc and not any(it.startswith(f"{folder}/") for it in judged):
            yield (
                f"{path} is not read: pylint looks where it is run, and judges no file in "
                f"{folder}. What is meant for all belongs into the repository's root."
            )
