"""Pure: what a repository requires, where it says so, and how its dependencies are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One requirement on one line.

    Attributes:
        name: normalised, https://packaging.python.org/en/latest/specifications/name-normalization/.
        specifier: such as ``>=2,<3``; empty for any version.
        path: of the file, relative to the repository; ``line`` from 1.
        group: the extra or dependency group; empty for what everybody installs.
        pinned: the only version that fits (``==``, or the one of a lock file); else None.
        locked: it comes from a lock file, so it may be a dependency of a dependency.
        marker: in which environments it is required, such as ``python_version < "3.9"``; empty:
            in all.
        elsewhere: another index, an address or a path: never asked for on our index.
    """

    name: str
    specifier: str
    path: str
    line: int
    group: str = ""
    pinned: str | None = None
    locked: bool = False
    elsewhere: bool = False
    marker: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """All that was found.

    Attributes:
        files: the files that were read, sorted.
        problems: what could not be read, one plain sentence each.
        hashed: a file that pins with hashes is among them.
    """

    found: tuple[Requirement, ...] = ()
    files: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    hashed: bool = False

    @property
    def direct(self) -> tuple[Requirement, ...]:
        """Those that a person wrote, not a lock file."""
        return tuple(it for it in self.found if not it.locked)


class State(StrEnum):
    """How a requirement is, in one word."""

    VANISHED = "vanished"
    QUARANTINED = "quarantined"
    REREGISTERED = "re-registered"
    VULNERABLE = "vulnerable"
    EMPTIED = "emptied"
    DELETED = "deleted version"
    YANKED = "yanked pin"
    UNSATISFIED = "nothing satisfies"
    ARCHIVED = "archived"
    DEPRECATED = "deprecated"
    STALE = "stale"
    NOT_FOUND = "not found"
    UNKNOWN = "unknown"
    FOUND = "found"

    @property
    def level(self) -> str:
        """``failure``, ``warning``, ``notice`` or empty: how loudly it is told."""
        return _LEVEL.get(self, "")


_LEVEL = {
    State.VANISHED: "failure",
    State.QUARANTINED: "failure",
    State.REREGISTERED: "failure",
    State.VULNERABLE: "failure",
    State.EMPTIED: "warning",
    State.DELETED: "warning",
    State.YANKED: "warning",
    State.UNSATISFIED: "warning",
    State.ARCHIVED: "notice",
    State.DEPRECATED: "notice",
    State.STALE: "notice",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """A requirement and its state.

    Attributes:
        words: one sentence for people; parts of it may be untrusted text.
        tenths: how healthy it is, 0 to 100; None: nobody knows.
    """

    requirement: Requirement
    state: State
    words: str
    tenths: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyAlarm:
    """What an annotation on a requirement's line says.

    Attributes:
        level: ``failure`` or ``warning``.
    """

    path: str
    line: int
    level: str
    title: str
    message: str
