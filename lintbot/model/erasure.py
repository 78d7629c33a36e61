"""Pure: what was deleted of an account, so that it can be proven."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lintbot.model.ids import AccountId, InstallationId, RepositoryId


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What is stored about one account.

    Attributes:
        installed: the App may still act for it, so what is pushed next would be stored again.
    """

    account_id: AccountId
    repositories: tuple[RepositoryId, ...]
    installations: tuple[InstallationId, ...]
    installed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What was deleted, and what a second look found afterwards.

    Attributes:
        rows: deleted, by table; ``left``: still there, by table, only where there are any.
        jobs: deleted from the queue.
        folders: of code on this machine, removed; ``folders_left``: still held by a job.
    """

    holding: Holding
    rows: Mapping[str, int]
    left: Mapping[str, int] = field(default_factory=dict)
    jobs: int = 0
    folders: int = 0
    folders_left: int = 0

    @property
    def complete(self) -> bool:
        """Whether nothing is left in the database and on this machine."""
        return not self.left and not self.folders_left
