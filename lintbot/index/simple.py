"""Pure: the JSON simple API of a package index, as a hostile text.

PEP 691 (the form), 700 (versions, sizes, times), 740 (provenance), 792 (project status):
https://packaging.python.org/en/latest/specifications/simple-repository-api/
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from lintbot.model.package import Owners, Project, Release, Source, Status, one_line

MAX_FILES = 50_000
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_STATUSES = {status.value: status for status in Status if status is not Status.UNKNOWN}


class AnswerError(Exception):
    """The index's answer cannot be used; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    version: str
    entry: Mapping[str, Any]


def parse_project(body: bytes, name: str, url: str) -> Project:
    """Return the project of an answer.

    Args:
        body: of the answer.
        name: normalised, as it was asked for.
        url: of the answer, that file addresses are relative to.

    Raises:
        AnswerError: it is not a JSON answer of API 1.x about this project.
    """
    document = _load(body)
    meta = _table(document.get("meta"))
    if not str(meta.get("api-version", "")).startswith("1."):
        raise AnswerError("it speaks an API version that lintbot does not know")
    if canonicalize_name(str(document.get("name", ""))) != name:
        raise AnswerError("it answered about another project")
    files = _files(document, name)
    status, reason = _status(document)
    releases = _releases(files)
    return Project(
        name=name,
        status=status,
        status_reason=reason,
        releases=releases,
        source=_newest_source(files, url),
        attested=_attested(files, releases),
    )


def _load(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise AnswerError("it did not answer in JSON") from error
    return _table(document)


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _files(document: Mapping[str, Any], name: str) -> list[_File]:
    entries = document.get("files")
    if not isinstance(entries, list):
        raise AnswerError("its answer has no list of files")
    found = []
    for entry in entries[:MAX_FILES]:
        version = _version_of(str(_table(entry).get("filename", ""))[:300], name)
        if version:
            found.append(_File(version=version, entry=entry))
    return found


def _version_of(filename: str, name: str) -> str:
    """Return the version that a file's name says; empty when it says none."""
    try:
        if filename.endswith(".whl"):
            return str(parse_wheel_filename(filename)[1])
        if filename.endswith((".tar.gz", ".zip")):
            return str(parse_sdist_filename(filename)[1])
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        pass
    # Eggs and old archives: NAME-VERSION-…, or nothing that can be told.
    match = re.match(r"(.+?)-(\d[\w.!+]*?)(?:-py\d.*)?\.(?:egg|tar\.\w+|zip|exe|rpm)\Z", filename)
    return match[2] if match and canonicalize_name(match[1]) == name else ""


def _status(document: Mapping[str, Any]) -> tuple[Status, str]:
    """Read the marker; the text of PEP 792 calls it ``status``, some servers ``state``."""
    marker = _table(document.get("project-status"))
    word = marker.get("status", marker.get("state"))
    known = _STATUSES.get(word, Status.UNKNOWN) if isinstance(word, str) else Status.UNKNOWN
    return known, one_line(marker.get("reason"))


def parse_owners(body: bytes) -> Owners | None:
    """Return how many own a project, from the JSON API; None when it does not say."""
    try:
        ownership = _load(body).get("ownership")
    except AnswerError:
        return None
    roles = _table(ownership).get("roles")
    if not isinstance(roles, list):
        return None
    owners = sum(_table(it).get("role") == "Owner" for it in roles)
    return Owners(owners, organisation=bool(_table(ownership).get("organization")))


def _releases(files: list[_File]) -> tuple[Release, ...]:
    """Return the releases that have files, oldest version first.

    PEP 700 lists versions without files too; nobody can install those.
    """
    by_version: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for file in files:
        by_version[file.version].append(file.entry)
    made = [_release(version, entries) for version, entries in by_version.items()]
    return tuple(sorted(made, key=lambda it: _sort_key(it.version)))


def _release(version: str, entries: Iterable[Mapping[str, Any]]) -> Release:
    yanks = [entry.get("yanked", False) for entry in entries]
    times = [time for entry in entries if (time := _time(entry.get("upload-time"))) is not None]
    return Release(
        version=version,
        uploaded_at=max(times, default=None),
        yanked=one_line(yanks[0])
        if all(it is True or isinstance(it, str) for it in yanks)
        else None,
    )


def _time(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC) if moment else None


def _sort_key(version: str) -> tuple[bool, Version | str]:
    try:
        return (True, Version(version))
    except InvalidVersion:
        return (False, version)


def _newest_source(files: list[_File], url: str) -> Source | None:
    """Return the source of the newest final version that is not yanked, else of a pre-release."""
    made = [
        source
        for file in files
        if file.entry.get("yanked", False) is False and (source := _source(file, url)) is not None
    ]
    return max(made, key=_source_key, default=None)


def _source_key(source: Source) -> tuple[bool, tuple[bool, Version | str]]:
    known, version = _sort_key(source.version)
    final = isinstance(version, Version) and not version.is_prerelease
    return (final, (known, version))


def _source(file: _File, base: str) -> Source | None:
    filename = str(file.entry.get("filename"))
    sha256 = _table(file.entry.get("hashes")).get("sha256")
    address = urljoin(base, str(file.entry.get("url", ""))[:2000])
    size = file.entry.get("size")
    if not filename.endswith((".tar.gz", ".zip")) or not isinstance(sha256, str):
        return None
    if not _SHA256.match(sha256) or urlsplit(address).scheme not in {"https", "http"}:
        return None
    return Source(
        version=file.version,
        filename=filename,
        url=address,
        sha256=sha256,
        size=size if isinstance(size, int) and size >= 0 else None,
    )


def _attested(files: list[_File], releases: tuple[Release, ...]) -> bool | None:
    """Tell whether the newest version has provenance; None where the index never says."""
    if not releases or not any("provenance" in it.entry for it in files):
        return None
    newest = [it.entry for it in files if it.version == releases[-1].version]
    return any(isinstance(it.get("provenance"), str) for it in newest)
