"""Shell: patches of safe fixes (``ports.Patches``)."""

from __future__ import annotations

import sqlalchemy as sa

from lintbot.model.ids import LintRunId
from lintbot.model.patch import Patch
from lintbot.ports import Clock
from lintbot.store.database import Database
from lintbot.store.rows import PATCH, pack, unpack
from lintbot.store.statements import insert
from lintbot.store.tables import lint_run, patch


class StoredPatches:
    """Implements ``ports.Patches`` on a database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def load(self, run_id: LintRunId) -> Patch | None:
        """Return the patch of a lint run, if one was made."""
        return load_patch(self._database, run_id)

    def save(self, run_id: LintRunId, value: Patch) -> None:
        """Remember a patch; the first that was made for a lint run stays."""
        repository_id = sa.select(lint_run.c.repository_id).where(lint_run.c.run_id == run_id)
        with self._database.write() as connection:
            found = connection.execute(repository_id).scalar()
            if found is None:
                return
            statement = insert(patch, self._database).values(
                run_id=run_id,
                repository_id=found,
                saved_at=self._clock.now(),
                patch=pack(value),
            )
            connection.execute(statement.on_conflict_do_nothing())


def load_patch(database: Database, run_id: LintRunId) -> Patch | None:
    """Return the patch of a lint run, if one was made."""
    query = sa.select(patch.c.patch).where(patch.c.run_id == run_id)
    with database.read() as connection:
        data = connection.execute(query).scalar()
    return unpack(data, PATCH) if data is not None else None
