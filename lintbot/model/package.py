"""Pure: a project of a package index, and what lintbot has seen of it over time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Status(StrEnum):
    """A project's status marker: https://peps.python.org/pep-0792/ (UNKNOWN: not reported)."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    DEPRECATED = "deprecated"
    QUARANTINED = "quarantined"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One version on the index.

    Attributes:
        uploaded_at: of its newest file, aware UTC; None when the index does not say.
        yanked: why, if every file of it is yanked ("" without a reason); else None.
    """

    version: str
    uploaded_at: datetime | None = None
    yanked: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The newest source distribution that is not yanked.

    Attributes:
        url: where it is, absolute.
        sha256: hexadecimal digest that the index gives.
        size: in bytes; None when the index does not say.
    """

    version: str
    filename: str
    url: str
    sha256: str
    size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project as the index describes it.

    Attributes:
        status_reason: in the words of whoever set the status: untrusted text, one line.
        releases: oldest version first.
        source: None when there is no source distribution with a SHA-256.
        attested: whether a file of the newest version has attestations; None: not reported.
    """

    name: str
    status: Status = Status.UNKNOWN
    status_reason: str = ""
    releases: tuple[Release, ...] = ()
    source: Source | None = None
    attested: bool | None = None

    @property
    def newest_upload(self) -> datetime | None:
        """When a file was last uploaded; None when the index does not say."""
        return max((r.uploaded_at for r in self.releases if r.uploaded_at), default=None)

    @property
    def oldest_upload(self) -> datetime | None:
        """When the first of the releases that are there was uploaded; None: not said."""
        return min((r.uploaded_at for r in self.releases if r.uploaded_at), default=None)


class Presence(StrEnum):
    """Whether a project is on the index, as far as lintbot itself has seen."""

    FOUND = "found"
    NOT_FOUND = "not found"
    """Never seen there; it may be internal, so nothing is said against it."""
    MISSING = "missing"
    """Seen before, gone at the last look: a hiccup until it is seen again a day later."""
    VANISHED = "vanished"
    EMPTIED = "emptied"
    """The project is there, the files that lintbot saw are not."""
    UNKNOWN = "unknown"
    """The index never gave an answer that can be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What lintbot has seen of one project, so far.

    Attributes:
        project: as last seen; it stays when the project vanishes.
        first_seen_at: when lintbot first found it.
        missing_since: when it was first found gone; None while it is there.
        reregistered_at: since when the name belongs to uploads that are all newer than its
            disappearance: another project, perhaps.
        deleted: versions that lintbot saw and that are gone.
        checked_at: the last answer that could be used.
        trouble: why the last look gave no answer, in words; empty when it did.
        etag: the validator of the last answer, to ask for changes only.
    """

    name: str
    presence: Presence
    project: Project | None = None
    first_seen_at: datetime | None = None
    missing_since: datetime | None = None
    reregistered_at: datetime | None = None
    deleted: tuple[str, ...] = ()
    checked_at: datetime | None = None
    trouble: str = ""
    etag: str = ""


MAX_WORDS = 200
"""Characters of a stranger's words."""


def one_line(text: object) -> str:
    """Return a stranger's words as one printable line of at most 200 characters."""
    if not isinstance(text, str):
        return ""
    plain = "".join(char if char.isprintable() else " " for char in text[: 4 * MAX_WORDS])
    return " ".join(plain.split())[:MAX_WORDS]


class EventKind(StrEnum):
    """What happened to a project between two looks, or what was found out about it."""

    VANISHED = "vanished"
    RETURNED = "returned"
    REREGISTERED = "re-registered"
    EMPTIED = "emptied"
    YANKED = "yanked"
    DELETED = "deleted"
    QUARANTINED = "quarantined"
    ARCHIVED = "archived"
    DEPRECATED = "deprecated"
    ACTIVE = "active"
    VULNERABLE = "vulnerable"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageEvent:
    """One line of a package's feed.

    Attributes:
        version: of the release that was yanked or deleted; else empty.
        reason: as the index or the advisory gives it: untrusted text, one line.
        advisory: the id of the one that says that it is vulnerable; else empty.
    """

    name: str
    kind: EventKind
    at: datetime
    version: str = ""
    reason: str = ""
    advisory: str = ""

    @property
    def title(self) -> str:
        """``requests 2.32.0 yanked``, ``requests vulnerable: PYSEC-2023-74``."""
        title = " ".join(filter(None, (self.name, self.version, self.kind.value)))
        return f"{title}: {self.advisory}" if self.advisory else title


@dataclass(frozen=True, slots=True)
class Owners:
    """How many may decide about a project; who they are is never kept.

    Attributes:
        people: with the role of owner; ``organisation``: an organisation owns it.
    """

    people: int
    organisation: bool = False


# --- what the index answered -------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The project, and the validator to ask with next time."""

    project: Project
    etag: str = ""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """304: as it was."""


@dataclass(frozen=True, slots=True)
class Missing:
    """404 or 410: there is no such project (now)."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """No answer that can be used; the reason in words."""

    reason: str


Answer = Found | Unchanged | Missing | Unanswered
