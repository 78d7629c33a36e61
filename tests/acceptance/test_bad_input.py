"""Whatever strangers and GitHub send, there is a clear answer, and an accepted push has its check.

The parts are tested in ``tests/web`` and ``tests/github``; here it is the whole App.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import re
import time
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest
import pytest_asyncio
import sqlalchemy as sa

from lintbot.standin import faults
from lintbot.standin.drive import Deliveries
from lintbot.standin.faults import Fault
from lintbot.standin.hooks import Delivered, make_headers
from lintbot.standin.state import CheckRun, Repository
from lintbot.store.database import Database
from lintbot.store.tables import lint_run
from tests.support.app import Deployment, count_doubled, until, write_commit
from tests.support.databases import postgres_database
from tests.support.github import git
from tests.support.proxy import Proxy, open_proxy

CLEAN = {"code.py": '"""A module."""\n'}
SLOW_SECONDS = 120.0


def a_dirty_file(lines: int = 60) -> dict[str, str | bytes]:
    """Findings for three requests: each line is found by pylint and by flake8."""
    text = "".join(f"A{number} = missing_{number}\n" for number in range(lines))
    return {"code.py": f'"""A module."""\n\n{text}'}


async def push_dirty(lintbot: Deployment, repository: Repository) -> str:
    """Push the dirty file on top of the clean one; it must be accepted."""
    sha = write_commit(repository, a_dirty_file(), git(repository.path, "rev-parse", "main"))
    accepted = await lintbot.push(repository, sha)
    assert accepted[0].status_code == 202, accepted[0].response_body
    return sha


def check_whole(run: CheckRun) -> None:
    """A verdict on the code itself, with each annotation once."""
    found = (run.status, run.conclusion, len(run.annotations), count_doubled(run))
    assert found == ("completed", "failure", 120, 0), (found, run.title, run.summary)


# --- what strangers send --------------------------------------------------------------------


async def catch_push(lintbot: Deployment, repository: Repository, sha: str) -> Delivered:
    """Push a commit, but let the delivery get lost; return it."""
    lintbot.github.hooks.lose(event="push")
    (lost,) = await lintbot.push(repository, sha, order=("push",))
    assert lost.status_code == 0
    return lost


def a_delivery(lost: Delivered, guid: str, body: bytes, event: str = "push") -> dict[str, str]:
    """Return the headers of a delivery that is properly signed."""
    return make_headers(lost.app, event, guid, body) | {"Content-Type": "application/json"}


async def test_strangers_get_a_clear_answer_and_the_real_push_is_not_lost(lintbot: Deployment):
    repository, _ = await lintbot.add_repository("strangers", CLEAN)
    before = git(repository.path, "rev-parse", "main")
    sha = write_commit(repository, a_dirty_file(), before)
    lost = await catch_push(lintbot, repository, sha)
    git(repository.path, "update-ref", "refs/heads/main", before)  # or the comparison finds it
    body = json.dumps(lost.payload).encode()
    good = a_delivery(lost, "stranger", body)
    sha256, sha1 = "X-Hub-Signature-256", "X-Hub-Signature"
    forged = "sha256=" + "0" * 64
    bad: list[tuple[str, bytes, dict[str, str], int]] = [
        ("forged", body, good | {sha256: forged}, 401),
        ("unsigned", body, without(good, sha256, sha1), 401),
        ("SHA-1 only", body, without(good, sha256), 401),
        ("truncated", body[:-20], good, 401),
        ("changed", body.replace(b'"forced"', b'"fOrced"'), good, 401),
        ("invalid JSON", body[:-1], a_delivery(lost, "stranger", body[:-1]), 400),
        ("no object", b"[1]", a_delivery(lost, "stranger", b"[1]"), 400),
        ("no event", body, without(good, "X-GitHub-Event"), 400),
        ("no delivery", body, without(good, "X-GitHub-Delivery"), 400),
        ("not JSON", body, good | {"Content-Type": "text/plain"}, 415),
        ("26 MB", bytes(26_000_000), good, 413),
    ]
    for what, content, headers, wanted in bad:
        status, text, answer = await lintbot.send(io.BytesIO(content), headers)
        assert status == wanted, (what, status, text)
        assert json.loads(text)["message"]
        assert "Server" not in answer
    await send_half(lintbot, body, good)
    assert lintbot.checks(repository, sha) == []

    git(repository.path, "update-ref", "refs/heads/main", sha)
    assert (await lintbot.send(body, good))[0] == 202
    assert (await lintbot.send(body, good))[0] == 200  # replayed
    check_whole(await lintbot.wait_for_check(repository, sha))
    assert (await lintbot.send(body, good))[0] == 200  # replayed when all is over
    again = await lintbot.github.hooks.again(lost)  # the same commit, as GitHub tells of it
    assert again.status_code == 200
    assert len(lintbot.checks(repository, sha)) == 1


def without(headers: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in names}


async def send_half(lintbot: Deployment, body: bytes, headers: dict[str, str]) -> None:
    """Break the connection in the middle of the body."""
    _, writer = await asyncio.open_connection("127.0.0.1", lintbot.port)
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    start = f"POST /webhooks/github HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n{head}"
    writer.write(start.encode() + b"\r\n" + body[: len(body) // 2])
    await writer.drain()
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


@pytest.mark.parametrize("event", ["push", "check_suite", "pull_request", "installation"])
async def test_null_in_any_place_of_a_payload_is_no_trouble(lintbot: Deployment, event: str):
    owner = f"null-{event.replace('_', '-')}"
    repository, _ = await lintbot.add_repository(owner, CLEAN)
    lost = await catch_event(lintbot, repository, event)
    for number, holey in enumerate(holes(lost.payload)):
        body = json.dumps(holey).encode()
        headers = a_delivery(lost, f"{lost.guid}-{number}", body, event)
        status, text, _ = await lintbot.send(body, headers)
        assert status in {200, 202, 400}, (status, text, holey)
        assert json.loads(text)["message"]
    done = await lintbot.github.hooks.again(lost)
    assert done.succeeded
    await wait_until_nothing_is_open(lintbot, owner)
    for run in lintbot.github.world.runs.values():
        if run.suite.repository is repository:
            assert (run.status, len(lintbot.checks(repository, run.head_sha))) == ("completed", 1)


async def catch_event(lintbot: Deployment, repository: Repository, event: str) -> Delivered:
    """Let something happen whose delivery gets lost; return it."""
    github = lintbot.github
    main = git(repository.path, "rev-parse", "main")
    sha = write_commit(repository, a_dirty_file(2), main)
    if event == "push":
        return await catch_push(lintbot, repository, sha)
    github.hooks.lose(event=event)
    if event == "check_suite":
        (lost,) = await lintbot.push(repository, sha, order=("check_suite",))
    elif event == "pull_request":
        git(repository.path, "update-ref", "refs/heads/topic", sha)
        _, (lost,) = await github.open_pull(repository, "main", "topic")
    else:
        (installation,) = github.world.installations_of(repository)
        (lost,) = await github.unsuspend(installation)
    return lost


def holes(payload: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the payload with null in each place, to the second level."""
    made = []
    for name, value in payload.items():
        made.append(payload | {name: None})
        if isinstance(value, dict):
            made += [payload | {name: value | {inner: None}} for inner in value]
    return made


