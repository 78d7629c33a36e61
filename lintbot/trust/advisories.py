"""Pure: known vulnerabilities in the OSV format.

https://ossf.github.io/osv-schema/ has the format. The data is downloaded as a whole and matched
here, so that no dependency's name leaves the server.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from lintbot.requirements.documents import get, strings

ECOSYSTEM = "PyPI"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advisory:
    """One advisory of one project.

    Attributes:
        versions: that it names one by one and no range has.
        ranges: from the first on, before the second (None: no end), the third says whether the
            end itself is affected.
    """

    id: str
    versions: frozenset[str]
    ranges: tuple[tuple[str, str | None, bool], ...]


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
    identifier = get(record, "id", default="")[:100]
    for affected in get(record, "affected", default=[]):
        name = get(affected, "package", "name", default="")
        if not name or get(affected, "package", "ecosystem", default="") != ECOSYSTEM:
            continue
        ranges = [
            pair
            for it in get(affected, "ranges", default=[])
            if get(it, "type", default="") == "ECOSYSTEM"
            for pair in _read_range(get(it, "events", default=[]))
        ]
        in_ranges = Advisory(id=identifier, versions=frozenset(), ranges=tuple(ranges))
        named = strings(get(affected, "versions"))
        apart = frozenset(it for it in named if not affects(in_ranges, it))
        yield canonicalize_name(name), replace(in_ranges, versions=apart)


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
    if since != "0" and version < Version(since):
        return False
    if end is None:
        return True
    return version <= Version(end) if with_end else version < Version(end)
