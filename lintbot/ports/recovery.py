"""Pure: what is asked of GitHub and of the store to find what no delivery told of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from lintbot.model.ids import DeliveryId, InstallationId, RepositoryId, Sha
from lintbot.model.recovery import KnownHeads, ListedPull, ListedRepository, LoggedDelivery
from lintbot.model.repository import Installation
from lintbot.ports.forge import Target


class DeliveryLog(Protocol):
    """GitHub's own log of the webhook's deliveries; it keeps three days.

    Every method raises TransientError or PermanentError.
    """

    async def list_since(self, since: datetime) -> tuple[LoggedDelivery, ...]:
        """Return every attempt since then, newest first."""
        ...

    async def redeliver(self, id_: int) -> None:
        """Have GitHub send a delivery again."""
        ...


class Census(Protocol):
    """What there is on GitHub now. Every method raises what ``Forge`` raises."""

    async def list_installations(self) -> tuple[Installation, ...]:
        """Return every installation of the App."""
        ...

    async def has_installation(self, id_: InstallationId) -> bool:
        """Tell whether there still is an installation."""
        ...

    async def list_repositories(self, id_: InstallationId) -> tuple[ListedRepository, ...]:
        """Return every repository in an installation's reach."""
        ...

    async def list_branches(self, target: Target) -> Mapping[str, Sha] | None:
        """Return where each branch is; None when they are too many to be asked for."""
        ...

    async def list_open_pulls(self, target: Target) -> tuple[ListedPull, ...]:
        """Return the most recently changed open pull requests, a hundred at most."""
        ...


class RecoveryBook(Protocol):
    """What the store remembers of it. Blocking; call it in a thread."""

    def claim(self, chore: str, every: timedelta) -> datetime | None:
        """Take a chore if it is due; only one process gets it.

        Returns:
            When it was last begun and finished too (the start of time if never), or None when
            it is not due or another process has it.
        """
        ...

    def finish(self, chore: str, begun_at: datetime) -> None:
        """Note that what was begun then is done."""
        ...

    def note_deliveries(
        self, missed: Collection[LoggedDelivery], received: Collection[DeliveryId]
    ) -> None:
        """Remember deliveries that did not reach us, and which of them have by now."""
        ...

    def take_due(self) -> tuple[int, ...]:
        """Return which attempts to ask for once more now; each asking waits longer."""
        ...

    def load_installation(self, id_: InstallationId) -> Installation | None:
        """Return an installation."""
        ...

    def list_installations(self) -> tuple[Installation, ...]:
        """Return every installation that was not deleted."""
        ...

    def list_repositories(self, id_: InstallationId) -> frozenset[RepositoryId]:
        """Return the repositories that are thought to be in an installation's reach."""
        ...

    def load_heads(self, id_: RepositoryId) -> KnownHeads:
        """Return where branches and pull requests of a repository are thought to be."""
        ...

    def find_linted(self, id_: RepositoryId, shas: Collection[Sha]) -> Mapping[Sha, bool]:
        """Return those commits that have lint runs, and whether one is of a pull request."""
        ...

    def set_compared(
        self, id_: RepositoryId, pushed_at: datetime | None, heads: Mapping[str, Sha]
    ) -> None:
        """Remember that a repository was compared, and heads of which nothing was known."""
        ...