# --- repositories that are not there (any more) ---------------------------------------------


async def test_a_push_to_a_repository_that_github_does_not_know_ends(lintbot: Deployment):
    repository, _ = await lintbot.add_repository("ghost", CLEAN)
    sha = write_commit(repository, a_dirty_file(1), git(repository.path, "rev-parse", "main"))
    lost = await catch_push(lintbot, repository, sha)
    del lintbot.github.world.repositories[repository.id]
    assert (await lintbot.github.hooks.again(lost)).status_code == 202
    await wait_until_nothing_is_open(lintbot, "ghost")
    assert lintbot.checks(repository, sha) == []


@pytest.mark.parametrize("deed", ["uninstall", "suspend"])
async def test_an_installation_that_goes_while_its_commit_is_fetched(
    lintbot: Deployment, deed: str
):
    owner = f"{deed}-me"
    repository, installation = await lintbot.add_repository(owner, CLEAN)
    fetched = asyncio.Event()
    lintbot.faults.add("POST", f"{owner}/code.git/git-upload-pack", Fault(hold=fetched))
    with lintbot.faults.expecting(f"POST /{owner}/code.git/git-upload-pack") as fetching:
        sha = await push_dirty(lintbot, repository)
        await asyncio.wait_for(fetching.wait(), 30)
    (told,) = await getattr(lintbot.github, deed)(installation)
    assert told.status_code == 200
    fetched.set()
    await wait_until_nothing_is_open(lintbot, owner)
    assert [run.annotations for run in lintbot.checks(repository, sha)] == [[]]

    if deed == "suspend":
        await lintbot.github.unsuspend(installation)
    else:
        await lintbot.github.install(owner)
    next_sha = write_commit(repository, a_dirty_file(3), sha)
    assert (await lintbot.check(repository, next_sha)).conclusion in {"failure", "success"}


