from __future__ import annotations

import pytest

from lintbot.standin import git as bare
from tests.support.github import Asker, Place, commit


async def test_a_repository_by_name_and_by_id(place: Place, asker: Asker) -> None:
    _, by_name, _ = await asker.ask("GET", "/repos/ME/Code")
    _, by_id, _ = await asker.ask("GET", f"/repositories/{place.repository.id}")
    assert by_name == by_id
    assert (by_name["full_name"], by_name["private"]) == ("me/code", True)
    assert by_name["clone_url"] == f"{place.github.url}/me/code.git"
    assert (await asker.ask("GET", "/repositories/x"))[0] == 404


async def test_a_fork_names_its_parent(place: Place, asker: Asker) -> None:
    await place.github.add_repository("you", "code", fork_of=place.repository)
    _, shown, _ = await asker.ask("GET", "/repos/you/code")
    assert (shown["fork"], shown["parent"]["full_name"]) == (True, "me/code")


@pytest.mark.parametrize(("method", "status"), [("GET", 301), ("PATCH", 307)])
async def test_a_renamed_repository_redirects_to_its_id(
    place: Place, asker: Asker, method: str, status: int
) -> None:
    await place.github.rename(place.repository, "kode")
    answered, _, headers = await asker.ask(method, "/repos/me/code/check-runs/1?a=b")
    assert answered == status
    expected = f"/repositories/{place.repository.id}/check-runs/1?a=b"
    assert headers["Location"] == place.github.api_url + expected


async def test_a_stranger_sees_no_redirect_of_a_private_repository(
    place: Place, asker: Asker
) -> None:
    await place.github.rename(place.repository, "kode")
    asker.token = ""
    assert (await asker.ask("GET", "/repos/me/code"))[0] == 404


async def test_the_old_name_can_be_taken(place: Place, asker: Asker) -> None:
    await place.github.rename(place.repository, "kode")
    other = await place.github.add_repository("me", "code")
    assert (await asker.ask("GET", "/repos/me/code"))[1]["id"] == other.id


async def test_branches(place: Place, asker: Asker) -> None:
    await place.github.push(place.repository, "release/1.0", place.first)
    _, listed, _ = await asker.ask("GET", "/repos/me/code/branches")
    assert [(b["name"], b["commit"]["sha"]) for b in listed] == [
        ("main", place.head),
        ("release/1.0", place.first),
    ]
    for path in ("release/1.0", "release%2F1.0"):
        _, one, _ = await asker.ask("GET", f"/repos/me/code/branches/{path}")
        assert one["commit"]["sha"] == place.first
    status, content, _ = await asker.ask("GET", "/repos/me/code/branches/none")
    assert (status, content["message"]) == (404, "Branch not found")


async def test_commits(place: Place, asker: Asker) -> None:
    _, listed, _ = await asker.ask("GET", "/repos/me/code/commits")
    assert [c["sha"] for c in listed] == [place.head, place.first]
    assert listed[0]["parents"][0]["sha"] == place.first
    _, one, _ = await asker.ask("GET", "/repos/me/code/commits/main")
    assert one["commit"]["message"] == "Write a.py, b.py"
    assert (await asker.ask("GET", "/repos/me/code/commits/none"))[0] == 422
    assert (await asker.ask("GET", "/repos/me/code/commits?sha=none"))[0] == 404


async def test_an_empty_repository_has_no_commits(place: Place, asker: Asker) -> None:
    await place.github.add_repository("me", "empty")
    status, content, _ = await asker.ask("GET", "/repos/me/empty/commits")
    assert (status, content["message"]) == (409, "Git Repository is empty.")


@pytest.mark.parametrize(
    ("span", "status", "counts"),
    [
        ("main...topic", "diverged", (1, 1)),
        ("main~1...main", "ahead", (1, 0)),
        ("main...main~1", "behind", (0, 1)),
        ("main...main", "identical", (0, 0)),
    ],
)
async def test_a_comparison(
    place: Place, asker: Asker, span: str, status: str, counts: tuple[int, int]
) -> None:
    topic = commit(place.repository, {"t.py": ""}, place.first)
    await place.github.push(place.repository, "topic", topic)
    _, shown, _ = await asker.ask("GET", f"/repos/me/code/compare/{span}")
    assert (shown["status"], (shown["ahead_by"], shown["behind_by"])) == (status, counts)
    expected = place.head if status == "identical" else place.first
    assert shown["merge_base_commit"]["sha"] == expected
    assert len(shown["commits"]) == counts[0]


async def test_what_cannot_be_compared(place: Place, asker: Asker) -> None:
    alone = commit(place.repository, {"alone.py": ""})
    _, content, _ = await asker.ask("GET", f"/repos/me/code/compare/main...{alone}")
    assert content["message"].startswith("No common ancestor")
    for basehead in ("main...none", "none...main", "main"):
        assert (await asker.ask("GET", f"/repos/me/code/compare/{basehead}"))[0] == 404


async def test_a_long_comparison_is_paged(place: Place, asker: Asker) -> None:
    sha: str = place.head
    for number in range(3):
        sha = commit(place.repository, {"a.py": f"x = {number}\n"}, sha)
    path = f"/repos/me/code/compare/main...{sha}?per_page=2"
    _, first, headers = await asker.ask("GET", path)
    _, second, _ = await asker.ask("GET", headers["Link"].partition(">")[0].lstrip("<"))
    assert (len(first["commits"]), len(second["commits"]), first["total_commits"]) == (2, 1, 3)


async def test_pull_requests(place: Place, asker: Asker) -> None:
    topic = commit(place.repository, {"t.py": ""}, place.head)
    await place.github.push(place.repository, "topic", topic)
    pull, _ = await place.github.open_pull(place.repository, "main", "topic", title="Topic")
    _, listed, _ = await asker.ask("GET", "/repos/me/code/pulls")
    assert [(p["number"], p["title"]) for p in listed] == [(1, "Topic")]
    _, of_commit, _ = await asker.ask("GET", f"/repos/me/code/commits/{topic}/pulls")
    assert of_commit == listed
    assert (await asker.ask("GET", f"/repos/me/code/commits/{place.head}/pulls"))[1] == []
    await place.github.change_pull(pull, "closed")
    assert (await asker.ask("GET", "/repos/me/code/pulls"))[1] == []
    assert len((await asker.ask("GET", "/repos/me/code/pulls?state=all&direction=asc"))[1]) == 1
    assert (await asker.ask("GET", "/repos/me/code/pulls/1"))[1]["state"] == "closed"
    assert (await asker.ask("GET", "/repos/me/code/pulls/2"))[0] == 404


async def test_a_pull_request_needs_its_branches(place: Place) -> None:
    with pytest.raises(ValueError, match="no such branch"):
        await place.github.open_pull(place.repository, "main", "none")


async def test_an_empty_commit_touches_no_files(place: Place) -> None:
    empty = commit(place.repository, {}, place.head)
    again = commit(place.repository, {}, empty)
    read = await bare.read_commit(place.repository.path, again)
    assert (read.added, read.removed, read.modified, read.parents) == ((), (), (), (empty,))
