"""What there is on GitHub, and its log of deliveries, asked of the stand-in."""

from __future__ import annotations

from datetime import timedelta

from lintbot.model.repository import InstallationState
from lintbot.standin.state import utc_now
from tests.support.github import Place, commit, git, open_receiver


async def test_installations_and_what_they_reach(place: Place):
    github = place.github
    await github.add_repository("me", "other")
    await github.add_repository("you", "hidden")
    asleep, _ = await github.install("you")
    await github.suspend(asleep)
    async with place.everything() as asked:
        listed = {it.id: it.state for it in await asked.census.list_installations()}
        assert listed == {
            place.installation.id: InstallationState.ACTIVE,
            asleep.id: InstallationState.SUSPENDED,
        }
        reached = await asked.census.list_repositories(place.target.installation_id)
        assert [it.repository.full_name for it in reached] == ["me/code", "me/other"]
        assert [it.repository.private for it in reached] == [True, False]
        assert all(it.pushed_at is not None for it in reached)
        assert await asked.census.has_installation(place.target.installation_id)
        await github.uninstall(place.installation)
        assert not await asked.census.has_installation(place.target.installation_id)


async def test_branches_and_open_pull_requests(place: Place):
    github, fork = place.github, await place.github.add_repository("forker", "code")
    git(fork.path, "fetch", str(place.repository.path), f"{place.first}:refs/heads/main")
    topic = commit(fork, {"c.py": "z = 1\n"}, place.first)
    await github.push(fork, "topic", topic)
    await github.open_pull(place.repository, "main", "topic", head=fork)
    for number in range(105):
        await github.push(place.repository, f"b{number}", place.first, order=())
    async with place.everything() as asked:
        branches = await asked.census.list_branches(place.target)
        assert branches is not None
        assert (len(branches), branches["main"]) == (106, place.head)
        (pull,) = await asked.census.list_open_pulls(place.target)
        assert (pull.number, pull.head_sha, pull.from_fork) == (1, topic, True)
        await github.delete(fork)
        (pull,) = await asked.census.list_open_pulls(place.target)
        assert pull.from_fork, "a deleted fork too"


async def test_the_log_of_deliveries_and_redelivery(place: Place):
    github = place.github
    async with open_receiver(github) as receiver, place.everything() as asked:
        before = utc_now() - timedelta(seconds=2)
        github.hooks.lose(1)
        await github.push(place.repository, "lost", place.first, order=("push",))
        for number in range(120):
            await github.push(place.repository, f"b{number}", place.first, order=("push",))
        everything = await asked.deliveries.list_since(before)
        log = [it for it in everything if it.event == "push"]
        assert len(log) == 121, "all pages"
        assert [it.succeeded for it in log].count(False) == 1
        assert not log[-1].succeeded, "newest first"
        assert await asked.deliveries.list_since(utc_now() + timedelta(seconds=5)) == ()
        await asked.deliveries.redeliver(log[-1].id)
        await github.settle()
        newest = (await asked.deliveries.list_since(before))[0]
        assert (newest.guid, newest.succeeded) == (log[-1].guid, True)
        assert len(receiver.got) == 121
