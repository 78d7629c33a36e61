from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from lintbot.errors import TransientError
from lintbot.store.database import Database
from lintbot.store.migrate import migrate
from lintbot.store.tables import metadata
from lintbot.store.trust_tables import watched
from tests.store.conftest import Store
from tests.support.databases import postgres_database


# SQLite cannot tell which expression an index is over.
@pytest.mark.filterwarnings("ignore:.* expression-based index")
def test_the_migrations_make_the_tables_that_the_code_expects(store: Store):
    with store.database.read() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": "lintbot_schema", "compare_type": True}
        )
        assert watched.metadata is metadata
        differences = compare_metadata(context, metadata)
    assert differences == []


def test_migrating_twice_changes_nothing(store: Store):
    job = store.push(1)
    migrate(store.url)
    assert store.runs.load(job.run_id) is not None


@pytest.mark.postgres
def test_two_processes_may_migrate_postgres_at_once():
    with postgres_database() as url:
        migrate_in_processes(url)


def test_two_processes_may_migrate_sqlite_at_once(tmp_path: Path):
    migrate_in_processes(f"sqlite:///{tmp_path / 'new' / 'lintbot.sqlite'}")


def migrate_in_processes(url: str) -> None:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(3, mp_context=context) as pool:
        list(pool.map(migrate, [url] * 3))
    database = Database(url)
    database.ping()
    database.close()


def test_sqlite_survives_a_power_cut_by_its_settings(tmp_path: Path):
    database = Database(f"sqlite:///{tmp_path / 'lintbot.sqlite'}")
    with database.read() as connection:
        settings = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout")
        ]
    assert settings == ["wal", 2, 10_000]
    database.close()


def test_a_busy_sqlite_is_transient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("lintbot.store.database.BUSY_TIMEOUT_MS", 50)
    url = f"sqlite:///{tmp_path / 'lintbot.sqlite'}"
    migrate(url)
    first, second = Database(url), Database(url)
    with first.write(), pytest.raises(TransientError, match="locked"), second.write():
        pass
    with second.write():  # its turn has come
        pass
    first.close()
    second.close()


def test_mistakes_in_sql_are_not_transient(store: Store):
    with pytest.raises(sa.exc.DBAPIError), store.database.read() as connection:
        connection.exec_driver_sql("SELECT wrong(")
