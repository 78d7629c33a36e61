"""A database of one's own, SQLite or PostgreSQL, gone when the test ends."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

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


@contextmanager
def own_postgres() -> Iterator[tuple[str, Callable[[], None]]]:
    """Run a server of one's own; give its address, and what restarts it at once."""
    bin_folder = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
    need(bin_folder is not None, "PostgreSQL's own programs")
    as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    with tempfile.TemporaryDirectory(prefix="lintbot-postgres-") as name:
        if os.geteuid() == 0:
            shutil.chown(name, "postgres")
        else:
            as_user = []

        def run(program: str, *arguments: str) -> None:
            command = [*as_user, f"{bin_folder}/{program}", "-D", f"{name}/data", *arguments]
            subprocess.run(command, cwd=name, check=True, capture_output=True)

        port = find_free_port()
        options = f"-p {port} -k {name} -c listen_addresses=127.0.0.1 -c max_connections=200"
        start = ("-w", "-l", f"{name}/log", "-o", options)

        def restart() -> None:
            run("pg_ctl", "-m", "immediate", "stop")
            run("pg_ctl", *start, "start")

        run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        run("pg_ctl", *start, "start")
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres", restart
        finally:
            run("pg_ctl", "-m", "immediate", "stop")


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def migrate_all(url: str) -> str:
    """Create every table, ours and the queue's."""
    migrate(url)
    migrate_queue(url)
    return url
