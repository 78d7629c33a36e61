"""Shell: findings that somebody accepted (``ports.Baselines``)."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from lintbot.model.baseline import AcceptedBaseline
from lintbot.model.ids import AccountId, LintRunId, RepositoryId, Sha
from lintbot.model.lint_run import Judgement
from lintbot.ports import Clock
from lintbot.store.attempts import StoredAttempts
from lintbot.store.database import Database
from lintbot.store.rows import JUDGEMENT, Row, pack, unpack
from lintbot.store.statements import insert
from lintbot.store.tables import accepted_baseline, lint_run

# Made where one thread imports the module, see store/rows.py.
_FINGERPRINTS: msgspec.json.Decoder[list[str]] = msgspec.json.Decoder(list[str])


class StoredBaselines:
    """Implements ``ports.Baselines`` on a database."""

    def __init__(self, database: Database, clock: Clock, attempts: StoredAttempts) -> None:
        self._database = database
        self._clock = clock
        self._attempts = attempts

    def load(self, repository_id: RepositoryId) -> AcceptedBaseline | None:
        """Return the newest that was not revoked."""
        query = (
            accepted_baseline.select()
            .where(accepted_baseline.c.repository_id == repository_id)
            .where(accepted_baseline.c.revoked_at.is_(None))
            .order_by(accepted_baseline.c.accepted_at.desc())
        )
        with self._database.read() as connection:
            row = connection.execute(query.limit(1)).first()
        return _row_to_baseline(row) if row is not None else None

    def accept(self, run_id: LintRunId, by: AccountId) -> bool:
        """Accept the findings of a lint run and queue its commit's next attempt."""
        with self._database.write() as connection:
            row = connection.execute(lint_run.select().where(lint_run.c.run_id == run_id)).first()
            if row is None or row.judgement is None:
                return False
            found = _fingerprints(unpack(row.judgement, JUDGEMENT))
            if not found:
                return False
            if self._is_accepted(connection, run_id):
                return True  # asked twice
            values = {
                "repository_id": row.repository_id,
                "sha": row.head_sha,
                "accepted_by": by,
                "accepted_at": self._clock.now(),
                "fingerprints": pack(sorted(found)),
                "revoked_by": None,
                "revoked_at": None,
            }
            statement = insert(accepted_baseline, self._database).values(run_id=run_id, **values)
            connection.execute(
                statement.on_conflict_do_update(index_elements=["run_id"], set_=values)
            )
            self._attempts.start_within(connection, run_id)
            return True

    @staticmethod
    def _is_accepted(connection: sa.Connection, run_id: LintRunId) -> bool:
        query = (
            sa.select(accepted_baseline.c.run_id)
            .where(accepted_baseline.c.run_id == run_id)
            .where(accepted_baseline.c.revoked_at.is_(None))
        )
        return connection.execute(query).first() is not None

    def revoke(self, repository_id: RepositoryId, by: AccountId) -> bool:
        """Let nothing be accepted any more, from the next lint run on; tell whether it was."""
        change = (
            accepted_baseline.update()
            .where(accepted_baseline.c.repository_id == repository_id)
            .where(accepted_baseline.c.revoked_at.is_(None))
            .values(revoked_by=by, revoked_at=self._clock.now())
        )
        with self._database.write() as connection:
            return connection.execute(change).rowcount > 0


def _fingerprints(judgement: Judgement) -> set[str]:
    comparison = judgement.comparison
    return {finding.fingerprint for finding in (*comparison.new, *comparison.unchanged)}


def _row_to_baseline(row: Row) -> AcceptedBaseline:
    fingerprints: list[str] = unpack(row.fingerprints, _FINGERPRINTS)
    return AcceptedBaseline(
        sha=Sha(row.sha),
        accepted_by=AccountId(row.accepted_by),
        accepted_at=row.accepted_at,
        fingerprints=frozenset(fingerprints),
    )
