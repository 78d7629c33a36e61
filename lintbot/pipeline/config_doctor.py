"""Pure: what a tree's configuration says that its tools do not read as meant, and what to do."""

from __future__ import annotations

from lintbot.pipeline.plan import Group
from lintbot.pipeline.tools.config_files import ConfigFiles

_FLAKE8_READS_NO_TOML = (
    "flake8 does not read [tool.flake8] of pyproject.toml, only setup.cfg, tox.ini and .flake8."
)


def examine(group: Group, configs: ConfigFiles) -> tuple[str, ...]:
    """Return plain sentences about one group's configuration."""
    if group.root:
        return ()
    notices = []
    if group.tool.name == "flake8" and configs.toml_tool("pyproject.toml", "flake8") is not None:
        notices.append(_FLAKE8_READS_NO_TOML)
    if group.tool.name == "pylint" and _is_broken("pyproject.toml", configs):
        notices.append("pyproject.toml is not valid TOML, so no tool reads it.")
    return tuple(notices)


def _is_broken(path: str, configs: ConfigFiles) -> bool:
    return path in configs and configs.toml(path) is None
