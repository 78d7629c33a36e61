"""Every way the world changes, each shown to what people see: page, badge, feed, API, check run."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from lintbot.standin.faults import Fault
from lintbot.standin.state import Installation, Repository
from lintbot.store.database import Database
from lintbot.store.tables import lint_run, repository
from tests.support.app import CHECK_SECONDS, Deployment, until, until_async, write_commit
from tests.support.github import git

CLEAN = {"a.py": '"""A module."""\n'}


@dataclass
class Scene:
    """A public repository with one linted commit."""

    lintbot: Deployment
    repository: Repository
    installation: Installation
    head: str

    async def see(self, full_name: str = "") -> tuple[str, ...]:
        """Return what each public route tells a stranger of a repository, without its name."""
        name = full_name or self.repository.full_name
        routes = (
            f"/badge/{name}.svg",
            f"/badge/{name}.json",
            f"/gh/{name}",
            f"/gh/{name}/runs/{self.head}",
            f"/api/v1/repos/{name}",
            f"/api/v1/repos/{name}/runs/{self.head}",
            f"/gh/{name}/feed.atom",
            f"/gh/{name}/feed.json",
        )
        return tuple([(await self.lintbot.get(route))[1].replace(name, "…") for route in routes])

    async def score(self, full_name: str = "") -> str:
        name = full_name or self.repository.full_name
        return str((await self.lintbot.get_json(f"/badge/{name}.json"))["message"])

    async def push_again(self) -> None:
        """Push another commit; it is linted and shown."""
        self.head = write_commit(self.repository, {**CLEAN, "b.py": ""}, self.head)
        run = await self.lintbot.check(self.repository, self.head)
        assert run.conclusion == "success"
        assert f"/gh/{self.repository.full_name}/runs/{self.head}" in run.details_url

    async def is_shown(self, full_name: str = "") -> None:
        assert await self.score(full_name) == "10.00/10", await self.see(full_name)
        assert self.head[:7] in (await self.see(full_name))[2]
        await self.has_feeds(full_name)

    async def has_feeds(self, full_name: str = "") -> None:
        """Fail unless a name, an old one too, gives the feeds under their present name."""
        present = self.repository.full_name
        page = f"/gh/{full_name or present}"
        told = await self.lintbot.get_json(f"{page}/feed.json")
        assert told["title"] == f"lintbot: {present}"
        assert told["feed_url"].endswith(f"/gh/{present}/feed.json")
        status, atom = await self.lintbot.get(f"{page}/feed.atom")
        assert (status, f":repository:{self.repository.id}</id>" in atom) == (200, True), atom

    async def is_shown_again(self) -> None:
        """Wait until GitHub was asked what came within reach."""
        await until_async(self.score, lambda told: told == "10.00/10")
        await self.is_shown()

    async def is_compared(self) -> None:
        """Wait until branches were compared: what is unknown after that is new."""
        database = Database(self.lintbot.database_url)
        query = sa.select(repository.c.compared_at).where(repository.c.id == self.repository.id)

        def ask() -> object:
            with database.read() as connection:
                return connection.execute(query).scalar()

        try:
            await until(ask, "compared with GitHub", CHECK_SECONDS)
        finally:
            database.close()

    async def is_hidden(self, full_name: str = "") -> None:
        """Fail unless a stranger sees exactly what a name that never was shows."""
        assert await self.see(full_name) == await self.see("nobody/nothing")


async def renamed(it: Scene) -> None:
    old = it.repository.full_name
    await it.lintbot.github.rename(it.repository, "better")
    await it.is_shown()
    await it.is_shown(old)
    await it.push_again()
    await it.is_shown(old)
    newcomer = await it.lintbot.github.add_repository(it.repository.owner.login, "code")
    sha = write_commit(newcomer, CLEAN)
    await it.lintbot.check(newcomer, sha)
    assert sha[:7] in (await it.see(old))[2], "the old name is another's now"
    await it.is_shown()


async def account_renamed(it: Scene) -> None:
    old = it.repository.full_name
    await it.lintbot.github.rename_account(it.repository.owner.login, "world-known")
    await it.is_shown("world-known/code")
    await it.is_shown(old)
    await it.push_again()
    await it.is_shown(old)


async def transferred(it: Scene) -> None:
    old = it.repository.full_name
    await it.lintbot.github.install("world-heir")
    await it.lintbot.github.transfer(it.repository, "world-heir")
    await it.is_shown("world-heir/code")
    await it.is_shown(old)
    await it.push_again()
    await it.is_shown(old)


async def privatized(it: Scene) -> None:
    late = await it.lintbot.github.push(it.repository, "late", it.head, order=("push",))
    await it.is_shown()
    await it.lintbot.github.set_private(it.repository, private=True)
    await it.is_hidden()
    await it.lintbot.github.hooks.send(it.lintbot.github.app, "push", late[0].payload)
    await it.is_hidden()


async def publicized(it: Scene) -> None:
    await it.lintbot.github.set_private(it.repository, private=True)
    await it.is_hidden()
    await it.lintbot.github.set_private(it.repository, private=False)
    await it.is_shown()


async def archived(it: Scene) -> None:
    await it.lintbot.github.archive(it.repository)
    await it.is_shown()


async def deleted(it: Scene) -> None:
    await it.lintbot.github.delete(it.repository)
    await it.is_hidden()
    await mirror_is_gone(it)


async def removed(it: Scene) -> None:
    await it.lintbot.github.change_repositories(it.installation, removed=[it.repository])
    await it.is_hidden()
    await mirror_is_gone(it)
    await it.lintbot.github.change_repositories(it.installation, added=[it.repository])
    await it.is_shown_again()


async def suspended(it: Scene) -> None:
    await it.lintbot.github.suspend(it.installation)
    await it.is_shown()
    missed = write_commit(it.repository, {**CLEAN, "missed.py": ""}, it.head)
    assert await it.lintbot.push(it.repository, missed) == ()
    topic = write_commit(it.repository, {**CLEAN, "topic.py": ""}, it.head)
    assert await it.lintbot.push(it.repository, topic, "topic") == ()
    await it.lintbot.github.unsuspend(it.installation)
    await it.lintbot.wait_for_check(it.repository, missed)


async def new_permissions_accepted(it: Scene) -> None:
    await it.lintbot.github.suspend(it.installation)
    await it.lintbot.github.unsuspend(it.installation)
    await it.is_compared()
    topic = write_commit(it.repository, {**CLEAN, "topic.py": ""}, it.head)
    assert await it.lintbot.push(it.repository, topic, "topic", order=()) == ()
    await it.lintbot.github.open_pull(it.repository, "main", "topic")
    fork = await it.lintbot.github.add_repository("world-forker", "code")
    git(fork.path, "fetch", str(it.repository.path), f"{it.head}:refs/heads/main")
    forked = write_commit(fork, {**CLEAN, "forked.py": ""}, it.head)
    await it.lintbot.github.push(fork, "main", forked)
    it.lintbot.github.hooks.lose(1)
    await it.lintbot.github.open_pull(it.repository, "main", "main", head=fork)
    await it.lintbot.github.accept_permissions(it.installation, it.lintbot.github.app.permissions)
    for sha in (topic, forked):
        await it.lintbot.wait_for_check(it.repository, sha)


async def arrived_and_left_unheard(it: Scene) -> None:
    """Nobody is told: lintbot was down for longer than GitHub keeps its deliveries."""
    owner = it.repository.owner.login
    newcomer = await it.lintbot.github.add_repository(owner, "newcomer")
    sha = write_commit(newcomer, CLEAN)
    git(newcomer.path, "update-ref", "refs/heads/main", sha)
    it.installation.selected = {newcomer.id}
    await it.is_hidden(newcomer.full_name)
    await it.is_shown()
    await it.lintbot.github.accept_permissions(it.installation, it.lintbot.github.app.permissions)
    await until_async(
        lambda: it.lintbot.get(f"/gh/{newcomer.full_name}"), lambda told: told[0] == 200
    )
    feed = await it.lintbot.get_json(f"/gh/{newcomer.full_name}/feed.json")
    assert feed["title"] == f"lintbot: {newcomer.full_name}"
    await it.is_hidden()
    await mirror_is_gone(it)


async def transferred_away(it: Scene) -> None:
    assert await it.lintbot.github.transfer(it.repository, "world-without") == ()
    await it.lintbot.github.accept_permissions(it.installation, it.lintbot.github.app.permissions)
    await until_async(
        lambda: it.score("world-transferred-away/code"), lambda told: told == "unknown"
    )
    await it.is_hidden("world-transferred-away/code")
    await it.is_hidden()
    await mirror_is_gone(it)


async def uninstalled(it: Scene) -> None:
    slow = write_commit(it.repository, {**CLEAN, "slow.py": ""}, it.head)
    held = asyncio.Event()
    fetch = f"{it.repository.full_name}.git/git-upload-pack"
    it.lintbot.faults.add("POST", fetch, Fault(hold=held))
    with it.lintbot.faults.expecting(f"POST .*{fetch}") as fetching:
        late = await it.lintbot.push(it.repository, slow)
        await asyncio.wait_for(fetching.wait(), CHECK_SECONDS)
    await it.lintbot.github.uninstall(it.installation)
    await it.is_hidden()
    assert conclusion_of(it, slow) == "cancelled"
    await mirror_is_gone(it)  # though the fetch hangs: its job is stopped
    held.set()
    await it.lintbot.github.hooks.send(it.lintbot.github.app, "push", late[0].payload)
    await it.is_hidden()
    await it.lintbot.github.install(it.repository.owner.login)
    await it.is_shown_again()


def conclusion_of(it: Scene, sha: str) -> str | None:
    database = Database(it.lintbot.database_url)
    try:
        with database.read() as connection:
            query = sa.select(lint_run.c.conclusion).where(lint_run.c.head_sha == sha)
            return connection.execute(query).scalar_one()
    finally:
        database.close()


async def mirror_is_gone(it: Scene) -> None:
    mirror = it.lintbot.folder / f"data/mirrors/{it.repository.id}.git"
    await until(lambda: not mirror.exists(), "its code is removed from the disk", CHECK_SECONDS)


CASES: tuple[Callable[[Scene], Awaitable[None]], ...] = (
    account_renamed,
    archived,
    arrived_and_left_unheard,
    deleted,
    new_permissions_accepted,
    privatized,
    publicized,
    removed,
    renamed,
    suspended,
    transferred,
    transferred_away,
    uninstalled,
)


@pytest.mark.parametrize("change", CASES, ids=lambda change: change.__name__)
async def test_the_world_changes(lintbot: Deployment, change: Callable[[Scene], Awaitable[None]]):
    owner = f"world-{change.__name__.replace('_', '-')}"
    made, installation = await lintbot.add_repository(owner, CLEAN)
    it = Scene(lintbot, made, installation, lintbot.head(made))
    run = await lintbot.check(made, it.head)
    assert run.conclusion == "success"
    await it.is_shown()
    assert (lintbot.folder / f"data/mirrors/{made.id}.git").exists()
    await change(it)
