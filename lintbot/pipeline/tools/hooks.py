"""Pure: how pre-commit is told to run a tool.

https://pre-commit.com/#pre-commit-configyaml---hooks
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, chain
from typing import Any

import yaml

from lintbot.pipeline.tools.config_files import ConfigFiles

PRE_COMMIT = ".pre-commit-config.yaml"
MAX_BYTES = 64 * 1024
"""The reader takes about a second for so much; what is longer is not read."""
MAX_DEPTH = 50
"""Of brackets: the reader takes time with the square of it."""
MAX_EXPANDED = 2 * MAX_BYTES
"""Characters and nodes with every alias written out: a few lines can stand for gigabytes."""
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
        return dicts(_load(data), "repos")
    except (yaml.YAMLError, ValueError, RecursionError):
        return []


def dicts(table: object, key: str) -> list[dict[str, Any]]:
    """Return the mappings of a list in a mapping, whatever else is there."""
    value = table.get(key) if isinstance(table, dict) else None
    return [it for it in value if isinstance(it, dict)] if isinstance(value, list) else []


def _load(data: bytes) -> object:
    """Read YAML; None when there is too much of it."""
    # It makes text of everything and joins no mappings, which can take time without end.
    loader = yaml.BaseLoader(data)
    try:
        node = loader.get_single_node()
        if node is None or _expanded(node, {}) > MAX_EXPANDED:
            return None
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _expanded(node: yaml.Node, known: dict[int, int]) -> int:
    """Return the size with every alias written out; what holds itself is over the limit."""
    if id(node) not in known:
        known[id(node)] = MAX_EXPANDED + 1
        known[id(node)] = 1 + sum(_expanded(it, known) for it in _parts(node)) + _length(node)
    return known[id(node)]


def _parts(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        yield from node.value
    elif isinstance(node, yaml.MappingNode):
        yield from chain.from_iterable(node.value)


def _length(node: yaml.Node) -> int:
    return len(node.value) if isinstance(node, yaml.ScalarNode) else 0


def _depth(data: bytes) -> int:
    """Return how deep brackets are nested, or more."""
    steps = (_STEPS.get(byte, 0) for byte in data)
    return max(accumulate(steps), default=0)
