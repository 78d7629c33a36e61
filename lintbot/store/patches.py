"""Shell: patches of safe fixes (``ports.Patches``)."""

from __future__ import annotations

import sqlalchemy as sa

from lintbot.model.ids import RepositoryId, Sha
from lintbot.model.patch import Patch
from lintbot.ports import Clock
from lintbot.store.database import Database
from lintbot.store.rows import PATCH, pack, unpack
from lintbot.store.statements import insert
from lintbot.store.tables import patch


class StoredPatches:
    """Implements ``ports.Patches`` on a database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def load(self, repository_id: RepositoryId, sha: Sha) -> Patch | None:
        """Return the newest patch for a commit, if one was made."""
        return load_patch(self._database, repository_id, sha)

    def save(self, repository_id: RepositoryId, sha: Sha, value: Patch) -> None:
        """Keep a patch for a commit, in the place of an earlier one."""
        facts = {"saved_at": self._clock.now(), "patch": pack(value)}
        change = (
            insert(patch, self._database)
            .values(repository_id=repository_id, sha=sha, **facts)
            .on_conflict_do_update(index_elements=["repository_id", "sha"], set_=facts)
        )
        with self._database.write() as connection:
            connection.execute(change)


def load_patch(database: Database, repository_id: RepositoryId, sha: Sha) -> Patch | None:
    """Return the newest patch for a commit, if one was made."""
    query = (
        sa.select(patch.c.patch)
        .where(patch.c.repository_id == repository_id)
        .where(patch.c.sha == sha)
    )
    with database.read() as connection:
        data = connection.execute(query).scalar()
    return unpack(data, PATCH) if data is not None else None
