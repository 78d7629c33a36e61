"""Trust reports, facts and observations for tests."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from lintbot.model.counts import Counts
from lintbot.model.history import Commit, History
from lintbot.model.ids import RepositoryId
from lintbot.model.package import EventKind, Observation, PackageEvent, Presence, Project, Release
from lintbot.model.requirement import Dependency, Requirement, State
from lintbot.model.trust import SIGNALS, Signal, TrustJob, TrustReport
from lintbot.trust.facts import Facts

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@dataclass
class FakeReports:
    """Stored reports, in memory."""

    reports: dict[RepositoryId, TrustReport] = field(default_factory=dict)

    def claim(self, now: datetime) -> TrustJob | None:
        raise NotImplementedError

    def save(self, job: TrustJob, report: TrustReport, names: Iterable[str]) -> None:
        raise NotImplementedError

    def put_off(self, repository_id: RepositoryId, until: datetime) -> None:
        raise NotImplementedError

    def load(self, repository_id: RepositoryId) -> TrustReport | None:
        return self.reports.get(repository_id)


@dataclass
class FakePackages:
    """What is known of packages, in memory."""

    wishes: dict[str, tuple[TrustReport | None, str, bool]] = field(default_factory=dict)
    seen: dict[str, Observation] = field(default_factory=dict)
    told: list[PackageEvent] = field(default_factory=list)

    def show(self, name: str) -> Observation | None:
        return self.seen.get(name)

    def wish(self, name: str) -> tuple[TrustReport | None, str, bool]:
        return self.wishes.get(name, (None, "", True))

    def events(
        self, name: str | None, kinds: Collection[EventKind] | None, limit: int
    ) -> tuple[PackageEvent, ...]:
        wanted = [it for it in self.told if name in (None, it.name)]
        return tuple(it for it in wanted if kinds is None or it.kind in kinds)[:limit]

    def events_of(self, repository_id: RepositoryId, limit: int) -> tuple[PackageEvent, ...]:
        del repository_id
        return tuple(self.told[:limit])


def a_requirement(name: str = "requests", specifier: str = "", **changes: object) -> Requirement:
    values = {"path": "requirements.txt", "line": 1} | changes
    return Requirement(name=name, specifier=specifier, **values)  # type: ignore[arg-type]


def a_dependency(state: State = State.FOUND, name: str = "requests") -> Dependency:
    return Dependency(requirement=a_requirement(name), state=state, words=f"{name}: {state}.")


def a_trust_report(
    *dependencies: Dependency,
    tenths: int | None = 74,
    letter: str = "B",
    counts: Counts | None = None,
    absence_factor: int | None = None,
) -> TrustReport:
    return TrustReport(
        sha="1" * 40,
        formula="trust-1",
        computed_at=NOW,
        signals=tuple(Signal(name=name, tenths=tenths, facts=("a fact",)) for name in SIGNALS),
        tenths=tenths,
        letter=letter,
        known_percent=100 if tenths is not None else 0,
        dependencies=dependencies,
        counts=counts,
        absence_factor=absence_factor,
    )


def some_facts(**changes: object) -> Facts:
    values = {"now": NOW, "paths": frozenset(), "texts": {}} | changes
    return Facts(**values)  # type: ignore[arg-type]


def a_history(*days_ago: int, person: int = 1, code: bool | None = True, **rest: object) -> History:
    commits = tuple(a_commit(days, person, code=code) for days in days_ago)
    return History(commits=commits, **rest)  # type: ignore[arg-type]


def a_commit(days_ago: int, *people: int, bot: bool = False, code: bool | None = True) -> Commit:
    return Commit(day=(NOW - timedelta(days=days_ago)).date(), people=people, bot=bot, code=code)


def a_project(
    *versions: str, name: str = "requests", days_ago: int = 10, **rest: object
) -> Project:
    uploaded = NOW - timedelta(days=days_ago)
    releases = tuple(Release(version=it, uploaded_at=uploaded) for it in versions)
    return Project(name=name, releases=releases, **rest)  # type: ignore[arg-type]


def seen(project: Project, presence: Presence = Presence.FOUND, **rest: object) -> Observation:
    rest = {"checked_at": NOW} | rest
    return Observation(name=project.name, presence=presence, project=project, **rest)  # type: ignore[arg-type]
