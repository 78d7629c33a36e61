from __future__ import annotations

import pytest

from lintbot.errors import GoneError, TransientError
from lintbot.github.forge import GitHubForge
from lintbot.model.ids import Sha
from lintbot.ports import OpenPull
from lintbot.standin.faults import SERVER_ERROR
from tests.support.github import Place, commit, git


async def push_feature(place: Place) -> Sha:
    sha = commit(place.repository, {"c.py": "z = 1\n"}, place.first)
    await place.github.push(place.repository, "feature", sha)
    return sha


async def push_fork(place: Place) -> tuple[Sha, OpenPull]:
    fork = await place.github.add_repository("you", "code", fork_of=place.repository)
    git(fork.path, "fetch", "-q", str(place.repository.path), "main:main")
    sha = commit(fork, {"d.py": "w = 1\n"}, place.first)
    await place.github.push(fork, "patch", sha)
    pull, _ = await place.github.open_pull(place.repository, "main", "patch", head=fork)
    return sha, OpenPull(number=pull.number, base_sha=place.head, base_branch="main")


async def test_no_pull_request_no_answer(place: Place, forge: GitHubForge) -> None:
    assert await forge.find_open_pull(place.target, await push_feature(place)) is None


async def test_the_pull_request_of_a_branch_is_found(place: Place, forge: GitHubForge) -> None:
    sha = await push_feature(place)
    await place.github.open_pull(place.repository, "main", "feature")
    found = await forge.find_open_pull(place.target, sha)
    assert found == OpenPull(number=1, base_sha=place.head, base_branch="main")


async def test_of_several_the_oldest_is_taken(place: Place, forge: GitHubForge) -> None:
    sha = await push_feature(place)
    await place.github.push(place.repository, "release", place.first)
    await place.github.open_pull(place.repository, "main", "feature")
    await place.github.open_pull(place.repository, "release", "feature")
    found = await forge.find_open_pull(place.target, sha)
    assert found is not None
    assert found.number == 1


async def test_a_commit_below_the_head_is_not_the_head(place: Place, forge: GitHubForge) -> None:
    sha = await push_feature(place)
    newer = commit(place.repository, {"c.py": "z = 2\n"}, sha)
    await place.github.push(place.repository, "feature", newer)
    await place.github.open_pull(place.repository, "main", "feature")
    assert await forge.find_open_pull(place.target, sha) is None


async def test_a_closed_pull_request_is_not_open(place: Place, forge: GitHubForge) -> None:
    sha = await push_feature(place)
    pull, _ = await place.github.open_pull(place.repository, "main", "feature")
    await place.github.change_pull(pull, "closed")
    assert await forge.find_open_pull(place.target, sha) is None


async def test_the_pull_request_of_a_fork_is_found(place: Place, forge: GitHubForge) -> None:
    sha, pull = await push_fork(place)
    assert await forge.find_open_pull(place.target, sha) == pull


async def test_it_is_found_when_the_fork_is_deleted(place: Place, forge: GitHubForge) -> None:
    sha, pull = await push_fork(place)
    fork = place.github.world.find_repository("you", "code")
    assert fork is not None
    await place.github.delete(fork)
    assert await forge.find_open_pull(place.target, sha) == pull


async def test_a_fork_does_not_take_its_parents_pull_request_for_its_own(place: Place) -> None:
    sha, _ = await push_fork(place)
    fork = place.github.world.find_repository("you", "code")
    assert fork is not None
    place.installation, _ = await place.github.install("you")
    async with place.forge() as forge:
        assert await forge.find_open_pull(place.target_of(fork), sha) is None


async def test_a_commit_that_github_does_not_know_has_no_pull_request(
    place: Place, forge: GitHubForge
) -> None:
    assert await forge.find_open_pull(place.target, Sha("1" * 40)) is None


async def test_the_merge_base_is_where_they_parted(place: Place, forge: GitHubForge) -> None:
    sha = await push_feature(place)
    assert await forge.find_merge_base(place.target, "main", sha) == place.first
    assert await forge.find_merge_base(place.target, place.head, sha) == place.first


async def test_a_branch_name_may_have_a_slash(place: Place, forge: GitHubForge) -> None:
    await place.github.push(place.repository, "release/1.0", place.first)
    sha = await push_feature(place)
    assert await forge.find_merge_base(place.target, "release/1.0", sha) == place.first


async def test_commits_that_share_nothing_have_no_merge_base(
    place: Place, forge: GitHubForge
) -> None:
    alone = commit(place.repository, {"alone.py": ""})
    assert await forge.find_merge_base(place.target, "main", alone) is None
    assert await forge.find_merge_base(place.target, "no-such-branch", alone) is None


async def test_out_of_reach_is_not_the_same_as_nothing_shared(
    place: Place, forge: GitHubForge
) -> None:
    await place.github.uninstall(place.installation)
    with pytest.raises(GoneError):
        await forge.find_merge_base(place.target, "main", place.head)


async def test_an_outage_is_not_the_same_as_no_pull_request(
    place: Place, forge: GitHubForge
) -> None:
    place.github.faults.add("GET", "/pulls", SERVER_ERROR)
    with pytest.raises(TransientError):
        await forge.find_open_pull(place.target, place.head)
