"""Pure: GitHub's payloads as lintbot's events. What lintbot handles is the table at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from lintbot.github import payloads
from lintbot.github.values import make_commit, make_existing, make_installation, make_repository
from lintbot.model.actions import Action
from lintbot.model.events import (
    ActionRequested,
    AuthorizationRevoked,
    BranchDeleted,
    CheckRequested,
    Event,
    Ignored,
    InstallationChanged,
    Ping,
    PullRequestChanged,
    Push,
    RepositoriesChanged,
    RepositoryChanged,
    is_queue_branch,
)
from lintbot.model.ids import (
    AccountId,
    InstallationId,
    LintRunId,
    RepositoryId,
)
from lintbot.model.people import PersonId
from lintbot.model.repository import Account

BRANCH: Final = "refs/heads/"

_NO_OWNER = Ignored(reason="the repository has no owner any more")
_QUEUE = Ignored(reason="a merge queue's branch: its merge_group event asks for the check")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What is known beside the payload: our App's id and GitHub's action (empty: none)."""

    app_id: int
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How one of GitHub's events is read.

    Attributes:
        payload: the shape that is decoded.
        read: makes the event; ValueError when a commit's name is not one.
        actions: those that lintbot uses; empty: the event has none, or all are alike.
        for_installation: without ``installation`` it was not meant for the App.
    """

    payload: type[Any]
    read: Callable[[Any, Source], Event]
    actions: frozenset[str] = frozenset()
    for_installation: bool = True


def _push(payload: payloads.PushPayload, _source: Source) -> Event:
    repository = make_repository(payload.repository)
    branch = payload.ref.removeprefix(BRANCH)
    if repository is None:
        return _NO_OWNER
    if branch in {"", payload.ref}:
        return Ignored(reason="not a branch but a tag or another ref")
    installation_id = InstallationId(payload.installation.id)
    after = make_commit(payload.after)
    if after is None:
        return BranchDeleted(installation_id=installation_id, repository=repository, branch=branch)
    if is_queue_branch(branch):
        return _QUEUE
    return Push(
        installation_id=installation_id,
        repository=repository,
        branch=branch,
        before=make_commit(payload.before),
        after=after,
        forced=payload.forced,
        changed_files=_count_files(payload.commits),
    )


def _count_files(commits: tuple[payloads.Commit, ...]) -> int:
    return len(
        {path for c in commits for paths in (c.added, c.modified, c.removed) for path in paths}
    )


def _pull_request(payload: payloads.PullRequestPayload, _source: Source) -> Event:
    repository = make_repository(payload.repository)
    if repository is None:
        return _NO_OWNER
    head, base = payload.pull_request.head, payload.pull_request.base
    return PullRequestChanged(
        installation_id=InstallationId(payload.installation.id),
        repository=repository,
        number=payload.number,
        head_sha=make_existing(head.sha),
        head_branch=head.ref,
        from_fork=head.repo is None or head.repo.id != repository.id,
        base_sha=make_existing(base.sha),
        base_branch=base.ref,
        changed_files=payload.pull_request.changed_files,
        before=make_commit(payload.before),
    )


def _check_suite(payload: payloads.CheckSuitePayload, source: Source) -> Event:
    suite = payload.check_suite
    if is_queue_branch(suite.head_branch):
        return _QUEUE
    if suite.after is not None and make_commit(suite.after) is None:
        return Ignored(reason="the branch is gone")
    return _check(payload, source, suite.app, suite.head_sha, suite)


def _check_run(payload: payloads.CheckRunPayload, source: Source) -> Event:
    run = payload.check_run
    if source.action == "requested_action":
        return _action(payload, source)
    return _check(payload, source, run.app, run.head_sha, run.check_suite)


def _action(payload: payloads.CheckRunPayload, source: Source) -> Event:
    run, button, sender = payload.check_run, payload.requested_action, payload.sender
    repository = make_repository(payload.repository)
    if run.app is None or run.app.id != source.app_id:
        return Ignored(reason="it is a button of another App")
    if repository is None:
        return _NO_OWNER
    if button is None or button.identifier not in set(Action) or not (run.external_id and sender):
        return Ignored(reason="lintbot has no such button")
    return ActionRequested(
        installation_id=InstallationId(payload.installation.id),
        repository=repository,
        action=Action(button.identifier),
        run_id=LintRunId(run.external_id),
        sender=Account(id=AccountId(sender.id), login=sender.login),
    )


def _check(
    payload: payloads.OfRepository,
    source: Source,
    app: payloads.App | None,
    head_sha: str,
    suite: payloads.Suite,
) -> Event:
    repository = make_repository(payload.repository)
    if app is None or app.id != source.app_id:
        return Ignored(reason="it is the check of another App")
    if repository is None:
        return _NO_OWNER
    return CheckRequested(
        installation_id=InstallationId(payload.installation.id),
        repository=repository,
        head_sha=make_existing(head_sha),
        branch=suite.head_branch,
        before=make_commit(suite.before),
        again=source.action == "rerequested",
        app_id=source.app_id,
    )


def _merge_group(payload: payloads.MergeGroupPayload, source: Source) -> Event:
    repository = make_repository(payload.repository)
    if repository is None:
        return _NO_OWNER
    group = payload.merge_group
    return CheckRequested(
        installation_id=InstallationId(payload.installation.id),
        repository=repository,
        head_sha=make_existing(group.head_sha),
        branch=group.head_ref.removeprefix(BRANCH),
        before=make_existing(group.base_sha),
        again=False,
        app_id=source.app_id,
    )


def _repository_changed(payload: payloads.OfRepository, source: Source) -> Event:
    repository = make_repository(payload.repository)
    if repository is None:
        return _NO_OWNER
    return RepositoryChanged(
        installation_id=InstallationId(payload.installation.id),
        repository=repository,
        action=source.action or "publicized",
    )


def _installation_changed(payload: payloads.InstallationPayload, source: Source) -> Event:
    installation = make_installation(payload.installation, source.action)
    if installation is None:
        return Ignored(reason="the installation has no account any more")
    return InstallationChanged(installation=installation, action=source.action)


def _repositories_changed(
    payload: payloads.InstallationRepositoriesPayload, source: Source
) -> Event:
    installation = make_installation(payload.installation, source.action)
    if installation is None:
        return Ignored(reason="the installation has no account any more")
    return RepositoriesChanged(
        installation=installation,
        added=tuple(RepositoryId(ref.id) for ref in payload.repositories_added),
        removed=tuple(RepositoryId(ref.id) for ref in payload.repositories_removed),
    )


def _account_renamed(payload: payloads.InstallationTargetPayload, source: Source) -> Event:
    named = payloads.Installed(id=payload.installation.id, account=payload.account)
    return _installation_changed(payloads.InstallationPayload(installation=named), source)


def _ping(payload: payloads.PingPayload, _source: Source) -> Event:
    return Ping(hook_id=payload.hook_id)


def _authorization_revoked(payload: payloads.AuthorizationPayload, _: Source) -> Event:
    return AuthorizationRevoked(person_id=PersonId(payload.sender.id))


READERS: Final = {
    "check_run": Reader(
        payload=payloads.CheckRunPayload,
        read=_check_run,
        actions=frozenset({"rerequested", "requested_action"}),
    ),
    "check_suite": Reader(
        payload=payloads.CheckSuitePayload,
        read=_check_suite,
        actions=frozenset({"requested", "rerequested"}),
    ),
    "github_app_authorization": Reader(
        payload=payloads.AuthorizationPayload,
        read=_authorization_revoked,
        actions=frozenset({"revoked"}),
        for_installation=False,
    ),
    "installation": Reader(
        payload=payloads.InstallationPayload,
        read=_installation_changed,
        actions=frozenset(
            {"created", "deleted", "suspend", "unsuspend", "new_permissions_accepted"}
        ),
        for_installation=False,
    ),
    "installation_repositories": Reader(
        payload=payloads.InstallationRepositoriesPayload,
        read=_repositories_changed,
        actions=frozenset({"added", "removed"}),
        for_installation=False,
    ),
    "installation_target": Reader(
        payload=payloads.InstallationTargetPayload,
        read=_account_renamed,
        actions=frozenset({"renamed"}),
    ),
    "merge_group": Reader(
        payload=payloads.MergeGroupPayload,
        read=_merge_group,
        actions=frozenset({"checks_requested"}),
    ),
    "ping": Reader(payload=payloads.PingPayload, read=_ping, for_installation=False),
    "public": Reader(payload=payloads.OfRepository, read=_repository_changed),
    "pull_request": Reader(
        payload=payloads.PullRequestPayload,
        read=_pull_request,
        actions=frozenset({"opened", "synchronize", "reopened", "ready_for_review"}),
    ),
    "push": Reader(payload=payloads.PushPayload, read=_push),
    "repository": Reader(
        payload=payloads.OfRepository,
        read=_repository_changed,
        actions=frozenset(
            {
                "archived",
                "created",
                "deleted",
                "edited",
                "privatized",
                "publicized",
                "renamed",
                "transferred",
                "unarchived",
            }
        ),
    ),
}
"""GitHub's event names, and how each is read; every other event is ignored."""
