"""Pure: GitHub, as far as a lint run needs it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from lintbot.model.check_run import Annotation, Output, PostedCheckRun
from lintbot.model.ids import InstallationId, LintRunId, RepositoryId, Sha
from lintbot.model.issue import Issue
from lintbot.model.lint_run import Conclusion
from lintbot.model.repository import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where on GitHub: which repository, and through which installation."""

    installation_id: InstallationId
    repository_id: RepositoryId
    owner: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPull:
    """An open pull request whose head is the commit asked for."""

    number: int
    base_sha: Sha
    base_branch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GitSource:
    """Where to fetch a repository from, with a token that can read only this one.

    Attributes:
        url: https (http only towards this machine), without credentials.
        token: short-lived; never in an argument list, a file, a log or a repr.
    """

    repository_id: RepositoryId
    url: str
    token: str = field(repr=False)


class Forge(Protocol):
    """GitHub, as far as a lint run needs it.

    Every method raises TransientError (try again), GoneError (the installation or repository
    is out of reach) or PermanentError (refused for good).
    """

    async def create_check_run(
        self, target: Target, run_id: LintRunId, sha: Sha, details_url: str
    ) -> PostedCheckRun:
        """Create a check run in state ``queued``. Not idempotent: look it up first."""
        ...

    async def find_check_run(
        self, target: Target, run_id: LintRunId, sha: Sha
    ) -> PostedCheckRun | None:
        """Find our check run of this commit by its ``external_id``."""
        ...

    async def start_check_run(self, target: Target, check_run_id: int, output: Output) -> None:
        """Show the check run as ``in_progress``."""
        ...

    async def update_check_run(
        self,
        target: Target,
        check_run_id: int,
        output: Output,
        annotations: tuple[Annotation, ...],
        conclusion: Conclusion | None,
    ) -> None:
        """Append at most 50 annotations; with a conclusion, complete the check run."""
        ...

    async def is_private(self, target: Target) -> bool:
        """Tell whether GitHub hides the repository from strangers today."""
        ...

    async def may_write(self, target: Target, account: Account) -> bool:
        """Tell whether GitHub lets somebody write to the repository now."""
        ...

    async def find_open_pull(self, target: Target, sha: Sha) -> OpenPull | None:
        """Find the open pull request with this head commit (the oldest, if there are several)."""
        ...

    async def find_merge_base(self, target: Target, base: str, head: Sha) -> Sha | None:
        """Return where a branch or commit and a commit parted; None if they share nothing."""
        ...

    async def is_archived(self, target: Target) -> bool:
        """Tell whether the repository is archived: nobody can push to it."""
        ...

    async def put_issue(self, target: Target, issue: Issue) -> None:
        """Make our one issue of the repository say this: opened, changed or closed."""
        ...

    async def git_source(self, target: Target) -> GitSource:
        """Return an address and a fresh contents:read token for exactly this repository."""
        ...
