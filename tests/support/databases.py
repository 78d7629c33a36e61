"""A database of one's own, SQLite or PostgreSQL, gone when the test ends."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import make_url

from lintbot.jobs.engine import migrate_queue
from lintbot.store.migrate import migrate
from tests.support.needs import need

_CANDIDATES = (
    "postgresql://postgres@127.0.0.1:5432/postgres",
    "postgresql:///postgres",
)


def find_postgres() -> str:
    """Return the address of a server where databases may be created."""
    named = os.environ.get("LINTBOT_TEST_POSTGRES_URL")
    for url in (named,) if named else _CANDIDATES:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(url, connect_timeout=3).close()
            return url
    need(False, "a PostgreSQL server (LINTBOT_TEST_POSTGRES_URL)")
    raise AssertionError


@contextmanager
def postgres_database() -> Iterator[str]:
    """Create an empty database; drop it at the end, whoever is still connected."""
    server = find_postgres()
    name = f"lintbot_test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def migrate_all(url: str) -> str:
    """Create every table, ours and the queue's."""
    migrate(url)
    migrate_queue(url)
    return url
