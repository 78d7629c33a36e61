"""Pure: deliveries, lint runs, baselines and what is still open, as the store keeps them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from lintbot.model.baseline import AcceptedBaseline
from lintbot.model.events import Delivery
from lintbot.model.ids import AccountId, LintRunId, RepositoryId, Sha
from lintbot.model.intake import Known, Plan
from lintbot.model.jobs import LintJob
from lintbot.model.lint import LintResult
from lintbot.model.lint_run import Judgement, LintRun, Stage, Verdict
from lintbot.model.patch import Patch
from lintbot.model.repository import Repository
from lintbot.model.source import Excerpts
from lintbot.ports.forge import Target


class Inbox(Protocol):
    """Where deliveries become durable."""

    def accept(self, delivery: Delivery, decide: Callable[[Known], Plan]) -> Plan | None:
        """In one transaction: remember the delivery, ask ``decide`` and carry the plan out.

        Blocking; call it in a thread.

        Returns:
            The plan, or None when this delivery was accepted before and nothing is left to do.

        Raises:
            TransientError: it could not be made durable; nothing is stored.
        """
        ...


class LintRuns(Protocol):
    """Lint runs and remembered results. Blocking; call it in a thread."""

    def load(self, run_id: LintRunId) -> LintRun | None:
        """Return everything known about one lint run."""
        ...

    def load_target(self, run_id: LintRunId) -> tuple[Target, Repository] | None:
        """Return where to report it today, by the repository's present name; None if gone."""
        ...

    def is_superseded(self, job: LintJob) -> bool:
        """Tell whether the job's branch has moved on, and no other branch is at its commit."""
        ...

    def has_backlog(self, account_id: AccountId, most: int) -> bool:
        """Tell whether more than ``most`` (at least 1) of an account's lint runs are open."""
        ...

    def set_stage(self, run_id: LintRunId, stage: Stage) -> None:
        """Show how far it has come; the first stage after QUEUED sets ``started_at``."""
        ...

    def set_check_run(self, run_id: LintRunId, check_run_id: int) -> None:
        """Remember GitHub's id of the check run."""
        ...

    def decide(
        self, run_id: LintRunId, verdict: Verdict, judgement: Judgement | None = None
    ) -> bool:
        """Store the verdict if none is stored yet; tell whether this call did."""
        ...

    def set_posted(self, run_id: LintRunId) -> None:
        """Remember that GitHub shows the verdict."""
        ...

    def load_result(self, repository_id: RepositoryId, sha: Sha, key: str) -> LintResult | None:
        """Return the remembered result of linting one commit with one set of tools."""
        ...

    def save_result(
        self, repository_id: RepositoryId, sha: Sha, key: str, result: LintResult
    ) -> None:
        """Remember a result, unless something failed: it may end better next time."""
        ...

    def save_excerpts(self, repository_id: RepositoryId, sha: Sha, lines: Excerpts) -> None:
        """Keep the lines of source around a commit's findings for the pages."""
        ...


class Attempts(Protocol):
    """More lint runs of a commit. Blocking; call it in a thread."""

    def start(self, run_id: LintRunId) -> LintRunId | None:
        """Queue one more attempt at the commit of a lint run.

        Returns:
            Its id, or None when the run is unknown or an attempt at its commit is open.
        """
        ...

    def resume(self, run_id: LintRunId) -> LintRunId | None:
        """Queue one more attempt at a commit that was withheld; returns as ``start``.

        Nobody asked for it: where the repository's settings leave its branch out, it ends so.
        """
        ...


class Baselines(Protocol):
    """Findings that somebody accepted for a whole repository. Blocking; call it in a thread.

    Who asks is authorised by the caller.
    """

    def load(self, repository_id: RepositoryId) -> AcceptedBaseline | None:
        """Return the one that counts: the newest that was not revoked."""
        ...

    def accept(self, run_id: LintRunId, by: AccountId) -> bool:
        """Accept the findings of a lint run and queue its commit's next attempt, which says so.

        Returns:
            False when the run is unknown or has no findings to accept.
        """
        ...

    def revoke(self, repository_id: RepositoryId, by: AccountId) -> bool:
        """Let nothing be accepted any more, from the next lint run on; tell whether it was."""
        ...


class Patches(Protocol):
    """Patches of safe fixes. Blocking; call it in a thread."""

    def load(self, repository_id: RepositoryId, sha: Sha) -> Patch | None:
        """Return the newest patch for a commit, if one was made."""
        ...

    def save(self, repository_id: RepositoryId, sha: Sha, patch: Patch) -> None:
        """Keep a patch for a commit, in the place of an earlier one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Unposted:
    """A stored verdict that GitHub does not show yet.

    Attributes:
        completed_at: when the verdict was stored, aware UTC.
    """

    run_id: LintRunId
    completed_at: datetime


class Backlog(Protocol):
    """What the sweeper asks, so that nothing stays open. Blocking; call it in a thread."""

    def find_open(self, received_before: datetime) -> tuple[LintJob, ...]:
        """Return the oldest lint runs without a verdict (a few hundred at most)."""
        ...

    def find_unposted(self, after: datetime, before: datetime) -> tuple[Unposted, ...]:
        """Return verdicts stored in this span that GitHub does not show, though it could."""
        ...

    def delete_old(self, now: datetime) -> None:
        """Forget what nobody will ask for again (see docs/security.md for how long it lives)."""
        ...
