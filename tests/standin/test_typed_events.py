"""Every event of the stand-in passes lintbot's own webhook: signature, shape and meaning."""

from __future__ import annotations

from lintbot.model.events import (
    AuthorizationRevoked,
    BranchDeleted,
    CheckRequested,
    Ignored,
    InstallationChanged,
    Ping,
    PullRequestChanged,
    Push,
    RepositoriesChanged,
    RepositoryChanged,
)
from lintbot.model.repository import InstallationState
from lintbot.standin.state import CheckRun
from tests.support.github import Place, Receiver, commit, git


async def test_pushes(place: Place, receiver: Receiver) -> None:
    newer = commit(place.repository, {"b.py": "", "c.py": ""}, place.head)
    await place.github.push(place.repository, "topic/x", newer)
    push, suite = receiver.typed(place.github)
    assert isinstance(push, Push)
    assert (push.branch, push.before, push.after, push.forced) == ("topic/x", None, newer, False)
    assert push.changed_files == 3
    assert push.repository.id == place.repository.id
    assert push.installation_id == place.installation.id
    assert isinstance(suite, CheckRequested)
    assert (suite.branch, suite.head_sha, suite.again) == ("topic/x", newer, False)


async def test_deleted_branches_and_tags(place: Place, receiver: Receiver) -> None:
    await place.github.delete_branch(place.repository, "main")
    await place.github.push_tag(place.repository, "v1", place.head)
    deleted, tag = receiver.typed(place.github)
    assert isinstance(deleted, BranchDeleted)
    assert deleted.branch == "main"
    assert isinstance(tag, Ignored)


async def test_a_pull_request_follows_its_branch(place: Place, receiver: Receiver) -> None:
    first = commit(place.repository, {"b.py": ""}, place.head)
    second = commit(place.repository, {"c.py": ""}, first)
    await place.github.push(place.repository, "topic", first, order=())
    pull, _ = await place.github.open_pull(place.repository, "main", "topic", draft=True)
    await place.github.push(place.repository, "topic", second, order=("pull_request",))
    await place.github.change_pull(pull, "ready_for_review")
    opened, moved, ready = receiver.typed(place.github)
    assert isinstance(opened, PullRequestChanged)
    assert (opened.number, opened.head_sha, opened.from_fork) == (1, first, False)
    assert (opened.base_sha, opened.base_branch) == (place.head, "main")
    assert opened.changed_files == 2
    assert isinstance(moved, PullRequestChanged)
    assert moved.head_sha == second
    assert isinstance(ready, PullRequestChanged)
    assert receiver.payloads()[1]["before"] == first
    assert git(place.repository.path, "rev-parse", "refs/pull/1/head") == second


async def test_a_pull_request_from_a_fork(place: Place, receiver: Receiver) -> None:
    fork = await place.github.add_repository("you", "code", fork_of=place.repository)
    git(fork.path, "fetch", "-q", str(place.repository.path), "main:main")
    sha = commit(fork, {"d.py": ""}, place.head)
    await place.github.push(fork, "main", sha)
    pull, _ = await place.github.open_pull(place.repository, "main", "main", head=fork)
    newer = commit(fork, {"e.py": ""}, sha)
    await place.github.push(fork, "main", newer)
    await place.github.delete(fork)
    await place.github.change_pull(pull, "reopened")
    opened, moved, orphaned = receiver.typed(place.github)
    for event in (opened, moved, orphaned):
        assert isinstance(event, PullRequestChanged)
        assert event.from_fork
    assert git(place.repository.path, "rev-parse", "refs/pull/1/head") == newer
    assert receiver.payloads()[2]["pull_request"]["head"]["repo"] is None


async def test_a_deleted_branch_closes_its_pull_request(place: Place) -> None:
    await place.github.push(place.repository, "topic", place.head)
    pull, _ = await place.github.open_pull(place.repository, "main", "topic")
    await place.github.delete_branch(place.repository, "topic")
    assert pull.state == "closed"


async def test_re_runs(place: Place, receiver: Receiver) -> None:
    github = place.github
    suite = github.world.suite_for(github.app, place.repository, place.head, branch="main")
    run = CheckRun(
        id=1, suite=suite, name="lintbot", status="completed", started_at="2026-01-01T00:00:00Z"
    )
    github.world.runs[1] = run
    await github.rerequest(run)
    await github.rerequest_suite(suite)
    for event in receiver.typed(github):
        assert isinstance(event, CheckRequested)
        assert (event.again, event.head_sha, event.branch) == (True, place.head, "main")
        assert event.app_id == github.app.id


