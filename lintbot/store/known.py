"""Shell: what is known of an event's commit and branch (``model.intake.Known``)."""

from __future__ import annotations

import sqlalchemy as sa

from lintbot.model.events import (
    AuthorizationRevoked,
    Event,
    Ignored,
    InstallationChanged,
    Ping,
    PlanChanged,
    RepositoriesChanged,
)
from lintbot.model.ids import LintRunId, RepositoryId, Sha
from lintbot.model.intake import Head, Known, KnownRun, head_of
from lintbot.model.lint_run import Conclusion
from lintbot.model.repository import InstallationState
from lintbot.store.tables import branch_head, installation, lint_run


def read_known(connection: sa.Connection, event: Event) -> Known:
    """Read what ``intake.decide`` asks for, in the transaction that carries the plan out."""
    if _is_uninstalled(connection, event):
        return Known(uninstalled=True)
    head = head_of(event)
    if head is None:
        return Known()
    runs = _find_runs(connection, head)
    row = _find_head(connection, head)
    if row is None:
        return Known(runs=runs)
    sha, before = row
    head_run = _find_head_run(connection, head.repository_id, sha) if sha != head.sha else None
    return Known(runs=runs, head_sha=sha, head_before=before, head_run=head_run)


def _is_uninstalled(connection: sa.Connection, event: Event) -> bool:
    match event:
        case InstallationChanged() | RepositoriesChanged():
            installation_id = event.installation.id
        case AuthorizationRevoked() | PlanChanged() | Ping() | Ignored():
            return False
        case _:
            installation_id = event.installation_id
    query = sa.select(installation.c.state).where(installation.c.id == installation_id)
    return connection.execute(query).scalar() == InstallationState.DELETED.value


def _find_runs(connection: sa.Connection, head: Head) -> tuple[KnownRun, ...]:
    query = (
        sa.select(
            lint_run.c.run_id,
            lint_run.c.attempt,
            lint_run.c.conclusion,
            lint_run.c.reference,
            lint_run.c.pull_number,
        )
        .where(lint_run.c.repository_id == head.repository_id)
        .where(lint_run.c.head_sha == head.sha)
        .order_by(lint_run.c.attempt)
    )
    return tuple(
        KnownRun(
            run_id=LintRunId(row.run_id),
            attempt=row.attempt,
            decided=row.conclusion is not None,
            compared_with_pull=row.pull_number is not None,
            cancelled=row.conclusion == Conclusion.CANCELLED.value,
            failed=bool(row.reference) or row.conclusion == Conclusion.TIMED_OUT.value,
        )
        for row in connection.execute(query)
    )


def _find_head(connection: sa.Connection, head: Head) -> tuple[Sha, Sha | None] | None:
    query = (
        sa.select(branch_head.c.sha, branch_head.c.before)
        .where(branch_head.c.repository_id == head.repository_id)
        .where(branch_head.c.branch == head.branch)
    )
    row = connection.execute(query).first()
    return (row.sha, row.before) if row is not None else None


def _find_head_run(
    connection: sa.Connection, repository_id: RepositoryId, sha: Sha
) -> LintRunId | None:
    """Return the open run of the commit that a branch is at, if only this branch is there."""
    branches = (
        sa.select(sa.func.count())
        .select_from(branch_head)
        .where(branch_head.c.repository_id == repository_id, branch_head.c.sha == sha)
    )
    query = (
        sa.select(lint_run.c.run_id)
        .where(lint_run.c.repository_id == repository_id, lint_run.c.head_sha == sha)
        .where(lint_run.c.conclusion.is_(None))
        .where(branches.scalar_subquery() == 1)
        .order_by(lint_run.c.attempt.desc())
    )
    found = connection.execute(query).scalar()
    return LintRunId(found) if found is not None else None
