"""Pure: the closed set of events past the webhook's edge. No JSON beyond this point."""

from __future__ import annotations

from dataclasses import dataclass

from lintbot.model.actions import Action
from lintbot.model.ids import AccountId, DeliveryId, InstallationId, LintRunId, RepositoryId, Sha
from lintbot.model.people import PersonId
from lintbot.model.repository import Account, Installation, Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """A branch moved.

    Attributes:
        branch: the branch's name without ``refs/heads/``.
        before: the commit that the branch was at; None for a new branch.
        after: the commit that the branch is at now.
        changed_files: files named in the push's commits, an estimate of its size.
        found: nobody told: it was found by comparing, and ``before`` is where the branch was
            thought to be when GitHub was asked.
    """

    installation_id: InstallationId
    repository: Repository
    branch: str
    before: Sha | None
    after: Sha
    forced: bool
    changed_files: int
    found: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestChanged:
    """A pull request was opened, re-opened, marked ready or got new commits.

    Attributes:
        head_branch: the branch's name in the head repository.
        from_fork: the head lives in another repository, or in one that is gone.
        before: the head that new commits replaced; None when it was not told.
        changed_files: as GitHub counts them, 0 when not told.
        found: as ``Push.found``.
    """

    installation_id: InstallationId
    repository: Repository
    number: int
    head_sha: Sha
    head_branch: str
    from_fork: bool
    base_sha: Sha
    base_branch: str
    changed_files: int
    before: Sha | None = None
    found: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRequested:
    """GitHub (or a person, when ``again``) asks for a check of one commit.

    Attributes:
        branch: None for a commit from a fork.
        before: the commit to compare with: what a push replaced, or a merge group's base.
        again: a person pressed "re-run": lint once more even if a verdict is known.
        app_id: the App that is asked: always ours, the webhook ignores other Apps' events.
    """

    installation_id: InstallationId
    repository: Repository
    head_sha: Sha
    branch: str | None
    before: Sha | None
    again: bool
    app_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRequested:
    """A person pressed a button in one of our check runs.

    Attributes:
        run_id: the check run's ``external_id``, as GitHub gave it back.
    """

    installation_id: InstallationId
    repository: Repository
    action: Action
    run_id: LintRunId
    sender: Account


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchDeleted:
    """A branch is gone: nothing to lint, its head is forgotten."""

    installation_id: InstallationId
    repository: Repository
    branch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationChanged:
    """The App was installed, removed, suspended or let in again.

    Attributes:
        action: GitHub's word, for the record.
    """

    installation: Installation
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoriesChanged:
    """Repositories came into, or left, an installation's reach."""

    installation: Installation
    added: tuple[RepositoryId, ...]
    removed: tuple[RepositoryId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryChanged:
    """Renamed, transferred, privatised, publicised, archived, deleted, edited."""

    installation_id: InstallationId
    repository: Repository
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChanged:
    """The biller says that something changed in an account's plan. What, it must be asked.

    Attributes:
        bought: something was bought just now; the biller itself may know of it a little later.
    """

    account_id: AccountId
    bought: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRevoked:
    """A person took back on GitHub what they allowed when they signed in."""

    person_id: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """GitHub tries the webhook."""

    hook_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """A well-formed delivery that needs nothing from us.

    Attributes:
        reason: why, for the log and the answer's body.
    """

    reason: str


Event = (
    Push
    | PullRequestChanged
    | CheckRequested
    | ActionRequested
    | BranchDeleted
    | InstallationChanged
    | RepositoriesChanged
    | RepositoryChanged
    | PlanChanged
    | AuthorizationRevoked
    | Ping
    | Ignored
)

PlaceEvent = InstallationChanged | RepositoriesChanged | RepositoryChanged
"""The events after which other people may see other repositories."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One webhook POST, verified and typed.

    Attributes:
        name: GitHub's event name, such as ``push``.
    """

    id: DeliveryId
    name: str
    event: Event


def is_queue_branch(branch: str | None) -> bool:
    """Tell whether a merge queue made this branch; its ``merge_group`` event asks for the check.

    https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/managing-a-merge-queue
    """
    return branch is not None and branch.startswith("gh-readonly-queue/")
