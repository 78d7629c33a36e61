"""Shell: what the pages and badges read (``ports.Catalog``)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from lintbot.model.ids import RepositoryId, Sha
from lintbot.model.lint_run import LintRun
from lintbot.model.patch import Patch
from lintbot.model.repository import InstallationState, Repository
from lintbot.model.summary import RunSummary
from lintbot.store.database import Database
from lintbot.store.patches import load_patch
from lintbot.store.rows import (
    SUMMARY_COLUMNS,
    Row,
    row_to_repository,
    row_to_run,
    row_to_summary,
)
from lintbot.store.statements import NEWEST, latest_id
from lintbot.store.tables import alias, badge_token, installation, lint_run, repository

MIN_SHA_DIGITS = 7


class StoredCatalog:
    """Implements ``ports.Catalog`` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find_repository(self, owner: str, name: str) -> Repository | None:
        """Find a repository by any name it has or had, blind to case; None if not installed."""
        query = (
            sa.select(repository)
            .join(alias, alias.c.repository_id == repository.c.id)
            .join(installation, installation.c.id == repository.c.installation_id)
            .where(alias.c.full_name == f"{owner}/{name}".lower())
            .where(repository.c.removed_at.is_(None))
            .where(installation.c.state != InstallationState.DELETED.value)
        )
        row = self._first(query)
        return row_to_repository(row) if row is not None else None

    def opens_badge(self, repository_id: RepositoryId, digest: str) -> bool:
        """Tell whether a token with this digest shows a private repository's badge."""
        query = (
            sa.select(badge_token.c.repository_id)
            .where(badge_token.c.repository_id == repository_id)
            .where(badge_token.c.digest == digest)
        )
        return self._first(query) is not None

    def latest_run(self, repository_id: RepositoryId, branch: str) -> LintRun | None:
        """Return the lint run of a branch's head, or its newest one that has a score.

        A re-run of an old commit is newer than the head's run, but says nothing of the branch.
        """
        latest = latest_id(repository_id, branch)
        return self._run(sa.select(lint_run).where(lint_run.c.run_id == latest))

    def run_at(self, repository_id: RepositoryId, sha: str) -> LintRun | None:
        """Return the newest lint run of a commit (a prefix of at least 7 digits will do)."""
        if len(sha) < MIN_SHA_DIGITS:
            return None
        query = (
            sa.select(lint_run)
            .where(lint_run.c.repository_id == repository_id)
            .where(lint_run.c.head_sha.startswith(sha.lower(), autoescape=True))
            .order_by(*NEWEST)
        )
        return self._run(query)

    def history(
        self, repository_id: RepositoryId, branch: str | None, limit: int, skip: int = 0
    ) -> tuple[RunSummary, ...]:
        """Return the newest runs of a branch (None: of all), newest first, without findings."""
        query = sa.select(*SUMMARY_COLUMNS).where(lint_run.c.repository_id == repository_id)
        if branch is not None:
            query = query.where(lint_run.c.branch == branch)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(*NEWEST).offset(skip).limit(limit)).all()
        return tuple(row_to_summary(row) for row in rows)

    def load_patch(self, repository_id: RepositoryId, sha: Sha) -> Patch | None:
        """Return the newest patch of safe fixes for a commit, if one was made."""
        return load_patch(self._database, repository_id, sha)

    def _run(self, query: sa.Select[*tuple[Any, ...]]) -> LintRun | None:
        row = self._first(query)
        return row_to_run(row) if row is not None else None

    def _first(self, query: sa.Select[*tuple[Any, ...]]) -> Row | None:
        with self._database.read() as connection:
            return connection.execute(query.limit(1)).first()
