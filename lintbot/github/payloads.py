"""Pure: the parts of GitHub's webhook payloads that lintbot reads, and nothing else.

Lenient to GitHub (unknown fields are skipped), strict to us: what is read is in the range that
a database can hold. Shapes: https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

Id = Annotated[int, Meta(ge=1, le=2**63 - 1)]
Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Text = Annotated[str, Meta(min_length=1, max_length=1024, pattern=r"\A[^\x00-\x1f\x7f]*\Z")]
"""A name: of an account, a repository or a ref. None of these can hold a control character."""
AnyText = Annotated[str, Meta(max_length=1024, pattern=r"\A[^\x00-\x1f\x7f]*\Z")]
"""What an App has written of its own, perhaps nothing."""


class Ref(Struct, frozen=True):
    """Something of which only the id matters."""

    id: Id


class Envelope(Struct, frozen=True):
    """What every delivery may have: enough to know whether it is for us."""

    action: Text | None = None
    installation: Ref | None = None


class Owner(Struct, frozen=True):
    """The account of a repository."""

    id: Id
    login: Text


class Repo(Struct, frozen=True):
    """A repository; ``size`` is in KiB. A repository of a deleted account has no owner.

    Times are ISO 8601, or in ``push`` some of them seconds since 1970.
    """

    id: Id
    name: Text
    owner: Owner | None
    private: bool
    default_branch: Text
    size: Count = 0
    updated_at: AnyText | int | None = None


class OfRepository(Struct, frozen=True):
    """Any event of a repository, sent to an installation."""

    installation: Ref
    repository: Repo


class Commit(Struct, frozen=True):
    """One commit of a push: the paths that it touches."""

    added: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class PushPayload(OfRepository, frozen=True):
    """``push``; at most 2,048 commits are listed, and there may be none."""

    ref: Text
    before: str
    after: str
    forced: bool = False
    commits: tuple[Commit, ...] = ()


class Side(Struct, frozen=True):
    """Head or base of a pull request; ``repo`` is null when the fork was deleted."""

    ref: Text
    sha: str
    repo: Ref | None = None


class Pull(Struct, frozen=True):
    """A pull request."""

    head: Side
    base: Side
    changed_files: Count = 0


class PullRequestPayload(OfRepository, frozen=True):
    """``pull_request``; only ``synchronize`` has ``before``."""

    number: Id
    pull_request: Pull
    before: str | None = None


class App(Struct, frozen=True):
    """A GitHub App."""

    id: Id | None


class Suite(Struct, frozen=True):
    """A check suite; ``head_branch`` is null for a commit from a fork."""

    head_branch: Text | None = None
    before: str | None = None


class RequestedSuite(Suite, frozen=True, kw_only=True):
    """A check suite that is asked for."""

    head_sha: str
    after: str | None = None
    app: App | None = None


class CheckSuitePayload(OfRepository, frozen=True):
    """``check_suite``."""

    check_suite: RequestedSuite


class RequestedRun(Struct, frozen=True):
    """A check run that is asked for again, or whose button was pressed."""

    head_sha: str
    check_suite: Suite
    app: App | None = None
    external_id: AnyText | None = None


class PressedButton(Struct, frozen=True):
    """A button of a check run."""

    identifier: str


class CheckRunPayload(OfRepository, frozen=True):
    """``check_run``; only ``requested_action`` has a button and needs the sender."""

    check_run: RequestedRun
    requested_action: PressedButton | None = None
    sender: Owner | None = None


class MergeGroup(Struct, frozen=True):
    """Pull requests that a merge queue tries together."""

    head_sha: str
    head_ref: Text
    base_sha: str


class MergeGroupPayload(OfRepository, frozen=True):
    """``merge_group``."""

    merge_group: MergeGroup


class Account(Struct, frozen=True):
    """The account of an installation; an enterprise has a ``slug`` instead of a login."""

    id: Id
    login: Text | None = None
    slug: Text | None = None


class Installed(Struct, frozen=True):
    """The App on an account."""

    id: Id
    account: Account | None


class InstallationPayload(Struct, frozen=True):
    """``installation``."""

    installation: Installed


class InstallationRepositoriesPayload(InstallationPayload, frozen=True):
    """``installation_repositories``."""

    repositories_added: tuple[Ref, ...] = ()
    repositories_removed: tuple[Ref, ...] = ()


class InstallationTargetPayload(Struct, frozen=True):
    """``installation_target``: an account was renamed; it stands beside the installation."""

    installation: Ref
    account: Account


class AuthorizationPayload(Struct, frozen=True):
    """``github_app_authorization``: the sender is who took it back."""

    sender: Ref


class PingPayload(Struct, frozen=True):
    """``ping``."""

    hook_id: Count = 0
