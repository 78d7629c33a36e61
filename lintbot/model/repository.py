"""Pure: accounts, installations and repositories, keyed on GitHub's numeric ids."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lintbot.model.ids import AccountId, InstallationId, RepositoryId


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A GitHub user or organisation."""

    id: AccountId
    login: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """One repository as GitHub last described it.

    Attributes:
        size_kib: GitHub's own estimate of its size in KiB; 0 when not told.
        described_at: when GitHub last changed what it says here, aware UTC; it tells a late
            delivery from a new one. None when not told.
    """

    id: RepositoryId
    account: Account
    name: str
    private: bool
    default_branch: str
    size_kib: int = 0
    described_at: datetime | None = None

    @property
    def full_name(self) -> str:
        """The ``owner/name`` of today; it may change."""
        return f"{self.account.login}/{self.name}"


class InstallationState(StrEnum):
    """Whether the App may act for the account."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """The App on one account."""

    id: InstallationId
    account: Account
    state: InstallationState
