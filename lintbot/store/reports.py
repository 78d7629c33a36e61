"""Shell: what the pages show beside findings (``ports.Reports``, ``ports.Explanations``)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict

import sqlalchemy as sa

from lintbot.model.ids import RepositoryId
from lintbot.model.overview import RunOverview
from lintbot.model.repository import InstallationState, Repository
from lintbot.model.source import Excerpts, Explanation
from lintbot.model.summary import RunSummary
from lintbot.ports import Clock
from lintbot.store.database import Database
from lintbot.store.rows import (
    EXCERPTS,
    OVERVIEW_COLUMNS,
    SUMMARY_COLUMNS,
    row_to_repository,
    row_to_run_overview,
    row_to_summary,
    unpack,
)
from lintbot.store.statements import NEWEST, Select, insert, latest_id
from lintbot.store.tables import excerpt, explanation, installation, lint_run, repository

MAX_REPOSITORIES = 1_000
"""Of one account, by name."""


class StoredReports:
    """Implements ``ports.Reports`` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def latest_overview(self, repository_id: RepositoryId, branch: str) -> RunOverview | None:
        """Return what ``Catalog.latest_run`` returns, without the findings."""
        latest = latest_id(repository_id, branch)
        query = sa.select(*OVERVIEW_COLUMNS).where(lint_run.c.run_id == latest)
        return next(iter(self._overviews(query)), None)

    def latest_summaries(
        self, repositories: Iterable[Repository]
    ) -> dict[RepositoryId, RunSummary]:
        """Return what ``latest_overview`` returns of the default branches, as far as there is."""
        latest = latest_id(repository.c.id, repository.c.default_branch)
        query = (
            sa.select(lint_run.c.repository_id, *SUMMARY_COLUMNS)
            .select_from(repository)
            .join(lint_run, lint_run.c.run_id == latest)
            .where(repository.c.id.in_([it.id for it in repositories]))
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return {RepositoryId(row.repository_id): row_to_summary(row) for row in rows}

    def overviews(
        self, repository_id: RepositoryId, branch: str, limit: int
    ) -> tuple[RunOverview, ...]:
        """Return the newest decided runs of a branch, newest first, without the findings."""
        query = (
            sa.select(*OVERVIEW_COLUMNS)
            .where(lint_run.c.repository_id == repository_id)
            .where(lint_run.c.branch == branch)
            .where(lint_run.c.conclusion.is_not(None))
            .order_by(*NEWEST)
            .limit(limit)
        )
        return self._overviews(query)

    def list_repositories(self, login: str) -> tuple[Repository, ...]:
        """Return the repositories of an account that lintbot is installed on, by name."""
        query = (
            sa.select(repository)
            .join(installation, installation.c.id == repository.c.installation_id)
            .where(sa.func.lower(repository.c.owner) == login.lower())
            .where(repository.c.removed_at.is_(None))
            .where(installation.c.state != InstallationState.DELETED.value)
            .order_by(sa.func.lower(repository.c.name))
            .limit(MAX_REPOSITORIES)
        )
        with self._database.read() as connection:
            return tuple(row_to_repository(row) for row in connection.execute(query))

    def load_excerpts(self, repository_id: RepositoryId, sha: str) -> Excerpts:
        """Return the lines of source around a commit's findings; empty when none are kept."""
        query = (
            sa.select(excerpt.c.lines)
            .where(excerpt.c.repository_id == repository_id)
            .where(excerpt.c.sha == sha)
        )
        with self._database.read() as connection:
            lines = connection.execute(query).scalar()
        return unpack(lines, EXCERPTS) if lines is not None else {}

    def explain(self, tool: str, code: str, version: str) -> Explanation | None:
        """Return what this version of a tool says of a rule, or else the last one asked."""
        query = (
            sa.select(explanation)
            .where(explanation.c.tool == tool)
            .where(explanation.c.code == code)
            .order_by(
                sa.case((explanation.c.version == version, 0), else_=1),
                explanation.c.saved_at.desc(),
            )
            .limit(1)
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        return Explanation(
            tool=row.tool,
            version=row.version,
            code=row.code,
            name=row.name,
            summary=row.summary,
            text=row.text,
            markdown=row.markdown,
        )

    def _overviews(self, query: Select) -> tuple[RunOverview, ...]:
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return tuple(row_to_run_overview(row) for row in rows)


class StoredExplanations:
    """Implements ``ports.Explanations`` on a database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def knows(self, tool: str, version: str) -> bool:
        """Tell whether this version's words are stored."""
        query = (
            sa.select(explanation.c.code)
            .where(explanation.c.tool == tool, explanation.c.version == version)
            .limit(1)
        )
        with self._database.read() as connection:
            return connection.execute(query).first() is not None

    def save(self, explanations: Sequence[Explanation]) -> None:
        """Store what a version of a tool says; what is stored already stays."""
        now = self._clock.now()
        rows = [asdict(it) | {"saved_at": now} for it in explanations]
        change = insert(explanation, self._database).on_conflict_do_nothing()
        with self._database.write() as connection:
            connection.execute(change, rows)
