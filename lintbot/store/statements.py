"""Shell: the one statement that SQL never agreed on."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from lintbot.store.database import Database


def insert(table: sa.Table, database: Database) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT that knows ON CONFLICT."""
    return postgresql.insert(table) if database.is_postgres else sqlite.insert(table)
