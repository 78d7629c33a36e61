"""Pure: what a worker does when the job engine calls it."""

from __future__ import annotations

from typing import Protocol

from lintbot.model.actions import RequestedAction
from lintbot.model.ids import AccountId, InstallationId, LintRunId
from lintbot.model.jobs import LintJob
from lintbot.model.lint_run import Verdict
from lintbot.model.plans import Share


class Handlers(Protocol):
    """What a worker does; the job engine calls it, ``worker`` implements it.

    Every method may run twice (after a crash) and must then do no harm.
    """

    async def announce(self, job: LintJob) -> None:
        """Show a ``queued`` check run on GitHub."""
        ...

    async def share(self, job: LintJob) -> Share:
        """Return how many slots the job's account may have at the same time."""
        ...

    async def lint(self, job: LintJob) -> bool:
        """Run the pipeline; end with a verdict stored. Cancelling it kills the linters.

        Returns:
            Whether ``fix`` may find something to mend.
        """
        ...

    async def report(self, run_id: LintRunId) -> None:
        """Make GitHub show the stored verdict."""
        ...

    async def fix(self, job: LintJob) -> bool:
        """Make a patch for a judged lint run, if there is one to make; tell whether there is."""
        ...

    async def show_patch(self, run_id: LintRunId) -> None:
        """Make GitHub show a patch beside the verdict that it shows already."""
        ...

    async def act(self, action: RequestedAction) -> None:
        """Carry out what a person asked for with a button, if they may."""
        ...

    async def compare(self, installation_id: InstallationId) -> None:
        """Find what there is in an installation that nobody told of."""
        ...

    async def close(self, run_id: LintRunId, verdict: Verdict) -> bool:
        """Store a verdict from outside (superseded, overdue, failed); tell whether it is ours.

        False: another verdict was stored before, and whoever stored it reports it.
        """
        ...

    async def follow_plan(self, account_id: AccountId, *, bought: bool) -> None:
        """Ask the biller about one account's plan, and act on it.

        Args:
            account_id: whose plan.
            bought: the account has just bought something: "nothing" is no answer yet.

        Raises:
            TransientError: the biller does not answer, or does not know of it yet.
        """
        ...

    async def reconcile_plans(self) -> None:
        """Ask the biller about every account's plan, and act on it.

        Raises:
            TransientError: the biller does not answer.
        """
        ...
