"""Shell: statements that more than one part of the store is made of."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from lintbot.model.ids import RepositoryId
from lintbot.store.database import Database
from lintbot.store.tables import branch_head, lint_run

Select = sa.Select[*tuple[Any, ...]]

NEWEST = (lint_run.c.received_at.desc(), lint_run.c.attempt.desc())
"""The order of lint runs."""


def insert(table: sa.Table, database: Database) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT that knows ON CONFLICT, on which SQL never agreed."""
    return postgresql.insert(table) if database.is_postgres else sqlite.insert(table)


_LOCK = 0x11B0
"""The space of our advisory locks; the other half of the key is the repository."""


def lock_repository(connection: sa.Connection, database: Database, repository_id: int) -> None:
    """Let one transaction at a time decide about a repository.

    SQLite has one writer anyway. PostgreSQL's advisory lock also covers rows that do not exist
    yet; it goes with the transaction.
    """
    if database.is_postgres:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK, repository_id % 2**31)))


def latest_id(
    repository_id: RepositoryId | sa.Column[int], branch: str | sa.Column[str]
) -> sa.ColumnElement[str]:
    """Return the id of a branch's lint run: of its head, or else the newest that has a score.

    A re-run of an old commit is newer than the head's run, but says nothing of the branch. Only
    ids are sorted, by an index: the rows hold all findings.
    """
    run = lint_run.alias()
    scored = (
        sa.select(run.c.run_id)
        .where(run.c.repository_id == repository_id)
        .where(run.c.branch == branch)
        .where(run.c.score.is_not(None))
        .order_by(run.c.received_at.desc(), run.c.attempt.desc())
        .limit(1)
    )
    of_head = (
        scored.where(branch_head.c.repository_id == repository_id)
        .where(branch_head.c.branch == branch)
        .where(branch_head.c.sha == run.c.head_sha)
    )
    return sa.func.coalesce(of_head.scalar_subquery(), scored.scalar_subquery())
