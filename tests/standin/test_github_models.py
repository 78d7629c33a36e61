"""What the stand-in answers and sends passes GitHub's own description, as typed by githubkit."""

from __future__ import annotations

from typing import Any

import pytest
from githubkit import webhooks
from githubkit_schemas.v2022_11_28 import models
from pydantic import TypeAdapter

from tests.support.github import Asker, Place, Receiver, commit, git

ANSWERS: tuple[tuple[str, str, Any], ...] = (
    ("app", "/app", models.Integration),
    ("app", "/app/installations", list[models.Installation]),
    ("app", "/app/installations/{installation}", models.Installation),
    ("app", "/app/hook/config", models.WebhookConfig),
    ("app", "/app/hook/deliveries", list[models.HookDeliveryItem]),
    ("app", "/app/hook/deliveries/1", models.HookDelivery),
    ("app", "/repos/me/code/installation", models.Installation),
    ("", "/rate_limit", models.RateLimitOverview),
    ("", "/installation/repositories", models.InstallationRepositoriesGetResponse200),
    ("", "/repos/me/code", models.FullRepository),
    ("", "/repos/me/code/branches", list[models.ShortBranch]),
    ("", "/repos/me/code/branches/main", models.BranchWithProtection),
    ("", "/repos/me/code/commits", list[models.Commit]),
    ("", "/repos/me/code/commits/{head}", models.Commit),
    ("", "/repos/me/code/commits/{topic}/pulls", list[models.PullRequestSimple]),
    ("", "/repos/me/code/compare/{first}...{head}", models.CommitComparison),
    ("", "/repos/me/code/pulls", list[models.PullRequestSimple]),
    ("", "/repos/me/code/pulls/1", models.PullRequest),
    (
        "",
        "/repos/me/code/collaborators/me/permission",
        models.RepositoryCollaboratorPermission,
    ),
    ("", "/repos/me/code/check-runs/{run}", models.CheckRun),
    ("", "/repos/me/code/check-runs/{run}/annotations", list[models.CheckAnnotation]),
    (
        "",
        "/repos/me/code/commits/{head}/check-runs",
        models.ReposOwnerRepoCommitsRefCheckRunsGetResponse200,
    ),
    (
        "",
        "/repos/me/code/commits/{head}/check-suites",
        models.ReposOwnerRepoCommitsRefCheckSuitesGetResponse200,
    ),
    ("", "/repos/me/code/check-suites/{suite}", models.CheckSuite),
)


@pytest.mark.usefixtures("receiver")
async def test_every_answer_is_of_githubs_shape(place: Place, asker: Asker) -> None:
    topic = commit(place.repository, {"b.py": ""}, place.head)
    await place.github.push(place.repository, "topic", topic)
    await place.github.open_pull(place.repository, "main", "topic")
    body = {
        "name": "lintbot",
        "head_sha": place.head,
        "status": "completed",
        "conclusion": "failure",
        "output": {"title": "t", "summary": "s", "annotations": [an_annotation()]},
    }
    status, run, _ = await asker.ask("POST", "/repos/me/code/check-runs", body)
    assert status == 201
    parse(models.CheckRun, run)
    names = {
        "first": place.first,
        "head": place.head,
        "topic": topic,
        "installation": place.installation.id,
        "run": run["id"],
        "suite": run["check_suite"]["id"],
    }
    for who, path, shape in ANSWERS:
        ask = asker.ask_as_app if who == "app" else asker.ask
        status, content, _ = await ask("GET", path.format(**names))
        assert status == 200, (path, content)
        assert content, path
        parse(shape, content, path)
    path = f"/app/installations/{place.installation.id}/access_tokens"
    status, token, _ = await asker.ask_as_app("POST", path, {"permissions": {"checks": "write"}})
    assert status == 201
    parse(models.InstallationToken, token)


async def test_what_a_person_and_the_app_reach_is_of_githubs_shape(
    place: Place, asker: Asker
) -> None:
    user = place.github.world.account("me")
    asker.token = place.github.world.mint_for_user(place.github.app, user).value
    of_installations = f"/user/installations/{place.installation.id}/repositories"
    answers: tuple[tuple[str, Any], ...] = (
        ("/user", models.PublicUser),
        ("/user/installations", models.UserInstallationsGetResponse200),
        (of_installations, models.UserInstallationsInstallationIdRepositoriesGetResponse200),
        ("/repos/me/code", models.FullRepository),
    )
    for path, shape in answers:
        status, content, _ = await asker.ask("GET", path)
        assert status == 200, (path, content)
        parse(shape, content, path)
    manifest = {"name": "another", "url": "https://a.example"}
    path = f"/app-manifests/{place.github.offer_manifest(manifest)}/conversions"
    status, content, _ = await asker.ask("POST", path)
    assert status == 201
    parse(models.AppManifestsCodeConversionsPostResponse201, content, path)


def an_annotation() -> dict[str, Any]:
    return {
        "path": "a.py",
        "start_line": 1,
        "end_line": 1,
        "start_column": 2,
        "end_column": 3,
        "annotation_level": "warning",
        "message": "m",
        "title": "t",
    }


def parse(shape: Any, content: Any, path: str = "") -> None:
    try:
        TypeAdapter(shape).validate_python(content)
    except ValueError as error:
        pytest.fail(f"{path} is not of GitHub's shape: {error}")


async def test_every_webhook_is_of_githubs_shape(place: Place, receiver: Receiver) -> None:
    github, repository = place.github, place.repository
    topic = commit(repository, {"b.py": ""}, place.head)
    await github.push(repository, "topic", topic)
    pull, _ = await github.open_pull(repository, "main", "topic", draft=True)
    await github.push(repository, "topic", commit(repository, {"c.py": ""}, topic))
    for action in ("ready_for_review", "closed", "reopened"):
        await github.change_pull(pull, action)
    await github.request_merge_group(repository, "main", topic)
    await github.delete_branch(repository, "topic")
    await github.push_tag(repository, "v1", place.head)
    fork = await github.add_repository("you", "code", fork_of=repository)
    git(fork.path, "fetch", "-q", str(repository.path), "main:main")
    await github.open_pull(repository, "main", "main", head=fork)
    await github.delete(fork)
    suite = next(iter(github.world.suites.values()))
    await github.rerequest_suite(suite)
    await github.suspend(place.installation)
    await github.unsuspend(place.installation)
    await github.accept_permissions(place.installation, github.app.permissions)
    await github.rename(repository, "better")
    await github.set_private(repository, private=False)
    await github.set_private(repository, private=True)
    await github.archive(repository)
    await github.rename_account("me", "myself")
    await github.change_repositories(place.installation, removed=[repository])
    await github.change_repositories(place.installation, added=[repository])
    await github.delete(repository)
    await github.uninstall(place.installation)
    await github.ping()
    await github.revoke_authorization("reader")
    kinds = {
        (headers["X-GitHub-Event"], payload.get("action"))
        for (headers, _), payload in zip(receiver.got, receiver.payloads(), strict=True)
    }
    assert len(kinds) >= 22, kinds
    for headers, body in receiver.got:
        name = headers["X-GitHub-Event"]
        try:
            webhooks.parse(name, body)
        except ValueError as error:
            pytest.fail(f"{name} is not of GitHub's shape: {error}\n{body[:500]!r}")
