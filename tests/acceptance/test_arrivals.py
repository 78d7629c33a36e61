"""Every way a commit arrives, each ending in the check run that people expect."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from lintbot.standin.state import CheckRun, Repository
from tests.support.app import CHECK_SECONDS, Deployment, until, until_async, write_commit
from tests.support.github import git

CLEAN = '"""A module."""\n'
BASE = {"a.py": CLEAN, "old.py": f"{CLEAN}import os\n"}
"""What was there before: one file without findings, one with."""


@dataclass
class Arrival:
    """A repository with one commit, of which nobody was told."""

    lintbot: Deployment
    repository: Repository
    base: str

    def commit(self, parent: str = "", **files: str) -> str:
        named = {name.replace("_py", ".py"): text for name, text in files.items()}
        return write_commit(self.repository, {**BASE, **named}, parent or self.base)

    async def check(self, sha: str) -> CheckRun:
        return await self.lintbot.wait_for_check(self.repository, sha)

    async def has_checks(self, sha: str, number: int) -> None:
        """Wait until a commit has so many check runs, all completed."""
        await until(
            lambda: (
                len(self.lintbot.checks(self.repository, sha)) == number
                and self.lintbot.is_checked(self.repository, sha)
            ),
            "one more check run",
            CHECK_SECONDS,
        )

    async def shown_at(self, branch: str, sha: str) -> None:
        """Wait until the page of a branch shows a commit."""
        path = f"/api/v1/repos/{self.repository.full_name}?branch={branch}"

        async def latest() -> str:
            return str((await self.lintbot.get_json(path))["latest"])

        await until_async(latest, lambda told: sha in told)


async def pull_request_from_a_fork(it: Arrival) -> None:
    fork = await it.lintbot.github.add_repository("arrivals-forker", "code", fork_of=it.repository)
    git(fork.path, "fetch", "-q", str(it.repository.path), "main:main")
    first = write_commit(fork, {**BASE, "b.py": f"{CLEAN}import re\n"}, it.base)
    assert await it.lintbot.github.push(fork, "main", first) == ()
    pull, _ = await it.lintbot.github.open_pull(it.repository, "main", "main", head=fork)
    run = await it.check(first)
    assert (run.conclusion, "2 new" in run.title) == ("failure", True), run.title
    (sent,) = await it.lintbot.github.rerequest_suite(run.suite)
    suite = sent.payload["check_suite"]
    assert (suite["head_branch"], suite["pull_requests"]) == (None, [])
    await it.has_checks(first, 2)
    again = it.lintbot.checks(it.repository, first)[0]
    assert (again.conclusion, again.title) == ("failure", run.title), "compared all the same"
    second = write_commit(fork, {**BASE, "b.py": CLEAN}, first)
    await it.lintbot.github.push(fork, "main", second)
    assert (await it.check(second)).conclusion == "success"
    await it.lintbot.github.delete(fork)
    (sent,) = await it.lintbot.github.change_pull(pull, "reopened")
    assert sent.succeeded


async def draft_pull_request(it: Arrival) -> None:
    sha = it.commit(b_py=f"{CLEAN}import re\n")
    await it.lintbot.push(it.repository, sha, "topic", order=())
    await it.lintbot.github.open_pull(it.repository, "main", "topic", draft=True)
    assert (await it.check(sha)).conclusion == "failure"


async def merge_group(it: Arrival) -> None:
    worse, clean = it.commit(b_py=f"{CLEAN}import re\n"), it.commit(c_py=CLEAN)
    for sha, conclusion in ((worse, "failure"), (clean, "success")):
        await it.lintbot.github.request_merge_group(it.repository, "main", sha)
        run = await it.check(sha)
        assert run.conclusion == conclusion, "compared with the group's base"


async def only_a_check_suite(it: Arrival) -> None:
    sha = it.commit(b_py=CLEAN)
    await it.lintbot.push(it.repository, sha, order=("check_suite",))
    assert (await it.check(sha)).conclusion == "success"


async def asked_for_again(it: Arrival) -> None:
    sha = it.commit(b_py=CLEAN)
    await it.lintbot.push(it.repository, sha)
    run = await it.check(sha)
    for ask, number in (
        (lambda: it.lintbot.github.rerequest(run), 2),
        (lambda: it.lintbot.github.rerequest_suite(run.suite), 3),
    ):
        await ask()
        await it.has_checks(sha, number)


async def force_push_and_back(it: Arrival) -> None:
    one, other = it.commit(b_py=CLEAN), it.commit(c_py=CLEAN)
    for sha in (one, other):
        await it.lintbot.push(it.repository, sha)
        assert (await it.check(sha)).conclusion == "success"
    await it.shown_at("main", other)
    await it.lintbot.push(it.repository, one)
    await it.shown_at("main", one)
    assert len(it.lintbot.checks(it.repository, one)) == 1, "its verdict is known"


async def branch_made_again(it: Arrival) -> None:
    one, other = it.commit(b_py=CLEAN), it.commit(c_py=CLEAN)
    await it.lintbot.push(it.repository, one, "topic")
    await it.check(one)
    await it.lintbot.github.delete_branch(it.repository, "topic")
    await it.lintbot.push(it.repository, other, "topic")
    await it.check(other)
    await it.shown_at("topic", other)


async def new_branch_without_commits(it: Arrival) -> None:
    sha = it.commit(b_py=CLEAN)
    await it.lintbot.push(it.repository, sha)
    await it.check(sha)
    sent = await it.lintbot.push(it.repository, sha, "same")
    assert sent[0].payload["commits"] == []
    assert sent[0].succeeded
    assert len(it.lintbot.checks(it.repository, sha)) == 1


async def new_default_branch(it: Arrival) -> None:
    sha = it.commit(b_py=CLEAN)
    await it.lintbot.push(it.repository, sha, "trunk")
    await it.check(sha)
    await it.lintbot.github.change_default_branch(it.repository, "trunk")
    page = await it.lintbot.get(f"/gh/{it.repository.full_name}")
    assert sha[:7] in page[1]
    badge = await it.lintbot.get_json(f"/badge/{it.repository.full_name}.json")
    assert badge["message"] != "unknown"


async def more_than_2048_commits(it: Arrival) -> None:
    stream = "".join(
        f"commit refs/heads/many\ncommitter x <x@example.org> {n + 1} +0000\ndata 1\nx\n"
        + (f"from {it.base}\n" if n == 0 else "")
        + f"M 100644 inline n.py\ndata {len(text)}\n{text}\n"
        for n in range(2100)
        for text in [f'"""Number {n}."""\n']
    )
    git(it.repository.path, "fast-import", "--quiet", "--force", stdin=stream)
    sha = git(it.repository.path, "rev-parse", "refs/heads/many")
    git(it.repository.path, "update-ref", "-d", "refs/heads/many")
    sent = await it.lintbot.push(it.repository, sha)
    assert len(sent[0].payload["commits"]) == 2048
    assert (await it.check(sha)).conclusion == "success"


async def unknown_to_the_checks_api_at_first(it: Arrival) -> None:
    sha = it.commit(b_py=CLEAN)
    it.lintbot.github.world.lagging[sha] = 2
    await it.lintbot.push(it.repository, sha)
    assert (await it.check(sha)).conclusion == "success"


async def with_tokens_that_are_too_young(it: Arrival) -> None:
    sha = it.commit(b_py=CLEAN)
    it.lintbot.github.world.young_refusals = (2, 401)
    try:
        await it.lintbot.push(it.repository, sha)
        assert (await it.check(sha)).conclusion == "success"
    finally:
        it.lintbot.github.world.young_refusals = (0, 401)


WAYS: tuple[Callable[[Arrival], Awaitable[None]], ...] = (
    asked_for_again,
    branch_made_again,
    draft_pull_request,
    force_push_and_back,
    merge_group,
    more_than_2048_commits,
    new_branch_without_commits,
    new_default_branch,
    only_a_check_suite,
    pull_request_from_a_fork,
    unknown_to_the_checks_api_at_first,
    with_tokens_that_are_too_young,
)


@pytest.mark.parametrize("arrive", WAYS, ids=lambda arrive: arrive.__name__)
async def test_a_commit_arrives(lintbot: Deployment, arrive: Callable[[Arrival], Awaitable[None]]):
    owner = f"by-{arrive.__name__.replace('_', '-')}"
    repository, _ = await lintbot.add_repository(owner, BASE)
    await arrive(Arrival(lintbot, repository, lintbot.head(repository)))
