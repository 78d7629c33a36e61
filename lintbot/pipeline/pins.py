"""Pure: which tools and plugins a repository asks for, in which versions. All of it is hostile.

Read are the files that a contributor's tools install from: pre-commit's configuration, lock files,
requirements, and the extras and groups of pyproject.toml, setup.cfg and tox.ini.
"""

from __future__ import annotations

import configparser
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import yaml
from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from lintbot.model.known_tools import OLDEST, PLUGINS, normalize
from lintbot.pipeline.tools.config_files import ConfigFiles, join, upwards

MAX_YAML_BYTES = 32 * 1024
MAX_LINES = 5_000
PRE_COMMIT = ".pre-commit-config.yaml"
LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock")
_REQUIREMENTS = re.compile(r"([\w.-]*[-_.])?requirements([-_.][\w.-]*)?\.(txt|in)")
_IN_FOLDER = re.compile(r"requirements/[\w.-]+\.(txt|in)")
_LOCKED = re.compile(
    r'^\[\[packages?\]\]\nname = "([^"\n]{1,60})"\nversion = "([^"\n]{1,40})"', re.MULTILINE
)
_HOOKS = re.compile(r"/(?:mirrors-)?(pylint|flake8|ruff|mypy|bandit)(?:-pre-commit)?(?:\.git)?/?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """What a file says about a tool or plugin.

    Attributes:
        version: exact; None when it is asked for without one.
        path: of the file, relative to the repository.
    """

    name: str
    version: str | None
    path: str


def is_pin_file(path: str) -> bool:
    """Tell whether a path may pin tools (besides the files that configure them)."""
    name = path.rpartition("/")[2]
    inside = "/".join(path.split("/")[-2:])
    return (
        name in (PRE_COMMIT, *LOCKS)
        or _REQUIREMENTS.fullmatch(name) is not None
        or _IN_FOLDER.fullmatch(inside) is not None
    )


def find_pins(folder: str, files: ConfigFiles) -> dict[str, Pin]:
    """Return what is asked for in a folder: by itself, else by the folders above it.

    In one folder pre-commit's configuration comes first, then lock files, requirements, and what
    the project's metadata says. The first exact version counts.
    """
    pins: dict[str, Pin] = {}
    for above in upwards(folder):
        for path in _places(above, files):
            for name, version in _read(path, files):
                known = normalize(name)
                if known not in OLDEST and known not in PLUGINS:
                    continue
                if known not in pins or (pins[known].version is None and version is not None):
                    pins[known] = Pin(name=known, version=version, path=path)
    return pins


def _places(folder: str, files: ConfigFiles) -> Iterator[str]:
    fixed = (PRE_COMMIT, *LOCKS)
    yield from (join(folder, name) for name in fixed if join(folder, name) in files)
    prefix = join(folder, "")
    for path in sorted(files.contents):
        rest = path.removeprefix(prefix) if path.startswith(prefix) else ""
        if _REQUIREMENTS.fullmatch(rest) or _IN_FOLDER.fullmatch(rest):
            yield path
    meta = ("pyproject.toml", "setup.cfg", "tox.ini")
    yield from (join(folder, name) for name in meta if join(folder, name) in files)


def _read(path: str, files: ConfigFiles) -> Iterable[tuple[str, str | None]]:
    name = path.rpartition("/")[2]
    data = files.contents[path]
    if name == PRE_COMMIT:
        return _read_pre_commit(data)
    if name == "Pipfile.lock":
        return _read_pipfile_lock(data)
    if name in LOCKS:
        text = data.decode(errors="replace").replace("\r\n", "\n")
        return [(it, to_version(version)) for it, version in _LOCKED.findall(text)]
    if name == "pyproject.toml":
        return _read_pyproject(files.toml(path) or {})
    if name in {"setup.cfg", "tox.ini"}:
        return _read_ini(files.ini(path))
    return _read_requirements(data.decode(errors="replace").splitlines()[:MAX_LINES])


def _read_requirements(lines: Iterable[Any]) -> Iterator[tuple[str, str | None]]:
    for line in lines:
        text = re.split(r"\s#|\s--|\\$", line)[0].strip() if isinstance(line, str) else ""
        # tox writes `{[base]deps}` and `py: name`; an option begins with a dash.
        if not text or text[0] in "-#{":
            continue
        try:
            need = Requirement(text)
        except InvalidRequirement:
            continue
        if need.url is None and (need.marker is None or need.marker.evaluate({"extra": ""})):
            yield need.name, _exact(str(need.specifier))


def _exact(specifier: str) -> str | None:
    """Return the version of ``==4.1.3``; None of anything else."""
    return to_version(specifier.removeprefix("==")) if specifier.startswith("==") else None


def to_version(text: str) -> str | None:
    """Return a plain version in its normal form; None when it is none."""
    try:
        version = Version(text)
    except InvalidVersion:
        return None
    return None if version.local or version.epoch or version.is_devrelease else str(version)


def _read_pre_commit(data: bytes) -> Iterator[tuple[str, str | None]]:
    for repo in _lists(_load_yaml(data), "repos"):
        found = _HOOKS.search(str(repo.get("repo", ""))[:200])
        if found:
            yield found[1], to_version(str(repo.get("rev", "")).removeprefix("v"))
        for hook in _lists(repo, "hooks"):
            asked = hook.get("additional_dependencies")
            yield from _read_requirements(asked if isinstance(asked, list) else ())


def _load_yaml(data: bytes) -> Any:
    """Return what a YAML file holds, every scalar as text; aliases are not followed far."""
    if len(data) > MAX_YAML_BYTES:
        return None
    try:
        # The base loader makes nothing but texts, lists and mappings, and merges nothing.
        return yaml.load(data, Loader=yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


def _lists(table: Any, key: str) -> list[dict[Any, Any]]:
    value = table.get(key) if isinstance(table, dict) else None
    return [it for it in value if isinstance(it, dict)] if isinstance(value, list) else []


def _read_pipfile_lock(data: bytes) -> Iterator[tuple[str, str | None]]:
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return
    for section in ("develop", "default"):
        table = content.get(section) if isinstance(content, dict) else None
        for name, entry in table.items() if isinstance(table, dict) else ():
            version = entry.get("version") if isinstance(entry, dict) else None
            yield name, _exact(str(version))


def _read_pyproject(content: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    project = _table(content, "project")
    yield from _read_requirements(_list(project, "dependencies"))
    for group in (_table(project, "optional-dependencies"), _table(content, "dependency-groups")):
        for name in group:
            yield from _read_requirements(_list(group, name))
    tool = _table(content, "tool")
    yield from _read_requirements(_list(_table(tool, "uv"), "dev-dependencies"))
    pdm = _table(_table(tool, "pdm"), "dev-dependencies")
    for name in pdm:
        yield from _read_requirements(_list(pdm, name))
    yield from _read_poetry(_table(tool, "poetry"))


def _read_poetry(poetry: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    groups = _table(poetry, "group")
    tables = [_table(poetry, "dependencies"), _table(poetry, "dev-dependencies")]
    tables += [_table(_table(groups, name), "dependencies") for name in groups]
    for table in tables:
        for name, value in table.items():
            version = value.get("version") if isinstance(value, dict) else value
            # A bare version is exact to poetry.
            yield name, to_version(str(version).removeprefix("=="))


def _read_ini(parser: configparser.RawConfigParser) -> Iterator[tuple[str, str | None]]:
    for section in parser.sections():
        for option, value in parser[section].items():
            in_extras = section == "options.extras_require"
            if in_extras or option in {"deps", "install_requires", "tests_require"}:
                lines = (re.sub(r"^[\w,.{}!-]+:\s*", "", it.strip()) for it in value.splitlines())
                yield from _read_requirements(islice(lines, MAX_LINES))


def _table(content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = content.get(key)
    return value if isinstance(value, dict) else {}


def _list(content: Mapping[str, Any], key: str) -> list[Any]:
    value = content.get(key)
    return value[:MAX_LINES] if isinstance(value, list) else []
