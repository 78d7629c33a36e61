"""Shell: stored trust reports, and which are due (``ports.TrustReports``)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa

from lintbot.model.ids import RepositoryId
from lintbot.model.package import Observation, Presence
from lintbot.model.repository import InstallationState
from lintbot.model.trust import TrustJob, TrustReport
from lintbot.ports import Clock
from lintbot.store.database import Database
from lintbot.store.rows import Row, pack, unpack
from lintbot.store.statements import insert
from lintbot.store.tables import branch_head, installation, lint_run, repository
from lintbot.store.trust_tables import package, trust, watched

EVERY = timedelta(hours=24)
LEASE = timedelta(minutes=15)
"""A worker that claimed a report and died keeps others from it for so long."""
QUIET = timedelta(seconds=5)
"""After a lint run; a burst of pushes gives one report."""

# Shown to msgspec where one thread imports the module, see store/rows.py.
TRUST_REPORT = msgspec.json.Decoder(TrustReport)


class StoredTrust:
    """Implements ``ports.TrustReports`` on a database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def claim(self, now: datetime) -> TrustJob | None:
        """Take a repository whose report is due: a new commit was linted, or a day is over."""
        with self._database.read() as connection:
            row = connection.execute(_due(now)).first()
        if row is None or not self._take(row, now):
            return None
        return TrustJob(
            repository_id=RepositoryId(row.id),
            installation_id=row.installation_id,
            owner=row.owner,
            name=row.name,
            private=row.private,
            sha=row.sha,
            letter=row.letter or "",
        )

    def _take(self, row: Row, now: datetime) -> bool:
        """Claim it unless another worker has; the database lets exactly one win."""
        until = now + LEASE
        new = {"repository_id": row.id, "sha": "", "letter": "", "due_at": now}
        change = (
            insert(trust, self._database)
            .values(**new, claimed_until=until)
            .on_conflict_do_update(
                index_elements=[trust.c.repository_id],
                set_={"claimed_until": until},
                where=_unclaimed(now),
            )
            .returning(trust.c.repository_id)
        )
        with self._database.write() as connection:
            return connection.execute(change).first() is not None

    def save(self, job: TrustJob, report: TrustReport, names: Iterable[str]) -> None:
        """Store a report and replace the names that the repository has lintbot watch."""
        now = self._clock.now()
        change = trust.update().where(trust.c.repository_id == job.repository_id)
        values = {
            "sha": report.sha,
            "letter": report.letter,
            "due_at": now + EVERY,
            "claimed_until": None,
            "report": pack(report),
        }
        of_this = watched.c.repository_id == job.repository_id
        wanted = sorted(set(names))
        with self._database.write() as connection:
            connection.execute(change.values(**values))
            connection.execute(watched.delete().where(of_this))
            if wanted:
                rows = [{"repository_id": job.repository_id, "name": name} for name in wanted]
                connection.execute(watched.insert(), rows)
                connection.execute(
                    insert(package, self._database).on_conflict_do_nothing(),
                    [_unseen(name, now) for name in wanted],
                )

    def put_off(self, repository_id: RepositoryId, until: datetime) -> None:
        """Try no earlier than this."""
        change = trust.update().where(trust.c.repository_id == repository_id)
        with self._database.write() as connection:
            connection.execute(change.values(claimed_until=until))

    def load(self, repository_id: RepositoryId) -> TrustReport | None:
        """Return the newest report; one that this version cannot read is as if there were none."""
        query = sa.select(trust.c.report).where(trust.c.repository_id == repository_id)
        with self._database.read() as connection:
            data = connection.execute(query).scalar()
        try:
            return unpack(data, TRUST_REPORT) if data is not None else None
        except msgspec.ValidationError:
            return None


def _unseen(name: str, now: datetime) -> dict[str, object]:
    observation = Observation(name=name, presence=Presence.UNKNOWN)
    return {
        "name": name,
        "presence": observation.presence.value,
        "due_at": now,
        "observation": pack(observation),
    }


def _unclaimed(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(trust.c.claimed_until.is_(None), trust.c.claimed_until < now)


def _due(now: datetime) -> sa.Select[*tuple[object, ...]]:
    """Select the repository that has waited longest for its report."""
    linted = (
        sa.select(lint_run.c.run_id)
        .where(lint_run.c.repository_id == repository.c.id)
        .where(lint_run.c.head_sha == branch_head.c.sha)
        .where(lint_run.c.completed_at < now - QUIET, ~lint_run.c.withheld)
    )
    is_old = sa.or_(trust.c.sha != branch_head.c.sha, trust.c.due_at < now)
    is_free = sa.or_(trust.c.repository_id.is_(None), sa.and_(_unclaimed(now), is_old))
    return (
        sa.select(
            *(repository.c.id, repository.c.installation_id, repository.c.owner),
            *(repository.c.name, repository.c.private, branch_head.c.sha, trust.c.letter),
        )
        .join(installation, installation.c.id == repository.c.installation_id)
        .join(
            branch_head,
            sa.and_(
                branch_head.c.repository_id == repository.c.id,
                branch_head.c.branch == repository.c.default_branch,
            ),
        )
        .outerjoin(trust, trust.c.repository_id == repository.c.id)
        .where(repository.c.removed_at.is_(None))
        .where(sa.or_(~repository.c.private, repository.c.lapsed_at.is_(None)))
        .where(installation.c.state == InstallationState.ACTIVE.value)
        .where(is_free)
        .where(sa.exists(linted))
        .order_by(sa.func.coalesce(trust.c.due_at, sa.literal(now, trust.c.due_at.type)))
        .limit(1)
    )
