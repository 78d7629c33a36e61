"""Pure: with which versions and plugins one group wants to be judged, and who says so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from packaging.version import Version

from lintbot.model.known_tools import (
    FLAKE8_PYPROJECT,
    OLDEST,
    PLUGINS,
    Kit,
    Plugin,
)
from lintbot.pipeline.flake8_doctor import find_missing
from lintbot.pipeline.pins import Pin, find_pins, to_version
from lintbot.pipeline.plan import Group
from lintbot.pipeline.tools import pylint
from lintbot.pipeline.tools.config_files import ConfigFiles, join


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What one group asks for.

    Attributes:
        kit: the tool and its plugins.
        pinned_by: the file that pins the tool's version; empty: nothing does.
        notices: plain sentences about what is asked for and not granted.
    """

    kit: Kit
    pinned_by: str = ""
    notices: tuple[str, ...] = ()


def read_wish(
    group: Group, configs: ConfigFiles, pins_of_tree: Iterable[Pin], own_version: str
) -> Wish:
    """Return what a group asks for.

    Args:
        group: with its configuration.
        configs: the tree's configuration files.
        pins_of_tree: what the tree pins, see ``pins.read_pins``.
        own_version: of the tool on this server, for who pins none.
    """
    name = group.tool.name
    pins = find_pins(group.root, pins_of_tree)
    pin = _required_ruff(group, configs) or pins.get(name)
    version, notices = own_version, tuple[str, ...]()
    if pin is not None and pin.version is not None:
        if Version(pin.version) >= Version(OLDEST.get(name, own_version)):
            version = pin.version
        else:
            notices = (
                f"{pin.path} pins {name} {pin.version}; lintbot runs {OLDEST[name]} and newer.",
            )
    own = version == own_version
    plugins = sorted(
        _require(it, pins.get(it.name), own=own) for it in _plugins(group, configs, pins)
    )
    return Wish(
        kit=(f"{name}=={version}", *plugins),
        pinned_by=pin.path if pin is not None and pin.version == version else "",
        notices=notices,
    )


def _required_ruff(group: Group, configs: ConfigFiles) -> Pin | None:
    """Return ruff's own ``required-version``, if it is exact: another would not run at all."""
    path = group.config_path
    if group.tool.name != "ruff" or path is None:
        return None
    table = (
        configs.toml_tool(path, "ruff") if path.endswith("pyproject.toml") else configs.toml(path)
    )
    asked = table.get("required-version") if isinstance(table, dict) else None
    version = to_version(asked.removeprefix("==")) if isinstance(asked, str) else None
    return Pin(name="ruff", version=version, path=path) if version else None


def _require(plugin: Plugin, pin: Pin | None, *, own: bool) -> str:
    """Return a plugin's requirement: as pinned, else what goes with the server's own tool."""
    if pin is not None and pin.version is not None:
        return f"{plugin.name}=={pin.version}"
    return f"{plugin.name}=={plugin.version}" if own else plugin.name


def _plugins(group: Group, configs: ConfigFiles, pins: Mapping[str, Pin]) -> Iterator[Plugin]:
    if group.tool.name == "pylint":
        asked = {it.partition(".")[0] for it in _loaded_modules(group, configs)}
        yield from (it for it in PLUGINS.values() if asked.intersection(it.modules))
    if group.tool.name == "flake8":
        # flake8's plugins are on as soon as they are installed.
        names = {*pins, *find_missing(group.config_path, configs)}
        yield from (it for it in PLUGINS.values() if it.tool == "flake8" and it.name in names)


def _loaded_modules(group: Group, configs: ConfigFiles) -> list[str]:
    """Return the modules that pylint's ``load-plugins`` names."""
    options = pylint.read_options(group.config_path, configs) if group.config_path else {}
    text = options.get("load-plugins", options.get("load_plugins", ""))
    return [word for word in re.split(r"[\s,]+", text) if word]


def with_toml_of_plugin(group: Group, kit: Kit, configs: ConfigFiles) -> Group:
    """Return the group as flake8-pyproject configures it: by the pyproject.toml beside it."""
    path = join(group.root, "pyproject.toml")
    asked = any(it.partition("==")[0] == FLAKE8_PYPROJECT for it in kit)
    if asked and configs.toml_tool(path, "flake8") is not None:
        return replace(group, config_path=path)
    return group
