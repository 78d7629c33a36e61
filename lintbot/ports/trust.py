"""Pure: what the trust room asks of the store and of the package index."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from lintbot.model.ids import RepositoryId
from lintbot.model.package import Answer, EventKind, Observation, Owners, PackageEvent, Source
from lintbot.model.trust import TrustJob, TrustReport

OpenFolder = Callable[[], AbstractAsyncContextManager[Path]]
"""Gives an empty folder that the sandbox can show, and removes it in the end."""
Unpack = Callable[[Path, Path], tuple[str, ...]]
"""Writes an archive's files below a folder and returns their paths. Blocking."""


class Index(Protocol):
    """A package index."""

    async def look(self, name: str, etag: str = "") -> Answer:
        """Return what the index says about a project; never raises for what it may answer."""
        ...

    async def count_owners(self, name: str) -> Owners | None:
        """Return how many own a project; None where the index does not say."""
        ...

    async def download(self, source: Source, to: Path) -> None:
        """Write a source distribution to a file, with its size and digest checked.

        Raises:
            LimitError: it is too large.
            PermanentError: it is not what the index says.
            TransientError: it could not be read in a way that may pass.
        """
        ...


class TrustReports(Protocol):
    """Stored trust reports, and which are due. Blocking; call it in a thread."""

    def claim(self, now: datetime) -> TrustJob | None:
        """Take a repository whose report is due, so that no other worker does meanwhile."""
        ...

    def save(self, job: TrustJob, report: TrustReport, names: Iterable[str]) -> None:
        """Store a report, and which packages the repository has lintbot watch."""
        ...

    def put_off(self, repository_id: RepositoryId, until: datetime) -> None:
        """Try no earlier than this."""
        ...

    def load(self, repository_id: RepositoryId) -> TrustReport | None:
        """Return the newest report; None when there is none yet."""
        ...


class Packages(Protocol):
    """Stored observations of packages. Blocking; call it in a thread."""

    def load(self, names: Iterable[str]) -> Mapping[str, Observation]:
        """Return what is known of these names."""
        ...

    def save(
        self, observation: Observation, events: tuple[PackageEvent, ...], due_at: datetime
    ) -> None:
        """Store an observation, what has happened, and when to look again."""
        ...

    def claim(self, now: datetime) -> Observation | None:
        """Take a watched package that is due for a look, so that no other worker does."""
        ...

    def find_other(self, name: str) -> str | None:
        """Return another package that was found lately, to see whether the index is well."""
        ...

    def delete_old(self, now: datetime) -> None:
        """Forget packages that nobody watches any more, and old events."""
        ...


class KnownAdvisories(Protocol):
    """Which advisories were in the data once. Blocking; call it in a thread."""

    def load(self) -> set[tuple[str, str]]:
        """Return name of the package and id of every advisory that was known."""
        ...

    def learn(
        self, learned: Sequence[tuple[str, str]], events: Iterable[PackageEvent]
    ) -> tuple[PackageEvent, ...]:
        """Store what is known now and return what is told.

        Args:
            learned: names and ids, sorted.
            events: what there is to tell of them; told is what nobody has learned before, of
                packages that are watched.
        """
        ...


class PackageCatalog(Protocol):
    """What the pages and feeds of packages read. Blocking; call it in a thread."""

    def show(self, name: str) -> Observation | None:
        """Return what everybody may see of a package: nothing that only private ones required."""
        ...

    def wish(self, name: str) -> tuple[TrustReport | None, str, bool]:
        """Return a package's report, else why there is none, and whether one is being made."""
        ...

    def events(
        self, name: str | None, kinds: Collection[EventKind] | None, limit: int
    ) -> tuple[PackageEvent, ...]:
        """Return what happened to one package (None: to all), newest first, for everybody to see.

        Args:
            name: normalised.
            kinds: only these; None: all.
            limit: so many at most.
        """
        ...

    def events_of(self, repository_id: RepositoryId, limit: int) -> tuple[PackageEvent, ...]:
        """Return what happened to the packages that a repository requires, newest first."""
        ...


class PackageReports(Protocol):
    """Reports of packages that people asked for. Blocking; call it in a thread."""

    def claim_wish(self, now: datetime) -> str | None:
        """Take a package whose report somebody waits for."""
        ...

    def save_report(self, name: str, report: TrustReport | None, trouble: str) -> None:
        """Store a report, or why there is none, in words."""
        ...
