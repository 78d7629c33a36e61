"""A lintbot is backed up while it works, lost, and put back; on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest

from lintbot.standin.faults import Fault
from lintbot.standin.state import Repository
from tests.support.app import CHECK_SECONDS, Deployment, Running, write_commit
from tests.support.databases import migrate_all, postgres_database
from tests.support.needs import need_program

FILES = {"a.py": "import os\n"}


def admin(place: Deployment, *words: str) -> tuple[int, str]:
    done = Running(["admin", *words], place.environment(), place.folder / "admin.log")
    return done.process.wait(60), done.text()


async def begin(place: Deployment, repository: Repository, head: str) -> str:
    """Push a commit whose check run is open when its lintbot is killed."""
    sha = write_commit(repository, {"begun.py": "x = 1\n"}, head)
    fetch = f"{repository.full_name}.git/git-upload-pack"
    place.faults.add("POST", fetch, Fault(hold=asyncio.Event()))
    with place.faults.expecting(f"POST .*{fetch}") as fetching:
        await place.push(repository, sha, "topic")
        await asyncio.wait_for(fetching.wait(), CHECK_SECONDS)
    assert [run.status for run in place.checks(repository, sha)] == ["in_progress"]
    return sha


async def finishes(place: Deployment, repository: Repository, sha: str) -> None:
    """A check run of which the database knows nothing is completed, not made twice."""
    (installation,) = place.github.world.installations_of(repository)
    await place.github.accept_permissions(installation, place.github.app.permissions)
    await place.wait_for_check(repository, sha)


async def live_on(place: Deployment, repository: Repository, head: str, begun: str = "") -> None:
    """What was known is known again, and work goes on."""
    async with place.running("serve"):
        if begun:
            await finishes(place, repository, begun)
        status, page = await place.get(f"/gh/{repository.full_name}/runs/{head}")
        assert (status, head[:7] in page) == (200, True)
        after = write_commit(repository, {"a.py": '"""A module."""\n'}, head)
        run = await place.check(repository, after)
        assert (run.conclusion, " fixed" in run.title) == ("success", True), run.title


@pytest.mark.timeout(300)
async def test_sqlite_is_backed_up_while_it_works_and_put_back(town: Deployment):
    folder = town.folder / "saved"
    folder.mkdir()
    database, copy = folder / "lintbot.sqlite", folder / "copy.sqlite"
    with town.beside(f"sqlite:///{database}") as place:
        async with place.running("serve"):
            repository, _ = await place.add_repository("saved", FILES)
            head = place.head(repository)
            await place.check(repository, head)
            assert (await place.push(repository, head, "topic"))[0].succeeded
            status, text = admin(place, "backup", str(copy))
            assert status == 0, text
            assert copy.stat().st_mode & 0o777 == 0o600
            assert admin(place, "backup", str(copy))[0] == 1  # no backup is overwritten
            lost = write_commit(repository, {"lost.py": "x = 1\n"}, head)
            await place.check(repository, lost)
            begun = await begin(place, repository, head)
        (folder / "noise").write_text("no database")
        assert admin(place, "restore", str(folder / "noise"))[0] == 1
        for file in folder.glob("lintbot.sqlite*"):
            file.unlink()
        status, text = admin(place, "restore", str(copy))
        assert status == 0, text
        await live_on(place, repository, head, begun)


@pytest.mark.postgres
@pytest.mark.timeout(300)
async def test_postgres_is_backed_up_as_documented(town: Deployment):
    copy = town.folder / "copy.dump"
    with postgres_database() as first, postgres_database() as second:
        migrate_all(first)
        with town.beside(first) as place:
            async with place.running("serve"):
                repository, _ = await place.add_repository("dumped", FILES)
                head = place.head(repository)
                await place.check(repository, head)
                run(need_program("pg_dump"), "--format=custom", f"--file={copy}", first)
            assert "docs/self-hosting.md" in admin(place, "backup", "x")[1]
        run(need_program("pg_restore"), "--no-owner", f"--dbname={second}", str(copy))
        with town.beside(second) as place:
            await live_on(place, repository, head)


def run(*argv: str | Path) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
