"""Pure: the tools, in the order in which people see them."""

from __future__ import annotations

from lintbot.pipeline.tools.flake8 import FLAKE8
from lintbot.pipeline.tools.pylint import PYLINT
from lintbot.pipeline.tools.ruff import RUFF
from lintbot.pipeline.tools.tool import Tool

ALWAYS: tuple[Tool, ...] = (PYLINT, FLAKE8)
"""These run in every repository, with their defaults where it configures nothing."""
WHERE_CONFIGURED: tuple[Tool, ...] = (RUFF,)
"""These run only where the repository configures them."""
