"""Pure: what payloads and the API's answers name, as lintbot's values."""

from __future__ import annotations

from datetime import UTC, datetime

from lintbot.github import payloads
from lintbot.model.ids import AccountId, InstallationId, RepositoryId, Sha, is_zero, parse_sha
from lintbot.model.repository import Account, Installation, InstallationState, Repository


def make_repository(repo: payloads.Repo) -> Repository | None:
    """Return a repository; None when nobody owns it any more."""
    if repo.owner is None:
        return None
    return Repository(
        id=RepositoryId(repo.id),
        account=Account(id=AccountId(repo.owner.id), login=repo.owner.login),
        name=repo.name,
        private=repo.private,
        default_branch=repo.default_branch,
        size_kib=repo.size,
        described_at=make_moment(repo.updated_at),
    )


def read_moment(told: str) -> datetime:
    """Return a time as GitHub's API writes it.

    Raises:
        ValueError: it is not one.
    """
    return datetime.fromisoformat(told).astimezone(UTC)


def make_moment(told: str | int | None) -> datetime | None:
    """Return a time however GitHub writes it; None where it makes no sense."""
    try:
        if isinstance(told, int):
            return datetime.fromtimestamp(told, UTC)
        return read_moment(told) if told else None
    except (ValueError, OverflowError, OSError):
        return None


_STATES = {"deleted": InstallationState.DELETED, "suspend": InstallationState.SUSPENDED}


def make_installation(installed: payloads.Installed, action: str) -> Installation | None:
    """Return an installation after GitHub's action; None when it has no account any more."""
    account = installed.account
    login = None if account is None else account.login or account.slug
    if account is None or login is None:
        return None
    return Installation(
        id=InstallationId(installed.id),
        account=Account(id=AccountId(account.id), login=login),
        state=_STATES.get(action, InstallationState.ACTIVE),
    )


def make_commit(sha: str | None) -> Sha | None:
    """Return a commit's name; None where git means "no commit"."""
    parsed = None if sha is None else parse_sha(sha)
    return None if parsed is None or is_zero(parsed) else parsed


def make_existing(sha: str) -> Sha:
    """Return a commit's name.

    Raises:
        ValueError: it is not one, or git's "no commit".
    """
    commit = make_commit(sha)
    if commit is None:
        raise ValueError("all zeros is no commit")
    return commit
