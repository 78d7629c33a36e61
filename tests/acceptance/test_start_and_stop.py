"""Commands start only when they can work, and stop in bounded time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from lintbot.standin.faults import Fault
from lintbot.wiring.server import STOP_GRACE_SECONDS
from tests.support.app import Deployment, until, write_commit
from tests.support.github import git

BROKEN = {
    "LINTBOT_APP_ID": "",
    "LINTBOT_PRIVATE_KEY": "no key",
    "LINTBOT_WEBHOOK_SECRET": "",
    "LINTBOT_GITHUB_URL": "github.com",
    "LINTBOT_SANDBOX": "perhaps",
    "LINTBOT_JOB_TIMEOUT_SECONDS": "soon",
    "DATABASE_URL": "mysql://localhost/lintbot",
}
STOP_SECONDS = 10.0
ROOT = Path(__file__).parents[2]


@pytest.fixture
def beside(town: Deployment, tmp_path: Path) -> Iterator[Deployment]:
    with town.beside(f"sqlite:///{tmp_path / 'lintbot.sqlite'}") as deployment:
        yield deployment


@pytest.mark.parametrize("command", ["serve", "web", "worker"])
async def test_every_broken_setting_is_named_before_a_port_is_opened(
    beside: Deployment, command: str
):
    running = beside.start(command, **BROKEN)
    try:
        while running.process.poll() is None:
            assert not can_connect(beside.port)
            await asyncio.sleep(0.01)
    finally:
        running.clear_away()
    assert running.process.returncode == 2
    lines = running.text().splitlines()
    for name in BROKEN:
        assert sum(name in line for line in lines) >= 1, (name, lines)
    assert "Traceback" not in running.text()


def can_connect(port: int) -> bool:
    with socket.socket() as client, contextlib.suppress(ConnectionRefusedError):
        client.connect(("127.0.0.1", port))
        return True
    return False


async def test_a_taken_port_and_a_database_that_is_empty_or_away_are_named(beside: Deployment):
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = beside.start("web", PORT=str(other.getsockname()[1]))
        status = await asyncio.to_thread(taken.process.wait, 30)
    assert (status, "PORT" in taken.text()) == (1, True), taken.tail()

    empty = beside.start("worker")
    status = await asyncio.to_thread(empty.process.wait, 60)
    assert (status, "lintbot migrate" in empty.text()) == (1, True), empty.tail()

    away = beside.start("worker", DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    status = await asyncio.to_thread(away.process.wait, 60)
    assert (status, "out of reach" in away.text()) == (1, True), away.tail()
    assert "lintbot migrate" not in away.text()


async def test_a_process_that_is_still_starting_stops_too(beside: Deployment):
    running = beside.start("serve")
    try:
        await until(lambda: running.has_said("listening"), "it listens", 30)
        await until(running.has_children, "its sandbox tests itself", 30)
        status, seconds = await running.stop()
    finally:
        running.clear_away()
    assert status == 0, running.tail()
    assert seconds < STOP_SECONDS


async def test_deliveries_are_taken_while_the_sandbox_is_still_tested(beside: Deployment):
    """GitHub sends none again, so a restart must not cost any."""
    repository, _ = await beside.add_repository("early", {"code.py": '"""A module."""\n'})
    main = git(repository.path, "rev-parse", "main")
    sha = write_commit(repository, {"code.py": '"""A module."""\n\nA = missing\n'}, main)
    running = beside.start("serve")
    try:
        await until(lambda: running.has_said("listening"), "it listens", 30)
        status, text = await beside.get("/readyz")
        (accepted,) = await beside.push(repository, sha, order=("push",))
        assert (accepted.status_code, status) == (202, 503)
        assert json.loads(text)["sandbox"] == "the sandbox is being tested"
        assert not running.has_said("worker started")
        run = await beside.wait_for_check(repository, sha, 60)
    finally:
        running.clear_away()
    assert (run.conclusion, len(run.annotations)) == ("failure", 2)


async def test_where_no_sandbox_holds_nothing_is_linted_and_everybody_is_told(beside: Deployment):
    """As on a kernel without Landlock, in a container without namespaces."""
    repository, _ = await beside.add_repository("bare", {"code.py": '"""A module."""\n'})
    main = git(repository.path, "rev-parse", "main")
    sha = write_commit(repository, {"code.py": '"""A module."""\n\nA = missing\n'}, main)
    lacking = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); "
        "from tests.hostile.lacking import lack_both; lack_both(); "
        "from lintbot.__main__ import main; sys.exit(main())"
    )
    doctor = beside.start("doctor", program=("-c", lacking))
    assert await asyncio.to_thread(doctor.process.wait, 60) == 1
    assert "MEND              sandbox: no sandbox holds" in doctor.text()
    assert "apt-get install bubblewrap" in doctor.text()
    running = beside.start("serve", program=("-c", lacking))
    try:
        await beside.wait_until_up(running, "serve")
        status, text = await beside.get("/readyz")
        assert (status, json.loads(text)["sandbox"]) == (
            503,
            "no sandbox holds on this server, so nothing is linted",
        )
        (accepted,) = await beside.push(repository, sha, order=("push",))
        assert accepted.status_code == 202
        run = await beside.wait_for_check(repository, sha, 30)
    finally:
        running.clear_away()
    assert (run.conclusion, run.annotations) == ("neutral", [])
    assert "There is no sandbox on this server" in (run.title or "")
    assert "no sandbox on this server, so nothing is linted" in running.text()


async def test_idle_processes_stop_at_once(beside: Deployment):
    await asyncio.to_thread(beside.migrate)
    async with beside.running("web") as web, beside.running("worker") as worker:
        for running in (web, worker):
            status, seconds = await running.stop()
            assert status == 0, running.tail()
            assert seconds < STOP_SECONDS


async def test_a_job_that_does_not_end_in_time_is_finished_by_another_worker(beside: Deployment):
    repository, _ = await beside.add_repository("stopped", {"code.py": '"""A module."""\n'})
    main = git(repository.path, "rev-parse", "main")
    sha = write_commit(repository, {"code.py": '"""A module."""\n\nA = missing\n'}, main)
    held = asyncio.Event()
    beside.faults.add("POST", "/stopped/code.git/git-upload-pack", Fault(hold=held))
    async with beside.running("serve") as server:
        with beside.faults.expecting("POST /stopped/code.git/git-upload-pack") as fetching:
            (accepted,) = await beside.push(repository, sha, order=("push",))
            assert accepted.status_code == 202
            await asyncio.wait_for(fetching.wait(), 30)
        stopping = asyncio.create_task(server.stop(STOP_GRACE_SECONDS + STOP_SECONDS))
        await until(lambda: server.has_said("stopping"), "it is stopping", 10)
        with beside.beside(beside.database_url, LINTBOT_EXECUTOR_ID="another") as other:
            async with other.running("worker"):
                status, seconds = await stopping
                assert status == 0, server.tail()
                assert seconds < STOP_GRACE_SECONDS + STOP_SECONDS
                run = await other.wait_for_check(repository, sha, 30)
    held.set()
    assert (run.conclusion, len(run.annotations)) == ("failure", 2)


async def test_the_way_to_install_the_app_is_asked_of_github(beside: Deployment):
    running = beside.start("serve")
    try:
        await until(lambda: running.has_said("listening"), "it listens", 30)
        address = f"{beside.url}/install"
        async with beside.session.get(address, allow_redirects=False) as response:
            there = f"{beside.github.url}/apps/{beside.github.app.slug}/installations/new"
            assert (response.status, response.headers["Location"]) == (303, there)
    finally:
        running.clear_away()
