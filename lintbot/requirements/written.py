"""Pure: every requirement that a repository writes down, with its file and line.

All files are read as data: TOML, INI, JSON and pip's requirement lines. Nothing is executed, so
what only ``setup.py`` knows stays unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Any

from lintbot.model.requirement import Requirement, Requirements
from lintbot.requirements.documents import (
    UnreadableError,
    decode,
    get,
    load_ini,
    load_toml,
    strings,
)
from lintbot.requirements.locks import Read, is_lock, read_lock
from lintbot.requirements.one import Lines, make_requirement

MAX_FILES = 100
MAX_BYTES = 5 * 1024 * 1024
MAX_ALL_BYTES = 20 * 1024 * 1024
"""Of all files together; whoever reads them keeps to it."""
MAX_FOUND = 5_000
_MAX_NAMED = 5

_TEXT_FILE = re.compile(r"(?:[\w.-]*requirements[\w.-]*|constraints[\w.-]*)\.(?:txt|in|lock)\Z")
_IN_FOLDER = re.compile(r"(?:^|/)requirements/[\w.-]+\.(?:txt|in)\Z")
_OPTION = re.compile(r"(?:^|\s)--?[a-zA-Z]")
_INDEX_OPTION = re.compile(r"^(?:-i|--index-url|--extra-index-url)[\s=]+(\S+)")
_LEFT_OUT = {"node_modules", "vendor", "_vendor", "third_party", "site-packages", "fixtures"}


def is_requirement_file(path: str) -> bool:
    """Tell whether a file of a repository may hold requirements."""
    *folders, name = path.split("/")
    if _LEFT_OUT.intersection(folders):
        return False
    return (
        name in {"pyproject.toml", "setup.cfg", "Pipfile"}
        or is_lock(name)
        or _TEXT_FILE.match(name) is not None
        or _IN_FOLDER.search(path) is not None
    )


def read_requirements(
    files: Mapping[str, bytes], own_indexes: Container[str], unread: Sequence[str] = ()
) -> Requirements:
    """Return what these files require; a file that cannot be read is named in the problems.

    Where any of them names another index than ours, every requirement is from elsewhere: nobody
    can tell which of the names are secrets of that index.

    Args:
        files: contents by path, of those that :func:`is_requirement_file` takes.
        own_indexes: addresses of the index that lintbot asks, without a slash in the end.
        unread: paths of those that were left out because all together are too large.
    """
    found: list[Requirement] = []
    indexes: list[str] = []
    problems = [_tell_unread(unread)] if unread else []
    hashed, tried = False, 0
    for path in sorted(files)[:MAX_FILES]:
        try:
            read, named = _open(path, files[path])
        except UnreadableError as error:
            problems.append(str(error))
            continue
        some = list(islice(read, MAX_FOUND + 1 - tried))
        tried += len(some)
        found += [it for it in some if it is not None]
        indexes += named  # of every file: they decide whether any name is asked for
        hashed = hashed or is_lock(path.rpartition("/")[2]) or b"--hash=sha256:" in files[path]
    if tried > MAX_FOUND or len(files) > MAX_FILES:
        problems.append(f"Only {MAX_FILES} files and {MAX_FOUND:,} requirements are read.")
    if any(url.rstrip("/") not in own_indexes for url in indexes):
        problems.append("Another package index is named, so none of the names is asked for.")
        found = [replace(it, elsewhere=True) for it in found]
    return Requirements(
        found=tuple(dict.fromkeys(found[:MAX_FOUND])),
        files=tuple(sorted(files)[:MAX_FILES]),
        problems=tuple(problems),
        hashed=hashed,
    )


def _tell_unread(paths: Sequence[str]) -> str:
    more = len(paths) - _MAX_NAMED
    named = ", ".join(paths[:_MAX_NAMED]) + (f" and {more:,} more" if more > 0 else "")
    limit = MAX_ALL_BYTES // 1024 // 1024
    return f"Only {limit} MiB of files with requirements are read, and these are not: {named}."


def read_file(path: str, data: bytes) -> tuple[list[Requirement], list[str]]:
    """Return what one file requires, 5,000 at most, and the indexes that it names.

    Raises:
        UnreadableError: it is too large, or not what its name says.
    """
    read, indexes = _open(path, data)
    return [it for it in islice(read, MAX_FOUND) if it is not None], indexes


def _open(path: str, data: bytes) -> Read:
    return _reader(path)(path, decode(path, data, MAX_BYTES))


def _reader(path: str) -> Callable[[str, str], Read]:
    name = path.rpartition("/")[2]
    if name == "pyproject.toml":
        return _read_pyproject
    if name == "setup.cfg":
        return _read_setup_cfg
    if name == "Pipfile":
        return _read_pipfile
    return read_lock if is_lock(name) else _read_text


# --- pip's requirement files -------------------------------------------------------------


def _read_text(path: str, text: str) -> Read:
    """Read pip's own format: https://pip.pypa.io/en/stable/reference/requirements-file-format/."""
    logical = list(_logical_lines(text))
    indexes = [match[1] for _, line in logical if (match := _INDEX_OPTION.match(line))]
    hashes, group = "--hash=" in text, _group_of(path)
    found = (
        make_requirement(
            _OPTION.split(line, maxsplit=1)[0], path, number, group=group, locked=hashes
        )
        for number, line in logical
        if not line.startswith("-")  # an option; -r and -c name files that are read on their own
    )
    return found, indexes


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Give lines with continuations joined and comments cut, and on which line each begins."""
    first, parts = 0, []
    for number, line in enumerate(text.split("\n"), start=1):
        first = first or number
        stripped = re.sub(r"(?:^|\s)#.*", "", line).strip()
        if stripped.endswith("\\"):
            parts.append(stripped[:-1])
            continue
        whole = " ".join([*parts, stripped]).strip()
        if whole:
            yield first, whole
        first, parts = 0, []


def _group_of(path: str) -> str:
    """Return ``dev`` for ``requirements-dev.txt``; empty for plain names."""
    stem = path.rpartition("/")[2].rsplit(".", 1)[0]
    rest = re.sub(r"requirements?|constraints?", "", stem).strip("-_.")
    return "" if rest in {"base", "main", "prod", "production", "common"} else rest


# --- pyproject.toml, setup.cfg, Pipfile ------------------------------------------------------


def _read_pyproject(path: str, text: str) -> Read:
    """Read [project], extras, dependency groups, the build system and poetry's tables."""
    document = load_toml(path, text)
    lines = Lines(text)
    groups: list[tuple[str, object]] = [("", get(document, "project", "dependencies"))]
    for table in (("project", "optional-dependencies"), ("dependency-groups",)):
        groups += list(get(document, *table, default={}).items())
    groups.append(("dev", get(document, "tool", "uv", "dev-dependencies")))
    groups += list(get(document, "tool", "pdm", "dev-dependencies", default={}).items())
    groups.append(("build", get(document, "build-system", "requires")))
    listed = (
        make_requirement(entry, path, lines.find(f'"{entry}"', f"'{entry}'"), group=str(group))
        for group, entries in groups
        for entry in strings(entries)
    )
    return chain(listed, _read_poetry(document, path, lines)), _indexes_of(document)