async def wait_until_nothing_is_open(lintbot: Deployment, owner: str) -> None:
    """Wait until every lint run of an account has a verdict that nobody needs to be told."""
    ids = [r.id for r in lintbot.github.world.repositories.values() if r.owner.login == owner] or [
        lintbot.github.world.account(owner).id + 1
    ]
    query = sa.select(sa.func.count()).where(
        lint_run.c.repository_id.in_(ids),
        lint_run.c.conclusion.is_(None) | lint_run.c.posted_at.is_(None),
    )
    with contextlib.closing(Database(lintbot.database_url)) as database:

        def is_over() -> bool:
            with database.read() as connection:
                return connection.execute(query).scalar() == 0

        await until(is_over, f"every lint run of {owner} is over: {lintbot.tails()}", 60)


# --- troubles on GitHub's side --------------------------------------------------------------

FIRST_PATCH = Fault()
"""No trouble: it begins. Those after it carry annotations."""


def _trouble(method: str, path: str, *queue: Fault) -> tuple[str, str, tuple[Fault, ...]]:
    return method, path, queue


API = r"/repos/OWNER/code"
TROUBLES = {
    "create-500-after": _trouble("POST", f"{API}/check-runs$", faults.SERVER_ERROR_AFTER),
    "create-502": _trouble("POST", f"{API}/check-runs$", faults.BAD_GATEWAY, faults.BAD_GATEWAY),
    "create-garbled": _trouble("POST", f"{API}/check-runs$", faults.GARBLED),
    "create-dropped-after": _trouble("POST", f"{API}/check-runs$", faults.DROP_AFTER),
    "post-502": _trouble("PATCH", f"{API}/check-runs/", FIRST_PATCH, faults.BAD_GATEWAY),
    "post-500-after": _trouble(
        "PATCH", f"{API}/check-runs/", FIRST_PATCH, Fault(), faults.SERVER_ERROR_AFTER
    ),
    "post-dropped-after": _trouble("PATCH", f"{API}/check-runs/", FIRST_PATCH, faults.DROP_AFTER),
    "post-last-dropped-after": _trouble(
        "PATCH", f"{API}/check-runs/", FIRST_PATCH, Fault(), Fault(), faults.DROP_AFTER
    ),
    "post-403-retry": _trouble(
        "PATCH", f"{API}/check-runs/", FIRST_PATCH, faults.secondary_limit(retry_after_seconds=1)
    ),
    "post-429-retry": _trouble(
        "PATCH",
        f"{API}/check-runs/",
        FIRST_PATCH,
        faults.secondary_limit(status=429, retry_after_seconds=1),
    ),
    "git-500": _trouble("GET", r"/OWNER/code\.git/info/refs", faults.SERVER_ERROR),
    "git-403": _trouble("GET", r"/OWNER/code\.git/info/refs", faults.secondary_limit()),
    "mint-500": _trouble("POST", "/installations/ID/access_tokens", faults.SERVER_ERROR),
    "mint-502": _trouble("POST", "/installations/ID/access_tokens", faults.BAD_GATEWAY),
}
"""By name: what is asked for, and what happens to the first requests for it."""

