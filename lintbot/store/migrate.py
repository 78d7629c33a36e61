"""Shell: bring the schema up to date."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from lintbot.errors import UserError
from lintbot.store.database import Database

_LOCK = 0x11B07
"""Any number: two processes must not migrate PostgreSQL at the same time."""


def migrate(url: str) -> None:
    """Create or upgrade lintbot's own tables (the queue's are ``jobs.engine.migrate_queue``).

    Raises:
        TransientError: the database is out of reach.
    """
    database = Database(url)
    config = _config()
    try:
        with database.write() as connection:
            if database.is_postgres:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        database.close()


def describe_schema(url: str) -> str:
    """Say in words that the database answers and its tables are up to date. Blocking.

    Raises:
        TransientError: the database is out of reach.
        UserError: its tables are not up to date.
    """
    wanted = ScriptDirectory.from_config(_config()).get_current_head()
    database = Database(url)
    try:
        with database.read() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
    finally:
        database.close()
    if found == wanted:
        return "reachable and up to date"
    if found is None and not database.is_postgres:
        return "reachable; the tables are made when `lintbot serve` starts"
    raise UserError(f"the tables are at version {found or 'none'}, not {wanted}")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "lintbot.store:migrations")
    return config
