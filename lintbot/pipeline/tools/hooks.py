"""Pure: how pre-commit is told to run a tool.

https://pre-commit.com/#pre-commit-configyaml---hooks
"""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import yaml

from lintbot.pipeline.tools.config_files import ConfigFiles

PRE_COMMIT = ".pre-commit-config.yaml"
MAX_BYTES = 64 * 1024
"""The reader takes about a second for so much; what is longer is not read."""
MAX_DEPTH = 50
"""Of brackets: the reader takes time with the square of it."""
MAX_WORDS = 100

_STEPS = dict.fromkeys(b"[{", 1) | dict.fromkeys(b"]}", -1)


def find_hook_arguments(path: str, hook: str, files: ConfigFiles) -> tuple[str, ...] | None:
    """Return the ``args`` of a hook; None when there is no such hook."""
    hooks = (
        it for repo in read_repos(files.contents.get(path, b"")) for it in dicts(repo, "hooks")
    )
    found = next((it for it in hooks if it.get("id") == hook), None)
    if found is None:
        return None
    words = found.get("args")
    return tuple(map(str, words[:MAX_WORDS])) if isinstance(words, list) else ()


def read_repos(data: bytes) -> list[dict[str, Any]]:
    """Return the ``repos`` of pre-commit's configuration, every scalar as text."""
    if len(data) > MAX_BYTES or _depth(data) > MAX_DEPTH:
        return []
    try:
        # It makes text of everything and joins no mappings, which can take time without end.
        read = yaml.load(data, Loader=yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, ValueError, RecursionError):
        return []
    return dicts(read, "repos")


def dicts(table: object, key: str) -> list[dict[str, Any]]:
    """Return the mappings of a list in a mapping, whatever else is there."""
    value = table.get(key) if isinstance(table, dict) else None
    return [it for it in value if isinstance(it, dict)] if isinstance(value, list) else []


def _depth(data: bytes) -> int:
    """Return how deep brackets are nested, or more."""
    steps = (_STEPS.get(byte, 0) for byte in data)
    return max(accumulate(steps), default=0)