async def test_our_own_check_runs_and_those_of_others(place: Place, receiver: Receiver) -> None:
    other = place.github.add_app({"name": "other"})
    await place.github.install("me", app=other)
    for number, app in enumerate((place.github.app, other), start=1):
        suite = place.github.world.suite_for(app, place.repository, place.head)
        run = CheckRun(id=number, suite=suite, name="lintbot", started_at="2026-01-01T00:00:00Z")
        await place.github.send_check_run("created", run)
        await place.github.send_check_run("rerequested", run)
    told = receiver.typed(place.github)
    assert [type(event) for event in told] == [Ignored, CheckRequested, Ignored]


async def test_a_merge_group(place: Place, receiver: Receiver) -> None:
    merged = commit(place.repository, {"m.py": ""}, place.head)
    await place.github.request_merge_group(place.repository, "main", merged)
    (event,) = receiver.typed(place.github)
    assert isinstance(event, CheckRequested)
    assert (event.head_sha, event.before) == (merged, place.head)


async def test_the_life_of_an_installation(place: Place, receiver: Receiver) -> None:
    installation, _ = await place.github.install("you")
    await place.github.suspend(installation)
    await place.github.unsuspend(installation)
    await place.github.uninstall(installation)
    told = receiver.typed(place.github)
    states = [e.installation.state for e in told if isinstance(e, InstallationChanged)]
    assert states == [
        InstallationState.ACTIVE,
        InstallationState.SUSPENDED,
        InstallationState.ACTIVE,
        InstallationState.DELETED,
    ]


async def test_repositories_come_and_go(place: Place, receiver: Receiver) -> None:
    other = await place.github.add_repository("me", "other")
    await place.github.change_repositories(
        place.installation, added=[other], removed=[place.repository]
    )
    came, went = receiver.typed(place.github)
    assert isinstance(came, RepositoriesChanged)
    assert isinstance(went, RepositoriesChanged)
    assert (came.added, came.removed) == ((other.id,), ())
    assert (went.added, went.removed) == ((), (place.repository.id,))


async def test_the_life_of_a_repository(place: Place, receiver: Receiver) -> None:
    github, repository = place.github, place.repository
    await github.rename(repository, "kode")
    await github.set_private(repository, private=False)
    await github.set_private(repository, private=True)
    await github.archive(repository)
    await github.delete(repository)
    told = [e for e in receiver.typed(github) if isinstance(e, RepositoryChanged)]
    assert [(e.action, e.repository.private) for e in told] == [
        ("renamed", True),
        ("publicized", False),
        ("publicized", False),
        ("privatized", True),
        ("archived", True),
        ("deleted", True),
    ]
    assert {e.repository.full_name for e in told} == {"me/kode"}


async def test_only_the_new_owners_app_hears_of_a_transfer(
    place: Place, receiver: Receiver
) -> None:
    assert await place.github.transfer(place.repository, "stranger") == ()
    theirs, _ = await place.github.install("you")
    receiver.got.clear()
    await place.github.transfer(place.repository, "you")
    (event,) = receiver.typed(place.github)
    assert isinstance(event, RepositoryChanged)
    assert (event.installation_id, event.repository.full_name) == (theirs.id, "you/code")


async def test_a_renamed_account(place: Place, receiver: Receiver) -> None:
    await place.github.rename_account("me", "moi")
    (event,) = receiver.typed(place.github)
    assert isinstance(event, InstallationChanged)
    assert event.installation.account.login == "moi"
    assert place.github.world.find_repository("moi", "code") is place.repository
    assert place.github.world.find_renamed("ME", "code") is place.repository


async def test_a_ping_as_json_and_as_form(place: Place, receiver: Receiver) -> None:
    await place.github.ping()
    place.github.app.hook_content_type = "form"
    await place.github.ping()
    assert receiver.typed(place.github) == [Ping(hook_id=place.github.app.id)] * 2


async def test_an_authorization_that_is_taken_back(place: Place, receiver: Receiver) -> None:
    await place.github.revoke_authorization("reader")
    reader = place.github.world.account("reader").id
    assert receiver.typed(place.github) == [AuthorizationRevoked(person_id=reader)]
