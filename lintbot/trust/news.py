"""Pure: which advisories are news, and what is told of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from lintbot.model.package import EventKind, PackageEvent, one_line
from lintbot.trust.advisories import Advisory

MAX_NAMED = 3
"""Ranges, and single versions, that an event names."""


@dataclass(frozen=True, slots=True)
class News:
    """What is in the data and was not known.

    Attributes:
        learned: names of packages and ids of advisories, sorted.
        events: of those that are worth telling, for whichever packages are watched.
    """

    learned: tuple[tuple[str, str], ...]
    events: tuple[PackageEvent, ...]


def find_news(
    by_name: Mapping[str, tuple[Advisory, ...]], known: set[tuple[str, str]], now: datetime
) -> News:
    """Compare the data with what was known.

    Where nothing was known, everything is learned and nothing told: years of advisories are no
    news. A flaw has an id in several databases; only the first is told.

    Args:
        by_name: all advisories that there are.
        known: (name, id) of all that there were.
        now: when it is told.
    """
    new = [
        (name, it)
        for name, advisories in by_name.items()
        for it in advisories
        if (name, it.id) not in known
    ]
    learned = tuple(sorted({(name, it.id) for name, it in new}))
    return News(learned, tuple(_tell(new, known, now)) if known else ())


def _tell(
    new: list[tuple[str, Advisory]], known: set[tuple[str, str]], now: datetime
) -> Iterator[PackageEvent]:
    told: set[tuple[str, str]] = set()
    for name, it in sorted(new, key=lambda one: (one[0], not one[1].summary, one[1].id)):
        same = {(name, identifier) for identifier in (it.id, *it.aliases)}
        if told.isdisjoint(same) and known.isdisjoint(same):
            yield PackageEvent(
                name=name,
                kind=EventKind.VULNERABLE,
                at=now,
                reason=one_line(" ".join(filter(None, (describe(it), it.summary)))),
                advisory=it.id,
            )
        told |= same


def describe(advisory: Advisory) -> str:
    """Return which versions are affected: ``Affected: from 2.0, before 2.3.2; 3.0.``."""
    parts = [_describe_range(*stretch) for stretch in advisory.ranges[:MAX_NAMED]]
    parts += sorted(advisory.versions)[:MAX_NAMED]
    if not parts:
        return ""
    more = len(advisory.ranges) > MAX_NAMED or len(advisory.versions) > MAX_NAMED
    return f"Affected: {'; '.join([*parts, *(['…'] if more else [])])}."


def _describe_range(since: str, end: str | None, with_end: bool) -> str:
    begin = "" if since == "0" else f"from {since}"
    stop = "" if end is None else f"{'up to' if with_end else 'before'} {end}"
    return ", ".join(filter(None, (begin, stop))) or "every version"
