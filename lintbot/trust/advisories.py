"""Pure: known vulnerabilities in the OSV format.

https://ossf.github.io/osv-schema/ has the format. The data is downloaded as a whole and matched
here, so that no dependency's name leaves the server.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from packaging.version import InvalidVersion, Version

from lintbot.model.package import one_line
from lintbot.requirements.documents import get, strings
from lintbot.requirements.names import normalise

ECOSYSTEM = "PyPI"
MAX_ID = 100
_NOT_OF_IDS = re.compile(r"[^A-Za-z0-9._:+-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Advisory:
    """One advisory of one project.

    Attributes:
        versions: that it names one by one and no range has.
        ranges: from the first on, before the second (None: no end), the third says whether the
            end itself is affected.
        aliases: ids of the same flaw elsewhere.
        summary: untrusted text, one line.
    """

    id: str
    versions: frozenset[str]
    ranges: tuple[tuple[str, str | None, bool], ...]
    aliases: tuple[str, ...] = ()
    summary: str = ""


Affected = Callable[[str, str], tuple[Advisory, ...] | None]
"""The advisories that affect a version of a project, by its normalised name; None: unknown."""


def know_nothing(_name: str, _version: str) -> None:
    """Return what is known without any data."""


def read_advisories(records: Iterable[object]) -> dict[str, tuple[Advisory, ...]]:
    """Return advisories by normalised name; what is not of PyPI, or withdrawn, is left out."""
    found: dict[str, list[Advisory]] = defaultdict(list)
    for record in records:
        if get(record, "withdrawn") is not None:
            continue
        for name, advisory in _read_record(record):
            found[name].append(advisory)
    return {name: tuple(advisories) for name, advisories in found.items()}


def _read_record(record: object) -> Iterator[tuple[str, Advisory]]:
    """Give what a record says of each project; a project may be in several of its entries."""
    ranges: dict[str, list[tuple[str, str | None, bool]]] = defaultdict(list)
    named: dict[str, list[str]] = defaultdict(list)
    for affected in get(record, "affected", default=[]):
        name = normalise(get(affected, "package", "name", default=""))
        if not name or get(affected, "package", "ecosystem", default="") != ECOSYSTEM:
            continue
        named[name] += strings(get(affected, "versions"))
        for it in get(affected, "ranges", default=[]):
            if get(it, "type", default="") == "ECOSYSTEM":
                ranges[name] += _read_range(get(it, "events", default=[]))
    for name, versions in named.items():
        in_ranges = Advisory(
            id=_clean(get(record, "id", default="")),
            versions=frozenset(),
            ranges=tuple(ranges[name]),
            aliases=tuple(map(_clean, strings(get(record, "aliases")))),
            summary=one_line(get(record, "summary")),
        )
        apart = frozenset(it for it in versions if not affects(in_ranges, it))
        yield name, replace(in_ranges, versions=apart)


def _clean(identifier: str) -> str:
    """Return an id without anything that ids do not have: it stands in addresses and titles."""
    return _NOT_OF_IDS.sub("-", identifier[:MAX_ID])


def _read_range(events: list[Any]) -> Iterator[tuple[str, str | None, bool]]:
    """Give each stretch between ``introduced`` and ``fixed`` or ``last_affected``."""
    since: str | None = None
    for event in events:
        introduced = get(event, "introduced", default="")
        fixed, last = get(event, "fixed", default=""), get(event, "last_affected", default="")
        if introduced:
            since = introduced
        elif since is not None and (fixed or last):
            yield since, fixed or last, not fixed
            since = None
    if since is not None:
        yield since, None, False


def affects(advisory: Advisory, version: str) -> bool:
    """Tell whether an advisory is about a version."""
    if version in advisory.versions:
        return True
    try:
        wanted = Version(version)
        return any(_is_in(wanted, *stretch) for stretch in advisory.ranges)
    except InvalidVersion:
        return False


def _is_in(version: Version, since: str, end: str | None, with_end: bool) -> bool:
    if since != "0" and version < _parse(since):
        return False
    if end is None:
        return True
    return version <= _parse(end) if with_end else version < _parse(end)


@lru_cache(maxsize=1_024)
def _parse(version: str) -> Version:
    """Return an end of a range, with which many versions in a row are compared."""
    return Version(version)