def _indexes_of(document: Mapping[str, Any]) -> list[str]:
    """Return the addresses of the indexes that a pyproject.toml names."""
    tool = get(document, "tool", default={})
    uv, pip = get(tool, "uv", default={}), get(tool, "uv", "pip", default={})
    tables = [get(uv, "index", default=[])]
    tables += [get(tool, name, "source", default=[]) for name in ("poetry", "pdm")]
    urls = [get(it, "url", default="") for table in tables for it in table]
    for options in (uv, pip):
        urls += [get(options, "index-url", default="")]
        urls += strings(get(options, "extra-index-url"))
    return [url for url in urls if url]


def _read_poetry(
    document: Mapping[str, Any], path: str, lines: Lines
) -> Iterator[Requirement | None]:
    poetry = get(document, "tool", "poetry", default={})
    tables = [("", get(poetry, "dependencies", default={}))]
    tables.append(("dev", get(poetry, "dev-dependencies", default={})))
    for group, table in get(poetry, "group", default={}).items():
        tables.append((str(group), get(table, "dependencies", default={})))
    for group, table in tables:
        for name, wanted in table.items():
            if name.lower() != "python":
                yield _from_table(str(name), wanted, path, lines, group)


def _read_pipfile(path: str, text: str) -> Read:
    document = load_toml(path, text)
    lines = Lines(text)
    found = (
        _from_table(str(name), wanted, path, lines, group)
        for section, group in (("packages", ""), ("dev-packages", "dev"))
        for name, wanted in get(document, section, default={}).items()
    )
    sources = get(document, "source", default=[])
    return found, [url for it in sources if (url := get(it, "url", default=""))]


def _from_table(
    name: str, wanted: object, path: str, lines: Lines, group: str
) -> Requirement | None:
    """Return the requirement of ``name = "^1.2"`` or ``name = {version = "^1.2"}``."""
    fields = wanted if isinstance(wanted, dict) else {"version": wanted}
    apart = any(key in fields for key in ("git", "path", "file", "url", "source", "index"))
    version = fields.get("version", "")
    specifier = translate_poetry(version if isinstance(version, str) else "")
    line = lines.find_key(name)
    return make_requirement(f"{name}{specifier}", path, line, group=group, elsewhere=apart)


def translate_poetry(text: str) -> str:
    """Return poetry's ``^1.2``, ``~1.2``, ``1.2`` and ``*`` as a specifier set.

    https://python-poetry.org/docs/dependency-specification/
    """
    parts = [part.strip() for part in text.split(",")]
    return ",".join(filter(None, map(_translate_part, parts)))


def _translate_part(part: str) -> str:
    if part in {"", "*"}:
        return ""
    if part[:1] not in "^~" or part.startswith("~="):
        return part if part[:1] in "<>=!~" else f"=={part}"
    numbers = re.match(r"[\^~]\s*v?(\d{1,9}(?:\.\d{1,9})*)", part)
    if numbers is None:
        return ""
    release = [int(number) for number in numbers[1].split(".")]
    caret = next((i for i, n in enumerate(release) if n), len(release) - 1)
    moved = caret if part[0] == "^" else min(1, len(release) - 1)
    upper = [*release[:moved], release[moved] + 1]
    return f">={part[1:].strip()},<{'.'.join(map(str, upper))}"


def _read_setup_cfg(path: str, text: str) -> Read:
    parser = load_ini(path, text)
    lines = Lines(text)
    groups = [("", parser.get("options", "install_requires", fallback=""))]
    groups.append(("build", parser.get("options", "setup_requires", fallback="")))
    if parser.has_section("options.extras_require"):
        groups += parser.items("options.extras_require")
    entries = (
        (group, entry.strip())
        for group, block in groups
        for entry in re.split(r"[\n;]" if ";" in block and "\n" not in block else r"\n", block)
    )
    found = (
        make_requirement(wanted, path, lines.find(wanted), group=group)
        for group, wanted in entries
        if wanted and not wanted.startswith("#")
    )
    return found, []
