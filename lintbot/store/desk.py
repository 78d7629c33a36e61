"""Shell: what admins of a repository change (``ports.BadgeTokens``, ``ports.Eraser``)."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from lintbot.model.ids import RepositoryId
from lintbot.model.people import BadgeToken, PersonId
from lintbot.store.database import Database
from lintbot.store.erasure import OF_REPOSITORY
from lintbot.store.statements import insert
from lintbot.store.tables import alias, badge_token, branch_head, lint_run, repository
from lintbot.store.trust_tables import trust


class StoredBadgeTokens:
    """Implements ``ports.BadgeTokens`` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, repository_id: RepositoryId) -> BadgeToken | None:
        """Return what is known of a repository's token; None: it has none."""
        query = badge_token.select().where(badge_token.c.repository_id == repository_id)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        return BadgeToken(digest=row.digest, made_by=PersonId(row.made_by), made_at=row.made_at)

    def save(self, repository_id: RepositoryId, token: BadgeToken) -> None:
        """Store a token; one that there was is worth nothing from now on."""
        row = {"digest": token.digest, "made_by": token.made_by, "made_at": token.made_at}
        statement = insert(badge_token, self._database).values(repository_id=repository_id, **row)
        with self._database.write() as connection:
            connection.execute(
                statement.on_conflict_do_update(index_elements=["repository_id"], set_=row)
            )

    def revoke(self, repository_id: RepositoryId) -> None:
        """Let a repository have no token."""
        with self._database.write() as connection:
            connection.execute(
                badge_token.delete().where(badge_token.c.repository_id == repository_id)
            )


_FOUND_OUT = (
    "judgement",
    "overview",
    "versions",
    "score",
    "neutral",
    "new_count",
    "fixed_count",
)


_KEPT = (lint_run, branch_head, alias, trust)
"""What tells where a repository and its branches are, how often a commit was linted, and for
which commit no trust report is wanted."""
_NOT_BEFORE_A_PUSH = datetime(9999, 1, 1, tzinfo=UTC)


class StoredEraser:
    """Implements ``ports.Eraser`` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def erase(self, repository_id: RepositoryId) -> None:
        """Delete findings, scores, source, patches, accepted baselines and the badge token."""
        decided = lint_run.update().where(
            lint_run.c.repository_id == repository_id, lint_run.c.conclusion.is_not(None)
        )
        emptied = {
            "sha": _default_head(repository_id),
            "letter": "",
            "due_at": _NOT_BEFORE_A_PUSH,
            "claimed_until": None,
            "report": None,
        }
        no_trust = insert(trust, self._database).values(repository_id=repository_id, **emptied)
        with self._database.write() as connection:
            connection.execute(decided.values(dict.fromkeys(_FOUND_OUT)))
            connection.execute(
                no_trust.on_conflict_do_update(index_elements=[trust.c.repository_id], set_=emptied)
            )
            for table in OF_REPOSITORY:
                if table not in _KEPT:
                    connection.execute(table.delete().where(table.c.repository_id == repository_id))


def _default_head(repository_id: RepositoryId) -> sa.ColumnElement[str]:
    head = (
        sa.select(branch_head.c.sha)
        .join(repository, repository.c.id == branch_head.c.repository_id)
        .where(repository.c.id == repository_id)
        .where(branch_head.c.branch == repository.c.default_branch)
    )
    return sa.func.coalesce(head.scalar_subquery(), "")
