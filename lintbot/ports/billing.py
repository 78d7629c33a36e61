"""Pure: who takes the money, and what is stored of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from lintbot.model.ids import AccountId, LintRunId, RepositoryId
from lintbot.model.plans import PlanState, Subscription
from lintbot.model.repository import Repository
from lintbot.ports.forge import Target


class Biller(Protocol):
    """Who takes the money (GitHub Marketplace), and knows what each account has bought.

    Every method raises TransientError when it cannot be asked now.
    """

    async def read(self, account_id: AccountId) -> Subscription | None:
        """Return what one account has bought; None if it has bought nothing, or no longer."""
        ...

    async def read_all(self) -> tuple[Subscription, ...]:
        """Return what every account has bought, as far as it can be understood.

        One that changes its plan while the list is read may be missing.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WithheldRun:
    """A commit that still is the head of a branch, and was not linted for want of a plan."""

    run_id: LintRunId
    target: Target
    repository: Repository


class Plans(Protocol):
    """What accounts have bought, as the biller last told. Blocking; call it in a thread."""

    def load(self, account_id: AccountId) -> PlanState | None:
        """Return what is known; None if the biller was never asked about this account."""
        ...

    def save(self, state: PlanState) -> None:
        """Remember what the biller told, unless it was asked again since."""
        ...

    def find_accounts(self) -> tuple[AccountId, ...]:
        """Return the accounts that have a plan, as far as is known, or that need one."""
        ...

    def load_repository(self, repository_id: RepositoryId) -> Repository | None:
        """Return a repository; None if it was never heard of."""
        ...

    def rank(self, repository: Repository) -> int:
        """Return how many private repositories of its account come before it, by their ids."""
        ...

    def find_withheld(self, account_id: AccountId) -> tuple[WithheldRun, ...]:
        """Return the heads of branches that were not linted for want of a plan."""
        ...

    def find_private(self, account_id: AccountId) -> tuple[Repository, ...]:
        """Return an account's private repositories that are in reach."""
        ...

    def save_lapse(self, repository_id: RepositoryId, since: datetime | None) -> datetime | None:
        """Remember since when no plan covers a private repository; None: one does.

        Returns:
            Since when, by what was stored first.
        """
        ...

    def save_visibility(self, repository_id: RepositoryId, *, private: bool) -> None:
        """Remember whether GitHub shows a repository to everybody: its webhook may be lost."""
        ...
