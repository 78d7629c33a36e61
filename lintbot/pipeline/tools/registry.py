"""Pure: the tools, in the order in which people see them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from lintbot.pipeline.tools.bandit import BANDIT
from lintbot.pipeline.tools.flake8 import FLAKE8
from lintbot.pipeline.tools.mypy import MYPY
from lintbot.pipeline.tools.pylint import PYLINT
from lintbot.pipeline.tools.ruff import RUFF
from lintbot.pipeline.tools.tool import Tool

TOOLS: tuple[Tool, ...] = (PYLINT, FLAKE8, RUFF, MYPY, BANDIT)

CONFIG_NAMES = frozenset(name for tool in TOOLS for name in tool.places)
"""Every name of a file that may configure a tool."""


def choose_tools(switched_on: Collection[str], switched_off: Collection[str]) -> tuple[Tool, ...]:
    """Return the tools to run: one that is switched on runs also where nothing configures it."""
    wanted = (tool for tool in TOOLS if tool.name not in switched_off)
    return tuple(
        replace(tool, where_configured=False) if tool.name in switched_on else tool
        for tool in wanted
    )
