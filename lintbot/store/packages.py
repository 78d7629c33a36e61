"""Shell: what was seen of packages, and reports on demand (``ports.Packages``)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa

from lintbot.model.ids import RepositoryId
from lintbot.model.package import EventKind, Observation, PackageEvent, Presence
from lintbot.model.trust import TrustReport
from lintbot.ports import Clock
from lintbot.store.database import Database
from lintbot.store.rows import Row, pack, unpack
from lintbot.store.statements import insert
from lintbot.store.tables import repository
from lintbot.store.trust import LEASE, TRUST_REPORT
from lintbot.store.trust_tables import package, package_event, package_report, trust, watched

KEEP_EVENTS = timedelta(days=365)
KEEP_UNWATCHED = timedelta(days=30)
KEEP_REPORTS = timedelta(days=30)
KEEP_REMOVED = timedelta(days=1)
"""What was known of repositories that are out of our reach."""
REPORT_AGE = timedelta(hours=24)
"""An older report is made anew when somebody looks at it."""
MAX_WISHES = 100
"""Packages that people wait for at the same time; more are refused, for each costs a download."""
MAX_REPORTS = 5_000
"""Packages that people asked for; each is watched until nobody has asked for 30 days."""
_BATCH = 500

# Shown to msgspec where one thread imports the module, see store/rows.py.
_OBSERVATION = msgspec.json.Decoder(Observation)


class StoredPackages:
    """Implements ``ports.Packages`` and ``ports.PackageReports`` on a database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def load(self, names: Iterable[str]) -> Mapping[str, Observation]:
        """Return what is known of these names."""
        wanted = sorted(set(names))
        found: list[Row] = []
        with self._database.read() as connection:
            for at in range(0, len(wanted), _BATCH):
                some = package.c.name.in_(wanted[at : at + _BATCH])
                found += connection.execute(sa.select(package.c.observation).where(some)).all()
        seen = [unpack(row.observation, _OBSERVATION) for row in found]
        return {it.name: it for it in seen}

    def save(
        self, observation: Observation, events: tuple[PackageEvent, ...], due_at: datetime
    ) -> None:
        """Store an observation; what happened makes the reports that rest on it due."""
        values = {
            "presence": observation.presence.value,
            "due_at": due_at,
            "observation": pack(observation),
        }
        change = (
            insert(package, self._database)
            .values(name=observation.name, **values)
            .on_conflict_do_update(index_elements=[package.c.name], set_=values)
        )
        watchers = sa.select(watched.c.repository_id).where(watched.c.name == observation.name)
        due = trust.update().where(trust.c.repository_id.in_(watchers))
        with self._database.write() as connection:
            connection.execute(change)
            if events:
                connection.execute(package_event.insert(), [event_to_row(it) for it in events])
                connection.execute(due.values(due_at=self._clock.now()))

    def claim(self, now: datetime) -> Observation | None:
        """Take the watched package that has waited longest, so that no other worker does."""
        query = (
            sa.select(package.c.name, package.c.due_at, package.c.observation)
            .where(package.c.due_at <= now)
            .where(is_watched())
            .order_by(package.c.due_at)
            .limit(1)
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        change = (
            package.update()
            .where(package.c.name == row.name)
            .where(package.c.due_at == row.due_at)
            .values(due_at=now + LEASE)
        )
        with self._database.write() as connection:
            is_ours = connection.execute(change).rowcount == 1
        return unpack(row.observation, _OBSERVATION) if is_ours else None

    def find_other(self, name: str) -> str | None:
        """Return another package that was there at the last look."""
        query = (
            sa.select(package.c.name)
            .where(package.c.presence == Presence.FOUND.value)
            .where(package.c.name != name)
            .order_by(package.c.due_at.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            return connection.execute(query).scalar()

    def delete_old(self, now: datetime) -> None:
        """Forget packages that nobody watches any more, old events and old reports."""
        unwatched = package.c.due_at < now - KEEP_UNWATCHED
        gone = sa.select(repository.c.id).where(repository.c.removed_at < now - KEEP_REMOVED)
        with self._database.write() as connection:
            for table in (watched, trust):
                connection.execute(table.delete().where(table.c.repository_id.in_(gone)))
            connection.execute(package.delete().where(unwatched).where(~is_watched()))
            connection.execute(package_event.delete().where(package_event.c.at < now - KEEP_EVENTS))
            old = package_report.c.asked_at < now - KEEP_REPORTS
            connection.execute(package_report.delete().where(old))

    # --- pages and feeds ---------------------------------------------------------------------

    def show(self, name: str) -> Observation | None:
        """Return what everybody may see of a package.

        What was seen before somebody asked is shown only where a public repository requires it:
        a page must not tell what private ones require.
        """
        query = (
            sa.select(
                package.c.observation,
                package_report.c.first_asked_at,
                _is_required_in_public(package.c.name).label("public"),
            )
            .select_from(package)
            .outerjoin(package_report, package_report.c.name == package.c.name)
            .where(package.c.name == name)
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        seen, asked_at = unpack(row.observation, _OBSERVATION), row.first_asked_at
        since = asked_at and seen.checked_at and seen.checked_at >= asked_at
        return seen if row.public or since else None

    def events(
        self, name: str | None, kinds: Collection[EventKind] | None, limit: int
    ) -> tuple[PackageEvent, ...]:
        """Return what happened to one package, or to all, newest first.

        What only private repositories had watched when it happened is left out: a feed that
        everybody reads must not tell what they require.
        """
        query = (
            package_event.select()
            .where(_is_public())
            .order_by(package_event.c.at.desc(), package_event.c.id.desc())
        )
        if name is not None:
            query = query.where(package_event.c.name == name)
        if kinds is not None:
            query = query.where(package_event.c.kind.in_(sorted(it.value for it in kinds)))
        with self._database.read() as connection:
            return tuple(map(_row_to_event, connection.execute(query.limit(limit)).all()))

    def events_of(self, repository_id: RepositoryId, limit: int) -> tuple[PackageEvent, ...]:
        """Return what happened to the packages that a repository has watched, newest first."""
        names = sa.select(watched.c.name).where(watched.c.repository_id == repository_id)
        query = (
            package_event.select()
            .where(package_event.c.name.in_(names))
            .order_by(package_event.c.at.desc(), package_event.c.id.desc())
            .limit(limit)
        )
        with self._database.read() as connection:
            return tuple(map(_row_to_event, connection.execute(query).all()))

    # --- reports on demand -------------------------------------------------------------------

    def wish(self, name: str) -> tuple[TrustReport | None, str, bool]:
        """Return a package's report, else why there is none in words, and whether to wait for one.

        A report that is missing or old is asked for, unless too many are waited for already.
        """
        now = self._clock.now()
        query = package_report.select().where(package_report.c.name == name)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        fresh = row is not None and row.computed_at and row.computed_at > now - REPORT_AGE
        waiting = not fresh and self._ask(name, now, first=row is None)
        if row is None:
            return None, "" if waiting else "Too many reports are being made; try again.", waiting
        report = unpack(row.report, TRUST_REPORT) if row.report is not None else None
        return report, row.trouble, waiting

    def _ask(self, name: str, now: datetime, *, first: bool) -> bool:
        """Ask for a report; tell whether one will be made."""
        open_wishes = sa.select(sa.func.count()).where(package_report.c.computed_at.is_(None))
        change = (
            insert(package_report, self._database)
            .values(name=name, asked_at=now, first_asked_at=now, trouble="")
            .on_conflict_do_update(
                index_elements=[package_report.c.name],
                set_={"asked_at": now, "computed_at": None},
                where=package_report.c.computed_at.is_not(None),
            )
        )
        others = sa.select(sa.func.count()).where(package_report.c.name != name)
        with self._database.write() as connection:
            if connection.execute(open_wishes).scalar_one() >= MAX_WISHES:
                return False
            if connection.execute(others).scalar_one() >= MAX_REPORTS:
                return False
            connection.execute(change)
            if first:
                # What was seen before is not shown, so it is looked at again at once.
                due = package.update().where(package.c.name == name)
                connection.execute(due.values(due_at=now))
            return True

    def claim_wish(self, now: datetime) -> str | None:
        """Take a package whose report somebody waits for."""
        is_free = sa.or_(
            package_report.c.claimed_until.is_(None), package_report.c.claimed_until < now
        )
        waiting = sa.and_(package_report.c.computed_at.is_(None), is_free)
        query = sa.select(package_report.c.name).where(waiting).order_by(package_report.c.asked_at)
        with self._database.read() as connection:
            name = connection.execute(query.limit(1)).scalar()
        if name is None:
            return None
        change = package_report.update().where(package_report.c.name == name).where(waiting)
        with self._database.write() as connection:
            is_ours = connection.execute(change.values(claimed_until=now + LEASE)).rowcount == 1
        return name if is_ours else None

    def save_report(self, name: str, report: TrustReport | None, trouble: str) -> None:
        """Store a report, or why there is none, in words."""
        change = package_report.update().where(package_report.c.name == name)
        values = {
            "computed_at": self._clock.now(),
            "claimed_until": None,
            "trouble": trouble,
            "report": pack(report) if report is not None else None,
        }
        with self._database.write() as connection:
            connection.execute(change.values(**values))


def is_watched() -> sa.ColumnElement[bool]:
    """Tell whether a repository requires a package, or somebody asked for it."""
    required = sa.select(watched.c.name).where(watched.c.name == package.c.name)
    asked = sa.select(package_report.c.name).where(package_report.c.name == package.c.name)
    return sa.or_(sa.exists(required), sa.exists(asked))


def _is_public() -> sa.ColumnElement[bool]:
    """Tell whether a public repository requires an event's package, or somebody had asked."""
    asked = (
        sa.select(package_report.c.name)
        .where(package_report.c.name == package_event.c.name)
        .where(package_report.c.first_asked_at <= package_event.c.at)
    )
    return sa.or_(_is_required_in_public(package_event.c.name), sa.exists(asked))


def _is_required_in_public(name: sa.Column[str]) -> sa.ColumnElement[bool]:
    """Tell whether a public repository requires a package."""
    required = sa.select(watched.c.name).where(watched.c.name == name)
    by_whom = required.join(repository, repository.c.id == watched.c.repository_id)
    return sa.exists(by_whom.where(repository.c.private.is_(False)))


def event_to_row(event: PackageEvent) -> dict[str, object]:
    """Return the row of an event."""
    return {
        "name": event.name,
        "kind": event.kind.value,
        "version": event.version,
        "reason": event.reason,
        "advisory": event.advisory,
        "at": event.at,
    }


def _row_to_event(row: Row) -> PackageEvent:
    return PackageEvent(
        name=row.name,
        kind=EventKind(row.kind),
        version=row.version,
        reason=row.reason,
        advisory=row.advisory,
        at=row.at,
    )
