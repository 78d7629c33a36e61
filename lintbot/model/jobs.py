"""Pure: a job is what the durable queue holds: ids and shas only, the truth is read again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from lintbot.model.ids import AccountId, InstallationId, LintRunId, RepositoryId, Sha

HUGE_PRIORITY: Final = 3
"""From this priority on a job is huge: it waits behind all others, and in its own slot."""


class Trigger(StrEnum):
    """Which event asked for the lint run."""

    PUSH = "push"
    PULL_REQUEST = "pull_request"
    CHECK_SUITE = "check_suite"
    RERUN = "rerun"


@dataclass(frozen=True, slots=True, kw_only=True)
class LintJob:
    """Lint one commit of one repository and report it.

    Attributes:
        branch: the branch whose head it was; None when only the commit is known.
        before: the commit that the push replaced; None for a new branch or no push.
        pull_number: the pull request it belongs to, if that is known already.
        attempt: 1 for the first run of this commit, one more for each re-run.
        priority: 1 is served first; see ``lintbot.intake.decide``.
        received_at: when the delivery was accepted, aware UTC; the deadline counts from here.
    """

    run_id: LintRunId
    repository_id: RepositoryId
    account_id: AccountId
    installation_id: InstallationId
    head_sha: Sha
    branch: str | None
    before: Sha | None
    pull_number: int | None
    attempt: int
    trigger: Trigger
    priority: int
    received_at: datetime

    @property
    def again(self) -> bool:
        """Whether somebody asked for the run once more, and nothing remembered counts."""
        return self.trigger is Trigger.RERUN

    @property
    def huge(self) -> bool:
        """Whether it is of a huge repository or change."""
        return self.priority >= HUGE_PRIORITY
