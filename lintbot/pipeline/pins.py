"""Pure: which tools and plugins a repository asks for, in which versions. All of it is hostile.

Read are the files that a contributor's tools are installed from: pre-commit's configuration, lock
files, requirements, tox's environments, and the project's own metadata.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from packaging.markers import Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.version import InvalidVersion, Version

from lintbot.model.known_tools import OLDEST, PLUGINS
from lintbot.model.requirement import Requirement
from lintbot.pipeline.tools.config_files import parent, upwards
from lintbot.pipeline.tools.hooks import PRE_COMMIT, dicts, read_repos
from lintbot.requirements.documents import UnreadableError, decode, load_ini
from lintbot.requirements.locks import is_lock
from lintbot.requirements.one import make_requirement
from lintbot.requirements.written import MAX_FOUND, is_requirement_file, read_file

MAX_FILES = 40
MAX_BYTES = 2 * 1024 * 1024
"""Of one file; a longer one is not read."""

_HOOK_REPO = re.compile(
    r"/(?:mirrors-)?(pylint|flake8|ruff|mypy|bandit)(?:-pre-commit)?(?:\.git)?/?$"
)
_KNOWN = frozenset({*OLDEST, *PLUGINS})
_NAMES = tuple(it.encode() for it in sorted(_KNOWN) if not any(o in it for o in _KNOWN if o != it))
"""Whoever names ``flake8-bugbear`` names ``flake8``."""
_NORMAL = bytes.maketrans(b"_.", b"--")
TOX = "tox.ini"
_METADATA = frozenset({"pyproject.toml", "setup.cfg", "Pipfile"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """What a file says about a tool or plugin.

    Attributes:
        version: exact, in its normal form; None when it is asked for without one.
        path: of the file, relative to the repository.
    """

    name: str
    version: str | None
    path: str


def is_pin_file(path: str) -> bool:
    """Tell whether a path may pin tools."""
    return path.rpartition("/")[2] in {PRE_COMMIT, TOX} or is_requirement_file(path)


def read_pins(contents: Mapping[str, bytes]) -> tuple[Pin, ...]:
    """Return every pin in some files; those that count first come first in each folder."""
    found: list[Pin] = []
    for path in sorted(contents, key=lambda it: (_rank(it), it))[:MAX_FILES]:
        data = contents[path]
        if len(data) <= MAX_BYTES and _names_any(data):
            found += (it for it in _read(path, data) if it.name in _KNOWN)
    return tuple(found)


def _names_any(data: bytes) -> bool:
    """Tell whether a tool or plugin is named; a lock file without one need not be understood."""
    normal = data.lower().translate(_NORMAL)
    return any(name in normal for name in _NAMES)


def find_pins(folder: str, pins: Iterable[Pin]) -> dict[str, Pin]:
    """Return what is asked for in a folder: by itself, else by the folders above it.

    The first exact version counts; without any, that it is asked for.
    """
    known = list(pins)
    chosen: dict[str, Pin] = {}
    for above in upwards(folder):
        for pin in (it for it in known if _folder(it.path) == above):
            if pin.name not in chosen or (chosen[pin.name].version is None and pin.version):
                chosen[pin.name] = pin
    return chosen


def to_version(text: str) -> str | None:
    """Return a plain version in its normal form; None when it is none."""
    try:
        version = Version(text)
    except InvalidVersion:
        return None
    return None if version.local or version.epoch or version.is_devrelease else str(version)


def _rank(path: str) -> int:
    """Order the files of one folder: what is installed from first, what is only declared last."""
    name = path.rpartition("/")[2]
    if name == PRE_COMMIT:
        return 0
    if is_lock(name):
        return 1
    return 3 if name in _METADATA else 2


def _folder(path: str) -> str:
    """Return the folder that a file speaks for; ``requirements/dev.txt`` for the one above."""
    folder = parent(path)
    above, _, name = folder.rpartition("/")
    return above if name == "requirements" else folder


def _read(path: str, data: bytes) -> Iterator[Pin]:
    name = path.rpartition("/")[2]
    if name == PRE_COMMIT:
        yield from _read_pre_commit(path, data)
        return
    try:
        required = _read_tox(path, data) if name == TOX else read_file(path, data)[0]
    except UnreadableError:
        return
    yield from (_to_pin(it) for it in required if _counts(it))


def _read_tox(path: str, data: bytes) -> list[Requirement]:
    """Return what its environments need; what only some of a section do (``py39: x``) is left out.

    https://tox.wiki/en/latest/config.html#deps
    """
    parser = load_ini(path, decode(path, data, MAX_BYTES))
    sections = [it for it in parser.sections() if it.partition(":")[0] == "testenv"]
    lines = [it for name in sections for it in parser.get(name, "deps", fallback="").splitlines()]
    found = (make_requirement(it.partition(" #")[0], path, 1) for it in lines[:MAX_FOUND])
    return [it for it in found if it is not None]


def _read_pre_commit(path: str, data: bytes) -> Iterator[Pin]:
    for repo in read_repos(data):
        found = _HOOK_REPO.search(str(repo.get("repo", ""))[:200])
        if found:
            version = to_version(str(repo.get("rev", ""))[:40].removeprefix("v"))
            yield Pin(name=found[1], version=version, path=path)
        for hook in dicts(repo, "hooks"):
            asked = hook.get("additional_dependencies")
            for text in asked if isinstance(asked, list) else ():
                needed = make_requirement(str(text), path, 1)
                if needed is not None and _counts(needed):
                    yield _to_pin(needed)


def _counts(required: Requirement) -> bool:
    """Tell whether it is a known name from the index, required on this machine."""
    if required.elsewhere or required.name not in _KNOWN:
        return False
    try:
        return not required.marker or Marker(required.marker).evaluate({"extra": ""})
    except (UndefinedComparison, UndefinedEnvironmentName):
        return False


def _to_pin(required: Requirement) -> Pin:
    version = to_version(required.pinned) if required.pinned else None
    return Pin(name=required.name, version=version, path=required.path)
