"""Pure: which tool judges which files from which folder, with which configuration file.

Each file belongs to the nearest folder above it that configures the tool, else to the repository's
root. From there the tool finds its configuration by its own rules, as on a contributor's machine.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from lintbot.pipeline.tools.config_files import ConfigFiles, parent, upwards
from lintbot.pipeline.tools.registry import TOOLS
from lintbot.pipeline.tools.tool import Tool

MAX_ROOTS = 40
"""Folders of one tool with a configuration of their own; the files of further ones stay with the
folder above: each folder is a run, and a hostile tree could have thousands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The files that one tool judges from one folder.

    Attributes:
        root: the folder that the tool is run in, relative to the repository; empty for its root.
        config_path: the file that configures it there; None for its defaults.
        more_configs: files of folders below that it applies to these by itself.
        files: relative to the repository, sorted, never empty.
        others: files and folders below ``root`` that it must not judge: another group does, or
            nobody.
        arguments: what the configuration adds to the tool's command.
        python: the version of Python that it is told to judge for; empty: its own choice.
    """

    tool: Tool
    root: str
    config_path: str | None
    more_configs: tuple[str, ...] = ()
    files: tuple[str, ...]
    others: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    python: str = ""

    @property
    def configs(self) -> tuple[str, ...]:
        """Every file that configures the tool here."""
        return (*((self.config_path,) if self.config_path else ()), *self.more_configs)

    def relative(self, path: str) -> str:
        """Return a path of the repository as seen from ``root``."""
        return _relative(self.root, path)


def plan_groups(
    files: Iterable[str],
    configs: ConfigFiles,
    *,
    tools: Sequence[Tool] = TOOLS,
    excluded: Iterable[str] = (),
) -> tuple[Group, ...]:
    """Return the groups, in the order of the tools, then of their roots.

    Every file is in exactly one group of each tool, unless the tool's configuration leaves it
    out, or the tool runs only where it is configured.

    Args:
        files: every Python file of the tree.
        configs: the tree's configuration files.
        tools: which of them to run.
        excluded: Python files that nobody is to judge.
    """
    chosen, spared = sorted(files), sorted(excluded)
    return tuple(it for tool in tools for it in _plan_tool(tool, chosen, spared, configs))


def _plan_tool(
    tool: Tool, files: Sequence[str], spared: Sequence[str], configs: ConfigFiles
) -> Iterator[Group]:
    roots = _find_roots(tool, configs)
    members, others = _by_root(files, roots), _by_root(spared, roots)
    for root in sorted(roots - {""}):
        others[_nearest(parent(root), roots)].append(root)
    for root in sorted(roots):
        judged = _judged(tool, root, members[root], configs)
        if judged:
            python = ".".join(map(str, tool.python(root, configs) or ()))
            option = (f"{tool.python_option}{python}",) if python else ()
            yield Group(
                tool=tool,
                root=root,
                config_path=tool.find_config(root, configs),
                more_configs=_find_below(tool, root, configs) if tool.hierarchical else (),
                files=judged,
                others=tuple(others[root]),
                arguments=(*option, *tool.arguments(root, configs)),
                python=python,
            )


def _find_roots(tool: Tool, configs: ConfigFiles) -> set[str]:
    """Return the folders to run a tool in: those that configure it, and the repository's own.

    A folder that the configuration above it leaves out is none.
    """
    folders = {parent(path) for path in configs.contents}
    configured = [it for it in folders if tool.own_config(it, configs)]
    roots = set() if tool.where_configured else {""}
    for folder in sorted(configured, key=lambda it: (_depth(it), it)):
        above = _nearest(folder, roots)
        if above is None or (
            not tool.hierarchical
            and len(roots) <= MAX_ROOTS
            and not tool.leave_out(above, configs)(_relative(above, folder))
        ):
            roots.add(folder)
    return roots


def _by_root(paths: Iterable[str], roots: AbstractSet[str]) -> dict[str | None, list[str]]:
    """Sort paths by the nearest root above them; those under none are under None."""
    members: dict[str | None, list[str]] = defaultdict(list)
    for path in paths:
        members[_nearest(parent(path), roots)].append(path)
    return members


def _judged(tool: Tool, root: str, files: list[str], configs: ConfigFiles) -> tuple[str, ...]:
    if not files or not tool.names_files:
        return tuple(files)
    leaves_out = tool.leave_out(root, configs)
    return tuple(path for path in files if not leaves_out(_relative(root, path)))


def _find_below(tool: Tool, root: str, configs: ConfigFiles) -> tuple[str, ...]:
    folders = {parent(path) for path in configs.contents if _is_below(parent(path), root)}
    found = (tool.own_config(folder, configs) for folder in sorted(folders))
    return tuple(path for path in found if path)


def _nearest(folder: str, roots: AbstractSet[str]) -> str | None:
    return next((above for above in upwards(folder) if above in roots), None)


def _is_below(folder: str, root: str) -> bool:
    return folder != root and (not root or folder.startswith(f"{root}/"))


def _relative(root: str, path: str) -> str:
    return path.removeprefix(f"{root}/") if root else path


def _depth(folder: str) -> int:
    return folder.count("/") + bool(folder)


def digest_configs(configs: ConfigFiles, groups: Iterable[Group]) -> str:
    """Return 16 hexadecimal digits over the root's configuration files and all that is read."""
    used = {path for group in groups for path in group.configs}
    paths = used | {path for path in configs.contents if not parent(path)}
    digest = hashlib.sha256()
    for path in sorted(paths):
        data = configs.contents[path]
        digest.update(f"{path}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()[:16]
