"""Shell: bring the schema up to date."""

from __future__ import annotations

from alembic import command
from alembic.config import Config

from lintbot.store.database import Database

_LOCK = 0x11B07
"""Any number: two processes must not migrate PostgreSQL at the same time."""


def migrate(url: str) -> None:
    """Create or upgrade lintbot's own tables (the queue's are ``jobs.engine.migrate_queue``).

    Raises:
        TransientError: the database is out of reach.
    """
    database = Database(url)
    config = Config()
    config.set_main_option("script_location", "lintbot.store:migrations")
    try:
        with database.write() as connection:
            if database.is_postgres:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        database.close()
