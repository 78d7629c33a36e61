"""A private repository with and without a plan, from the push to the check run."""

from __future__ import annotations

import asyncio
import functools
import uuid
from collections.abc import AsyncIterator

import aiohttp
import pytest_asyncio

from lintbot.standin.faults import latency
from lintbot.standin.marketplace import TEAM, Payload
from lintbot.standin.state import Installation, Repository
from tests.support.app import CHECK_SECONDS, Deployment, Running, until, write_commit
from tests.support.github import git
from tests.support.payloads import encoded, headers_for, signature
from tests.support.people import Browser

SECRET = "the listing's own secret"
LISTING = "https://market.example/lintbot"
CLEAN = {"a.py": '"""A module."""\n'}
CHANGES = {
    "LINTBOT_BILLING": "marketplace",
    "LINTBOT_MARKETPLACE_WEBHOOK_SECRET": SECRET,
    "LINTBOT_MARKETPLACE_URL": LISTING,
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def paid(town: Deployment) -> AsyncIterator[Deployment]:
    """A lintbot that wants to be paid."""
    folder = town.folder / "paid"
    folder.mkdir()
    changes = CHANGES | {"LINTBOT_DATA_DIR": str(folder)}
    with town.beside(f"sqlite:///{folder}/lintbot.sqlite", **changes) as deployment:
        async with deployment.running("serve"):
            yield deployment


async def add_private(paid: Deployment, owner: str) -> tuple[Repository, Installation]:
    repository, installation = await paid.add_repository(owner, CLEAN)
    repository.private = True
    return repository, installation


async def tell(paid: Deployment, payload: Payload, *, secret: str = SECRET) -> int:
    body = encoded(payload)
    headers = headers_for(body, "marketplace_purchase", delivery=str(uuid.uuid4()))
    headers["X-Hub-Signature-256"] = signature(body, secret)
    url = f"{paid.url}/webhooks/marketplace"
    async with paid.session.post(url, data=body, headers=headers) as response:
        return response.status


def mirrors(paid: Deployment, repository: Repository) -> list[str]:
    folder = paid.folder / "paid" / "mirrors"
    return [path.name for path in folder.glob(f"{repository.id}*")]


async def test_without_a_plan_nothing_is_fetched_and_with_one_all_is_linted(paid: Deployment):
    repository, _ = await add_private(paid, "paying")
    head = paid.head(repository)
    run = await paid.check(repository, head)
    assert run.conclusion == "neutral"
    assert "private and its account has no plan" in run.title
    assert f"[Choose a plan]({LISTING})" in run.summary
    assert mirrors(paid, repository) == []
    asked = [it for it in paid.faults.seen if "code.git" in it and "paying" in it]
    assert asked == []

    branch = write_commit(repository, {"a.py": "import os\n"}, head)
    await paid.push(repository, branch, "topic")
    assert (await paid.wait_for_check(repository, branch)).conclusion == "neutral"
    left_out = write_commit(repository, {".lintbot.toml": 'branches = ["main"]\n'}, head)
    await paid.push(repository, left_out, "left-out")
    assert (await paid.wait_for_check(repository, left_out)).conclusion == "neutral"
    bought = paid.github.world.listing.buy(repository.owner, TEAM)
    assert await tell(paid, bought, secret="a stranger's secret") == 401
    assert await tell(paid, bought) == 202
    await until(
        lambda: all(
            [run.conclusion for run in paid.checks(repository, sha)] == ends
            for sha, ends in ((head, ["success", "neutral"]), (branch, ["failure", "neutral"]))
        ),
        f"every head is linted: {paid.tails()}",
        CHECK_SECONDS,
    )
    assert f"{repository.id}.git" in mirrors(paid, repository)
    await until(
        lambda: "has only pushes to main linted" in paid.checks(repository, left_out)[0].title,
        f"the settings count as if there had been a plan: {paid.tails()}",
        CHECK_SECONDS,
    )
    assert [run.conclusion for run in paid.checks(repository, left_out)] == ["neutral"] * 2


async def test_what_becomes_public_is_linted_at_once(paid: Deployment):
    repository, _ = await add_private(paid, "opening")
    head = paid.head(repository)
    assert (await paid.check(repository, head)).conclusion == "neutral"
    await paid.github.set_private(repository, private=False)
    await until(
        lambda: [run.conclusion for run in paid.checks(repository, head)] == ["success", "neutral"],
        f"it is linted: {paid.tails()}",
        CHECK_SECONDS,
    )


async def test_what_becomes_private_while_it_is_linted_is_withheld(paid: Deployment):
    repository, _ = await paid.add_repository("closing", CLEAN)
    head = paid.head(repository)
    paid.faults.add("POST", "closing/code.git/git-upload-pack", latency(1.0))
    with paid.faults.expecting(r"^POST .*closing/code\.git/git-upload-pack") as fetched:
        await paid.push(repository, head)
        await asyncio.wait_for(fetched.wait(), CHECK_SECONDS)
    await paid.github.set_private(repository, private=True)
    run = await paid.wait_for_check(repository, head)
    assert (run.conclusion, "no plan" in run.title) == ("neutral", True)
    assert run.annotations == []


async def test_an_account_is_forgotten_and_it_is_proven(paid: Deployment):
    repository, _ = await paid.add_repository("forgetting", {"a.py": "import os\n"})
    kept, _ = await paid.add_repository("remembering", {"b.py": "import os\n"})
    for each in (repository, kept):
        await paid.check(each, paid.head(each))
    head, name = paid.head(repository), f"{repository.id}.git"
    mirror = paid.folder / "paid" / "mirrors" / name
    assert mirror.is_dir()
    assert leaves_traces(paid, head, "forgetting")

    forget = Running(["admin", "forget", "Forgetting"], paid.environment(), paid.folder / "f.log")
    assert await asyncio.to_thread(forget.process.wait, CHECK_SECONDS) == 0, forget.tail()
    assert "nothing is left" in forget.text()
    assert "still installed" in forget.text()
    assert not mirror.exists()
    assert not leaves_traces(paid, head, "forgetting")
    assert leaves_traces(paid, paid.head(kept), "remembering")
    again = Running(["admin", "forget", "Forgetting"], paid.environment(), paid.folder / "f.log")
    assert await asyncio.to_thread(again.process.wait, CHECK_SECONDS) == 1
    assert "nothing is stored about Forgetting" in again.text()
    assert (await paid.get("/gh/remembering/code"))[0] == 200

    told = await paid.check(repository, write_commit(repository, {"a.py": "\n"}, head))
    assert told.conclusion == "success"


def is_judged(paid: Deployment, repository: Repository, sha: str) -> bool:
    return any(run.conclusion in {"success", "failure"} for run in paid.checks(repository, sha))


def leaves_traces(paid: Deployment, *words: str) -> bool:
    """Tell whether any of these words stands anywhere in the database's files."""
    files = (paid.folder / "paid").glob("lintbot.sqlite*")
    everything = b"".join(file.read_bytes() for file in files)
    return any(word.encode() in everything for word in words)


async def test_two_accounts_with_the_same_private_code_never_meet(paid: Deployment):
    paid.github.app.callback_urls = [f"http://localhost:{paid.port}/auth/callback"]
    tenants = [(await add_private(paid, owner))[0] for owner in ("tenant-a", "tenant-b")]
    head = write_commit(tenants[0], {"a.py": "SECRET = 1\nimport os\n"})
    git(tenants[1].path, "fetch", str(tenants[0].path), head)
    for repository in tenants:
        assert await tell(paid, paid.github.world.listing.buy(repository.owner, TEAM)) == 202
        await paid.push(repository, head)
        # The push may overtake the purchase; then it is withheld, and linted a moment later.
        judged = functools.partial(is_judged, paid, repository, head)
        await until(judged, f"a verdict: {paid.tails()}", CHECK_SECONDS)
        fetches = [it for it in paid.faults.seen if f"/{repository.full_name}.git/git-up" in it]
        assert fetches, "linted from what another account's commit left behind"
    mine, other = (it.full_name for it in tenants)
    async with aiohttp.ClientSession(paid.url, cookie_jar=aiohttp.DummyCookieJar()) as session:
        owner, stranger = Browser(session, "tenant-a"), Browser(session, "passer-by")
        for browser in (owner, stranger):
            await browser.sign_in("/")
        assert "SECRET" in (await owner.get(f"/gh/{mine}/files/a.py")).text
        plan = (await owner.get("/gh/tenant-a")).text
        assert "of them covered" in plan
        assert "the plan renews" in plan
        assert "up to 4" in plan, "lint runs at the same time"
        for viewer in (owner, stranger):
            for path in PATHS:
                there = await viewer.get(path.format(repo=other, sha=head))
                absent = await viewer.get(path.format(repo="tenant-b/absent", sha=head))
                assert (there.status, "SECRET" in there.text) == (absent.status, False), path
                assert there.text.replace(other, "X") == absent.text.replace("tenant-b/absent", "X")
        assert (await owner.get("/gh/tenant-b")).status == 404
        world = paid.github.world
        assert await tell(paid, world.listing.end(tenants[0].owner)) == 202
        await until(
            lambda: "tenant-a" not in {it.user.login for it in world.user_tokens.values()},
            f"who has cancelled is signed out: {paid.tails()}",
            CHECK_SECONDS,
        )
        assert (await owner.get(f"/gh/{mine}")).status == 404
        assert "signed in as passer-by" in (await stranger.get("/me")).text


PATHS = (
    "/gh/{repo}",
    "/gh/{repo}/runs/{sha}",
    "/gh/{repo}/files/a.py",
    "/gh/{repo}/feed.atom",
    "/gh/{repo}/feed.json",
    "/badge/{repo}.svg",
    "/badge/{repo}.json",
    "/api/v1/repos/{repo}",
    "/compare.json?repos=lintbot/x,{repo}",
)
"""Everything that tells of a repository."""
