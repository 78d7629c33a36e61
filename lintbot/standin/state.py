"""Shell: everything that the stand-in remembers, in memory. Records change; GitHub's do too."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

EVENTS: Final = (
    "check_run",
    "check_suite",
    "installation_target",
    "merge_group",
    "public",
    "pull_request",
    "push",
    "repository",
)
PERMISSIONS: Final = {
    "checks": "write",
    "contents": "read",
    "merge_queues": "read",
    "metadata": "read",
    "pull_requests": "read",
}
TOKEN_LIFE: Final = timedelta(hours=1)
USER_TOKEN_LIFE: Final = timedelta(hours=8)
REFRESH_TOKEN_LIFE: Final = timedelta(seconds=15_897_600)
CODE_LIFE: Final = timedelta(minutes=10)


def utc_now() -> datetime:
    """Return the present moment, aware UTC."""
    return datetime.now(UTC)


@dataclass(slots=True, kw_only=True, eq=False)
class Account:
    """A user (or organisation) that owns repositories."""

    id: int
    login: str
    type: str = "User"
    created_at: datetime = field(default_factory=utc_now)


@dataclass(slots=True, kw_only=True, eq=False)
class App:
    """A registered GitHub App.

    Attributes:
        hook_url: where its webhooks go; nothing is delivered while it is None.
        hook_content_type: ``json`` or ``form``.
        callback_urls: where people may be sent back to after they signed in.
    """

    id: int
    slug: str
    name: str
    client_id: str
    client_secret: str = field(repr=False)
    owner: Account
    private_key: str = field(repr=False)
    public_keys: list[str]
    webhook_secret: str = field(repr=False)
    permissions: dict[str, str] = field(default_factory=lambda: dict(PERMISSIONS))
    events: list[str] = field(default_factory=lambda: list(EVENTS))
    hook_url: str | None = None
    hook_content_type: str = "json"
    callback_urls: list[str] = field(default_factory=list)
    created_at: datetime = field(default_factory=utc_now)


@dataclass(slots=True, kw_only=True, eq=False)
class Repository:
    """A repository over a bare git repository at ``path``.

    Attributes:
        roles: account to ``read``, ``triage``, ``write``, ``maintain`` or ``admin``.
    """

    id: int
    owner: Account
    name: str
    path: Path
    private: bool = False
    default_branch: str = "main"
    archived: bool = False
    fork_of: Repository | None = None
    roles: dict[int, str] = field(default_factory=dict)
    created_at: datetime = field(default_factory=utc_now)
    pushed_at: datetime = field(default_factory=utc_now)
    updated_at: datetime = field(default_factory=utc_now)

    def touch(self) -> None:
        """Note a change; no two have the same second, so that one can tell which came first."""
        self.updated_at = max(utc_now(), self.updated_at + timedelta(seconds=1))

    @property
    def full_name(self) -> str:
        """The ``owner/name`` of today."""
        return f"{self.owner.login}/{self.name}"

    def role_of(self, user: Account) -> str | None:
        """Return what somebody is here; None: they cannot see it."""
        role = "admin" if user is self.owner else self.roles.get(user.id)
        return role or (None if self.private else "read")


@dataclass(slots=True, kw_only=True, eq=False)
class Installation:
    """An App on an account; ``selected`` None means all repositories of the account."""

    id: int
    app: App
    account: Account
    selected: set[int] | None = None
    permissions: dict[str, str]
    suspended_at: datetime | None = None
    created_at: datetime = field(default_factory=utc_now)

    def reaches(self, repository: Repository) -> bool:
        """Tell whether a repository is in its reach."""
        mine = repository.owner is self.account
        return mine and (self.selected is None or repository.id in self.selected)


@dataclass(slots=True, kw_only=True, eq=False)
class Token:
    """An installation token; ``repository_ids`` None means all that the installation reaches.

    Attributes:
        refusals: how many requests still answer ``refusal_status``, for the token is young.
    """

    value: str = field(repr=False)
    installation: Installation
    permissions: dict[str, str]
    repository_ids: set[int] | None
    expires_at: datetime
    refusals: int = 0
    refusal_status: int = 401

    def reaches(self, repository: Repository) -> bool:
        """Tell whether a repository is in its reach."""
        ids = self.repository_ids
        return self.installation.reaches(repository) and (ids is None or repository.id in ids)


@dataclass(slots=True, kw_only=True, eq=False)
class SignInCode:
    """What a browser brings back from GitHub; good once, for ten minutes.

    Attributes:
        challenge: of PKCE (S256); empty: none was sent.
    """

    app: App
    user: Account
    redirect_uri: str
    challenge: str
    expires_at: datetime


@dataclass(slots=True, kw_only=True, eq=False)
class UserToken:
    """What an App may do for somebody who signed in: what both of them may."""

    value: str = field(repr=False)
    refresh_value: str = field(repr=False)
    app: App
    user: Account
    expires_at: datetime
    refresh_expires_at: datetime


@dataclass(slots=True, kw_only=True, eq=False)
class CheckSuite:
    """All check runs of one App for one commit."""

    id: int
    app: App
    repository: Repository
    head_sha: str
    head_branch: str | None
    before: str | None
    created_at: datetime = field(default_factory=utc_now)
    updated_at: datetime = field(default_factory=utc_now)


@dataclass(slots=True, kw_only=True, eq=False)
class CheckRun:
    """A check run; ``annotations`` only ever grows."""

    id: int
    suite: CheckSuite
    name: str
    external_id: str = ""
    details_url: str = ""
    status: str = "queued"
    conclusion: str | None = None
    started_at: str | None = None
    completed_at: str | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    actions: list[dict[str, Any]] = field(default_factory=list)
    annotations: list[dict[str, Any]] = field(default_factory=list)

    @property
    def head_sha(self) -> str:
        """The commit."""
        return self.suite.head_sha


@dataclass(slots=True, kw_only=True, eq=False)
class Issue:
    """An issue that an App has opened; ``edits``: how often it was changed."""

    number: int
    repository: Repository
    title: str
    body: str | None
    labels: list[str]
    app: App
    state: str = "open"
    edits: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class Pull:
    """A pull request; ``head_repository`` None: the fork was deleted."""

    id: int
    number: int
    base: Repository
    base_branch: str
    base_sha: str
    head_repository: Repository | None
    head_branch: str
    head_sha: str
    title: str
    author: Account
    state: str = "open"
    draft: bool = False
    created_at: datetime = field(default_factory=utc_now)
    updated_at: datetime = field(default_factory=utc_now)

    @property
    def from_fork(self) -> bool:
        """Whether the head is in another repository."""
        return self.head_repository is not self.base