SLOW_TROUBLES = {
    "create-403": _trouble("POST", f"{API}/check-runs$", faults.secondary_limit()),
    "post-429": _trouble(
        "PATCH", f"{API}/check-runs/", FIRST_PATCH, Fault(), faults.secondary_limit(status=429)
    ),
}
"""GitHub does not say for how long: then nobody may ask for a minute."""


class Pushed(NamedTuple):
    """A commit, and the trouble that waits for its check."""

    repository: Repository
    sha: str
    method: str
    path: str


async def push_into(
    lintbot: Deployment, name: str, trouble: tuple[str, str, tuple[Fault, ...]]
) -> Pushed:
    """Push to a new account, into trouble."""
    method, path, queue = trouble
    repository, installation = await lintbot.add_repository(name, CLEAN)
    pattern = path.replace("OWNER", re.escape(name)).replace("ID", str(installation.id))
    for fault in queue:
        lintbot.faults.add(method, pattern, fault)
    return Pushed(repository, await push_dirty(lintbot, repository), method, pattern)


async def check_passed(lintbot: Deployment, pushed: Pushed) -> None:
    """The trouble has struck, and the push has its one whole check run all the same."""
    check_whole(await lintbot.wait_for_check(pushed.repository, pushed.sha, SLOW_SECONDS))
    assert len(lintbot.checks(pushed.repository, pushed.sha)) == 1
    assert lintbot.faults.is_over(pushed.method, pushed.path)


async def test_every_trouble_with_github_passes(lintbot: Deployment):
    for pushed in [await push_into(lintbot, *trouble) for trouble in TROUBLES.items()]:
        await check_passed(lintbot, pushed)


@pytest_asyncio.fixture(scope="session", loop_scope="session", autouse=True)
async def limited(lintbot: Deployment) -> AsyncIterator[list[Pushed]]:
    """Commits whose check meets a limit of unknown length: begun first, it lasts longest."""
    yield [await push_into(lintbot, *trouble) for trouble in SLOW_TROUBLES.items()]


@pytest.mark.timeout(240)
async def test_a_limit_without_retry_after_is_sat_out(lintbot: Deployment, limited: list[Pushed]):
    for pushed in limited:
        await check_passed(lintbot, pushed)


# --- troubles on our side -------------------------------------------------------------------


@pytest.fixture
def postgres() -> Any:
    with postgres_database() as url:
        yield url


@pytest.mark.postgres
async def test_a_database_that_goes_away_costs_nothing(town: Deployment, postgres: str):
    async with open_proxy(postgres) as proxy:
        with town.beside(proxy.url) as lintbot:
            await asyncio.to_thread(lintbot.migrate)
            async with lintbot.running("serve"):
                await check_without_database(lintbot, proxy)


async def check_without_database(lintbot: Deployment, proxy: Proxy) -> None:
    repository, _ = await lintbot.add_repository("no-database", CLEAN)
    sha = write_commit(repository, a_dirty_file(), git(repository.path, "rev-parse", "main"))
    await proxy.cut()
    started = time.monotonic()
    refused: Deliveries = await lintbot.push(repository, sha)
    for delivery in refused:
        assert delivery.status_code == 503, delivery.response_body
        assert int(delivery.response_headers["Retry-After"]) > 0
    assert time.monotonic() - started < 10 * len(refused)  # GitHub waits no longer
    assert (await lintbot.get("/healthz"))[0] == 200
    assert (await lintbot.get("/readyz"))[0] == 503
    assert (await lintbot.get("/badge/no-database/code.svg"))[0] == 200
    await proxy.mend()
    assert (await lintbot.get("/gh/no-database/code"))[0] == 404  # nothing was stored
    again = [await lintbot.github.hooks.again(delivery) for delivery in refused]
    assert [delivery.status_code for delivery in again] == [202, 200]
    check_whole(await lintbot.wait_for_check(repository, sha))
