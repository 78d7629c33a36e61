"""Pure: what those who have admin rights on GitHub can change about a repository."""

from __future__ import annotations

from typing import Protocol

from lintbot.model.ids import RepositoryId
from lintbot.model.people import BadgeToken


class BadgeTokens(Protocol):
    """Tokens that show the badge of a private repository. Blocking; call it in a thread."""

    def load(self, repository_id: RepositoryId) -> BadgeToken | None:
        """Return what is known of a repository's token; None: it has none."""
        ...

    def save(self, repository_id: RepositoryId, token: BadgeToken) -> None:
        """Store a token; one that there was is worth nothing from now on."""
        ...

    def revoke(self, repository_id: RepositoryId) -> None:
        """Let a repository have no token."""
        ...


class Eraser(Protocol):
    """Deletes what was found out about a repository. Blocking; call it in a thread."""

    def erase(self, repository_id: RepositoryId) -> None:
        """Delete findings, scores, source, patches, accepted baselines and the badge token.

        Which commits were linted, and how each check ended, stays: a commit's attempts are
        counted by it. Lint runs that are under way go on.
        """
        ...
