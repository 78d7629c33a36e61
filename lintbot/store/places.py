"""Shell: installations and repositories, as a transaction writes them down.

Deliveries come late and twice. So a deleted installation stays deleted (GitHub never gives its
number again), and an older description of a repository never replaces a newer one.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from lintbot.model.ids import InstallationId, RepositoryId
from lintbot.model.repository import Account, Installation, InstallationState, Repository
from lintbot.store.database import Database
from lintbot.store.statements import insert
from lintbot.store.tables import alias, badge_token, excerpt, installation, patch, repository


def save_installation(connection: sa.Connection, database: Database, value: Installation) -> None:
    """Store an installation, and what its account is called today."""
    row = {"account_id": value.account.id, "login": value.account.login}
    row["state"] = value.state.value
    statement = insert(installation, database).values(id=value.id, **row)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["id"],
            set_=row,
            where=installation.c.state != InstallationState.DELETED.value,
        )
    )
    _rename_account(connection, database, value.account)


def revive_installation(
    connection: sa.Connection, database: Database, id_: InstallationId, account: Account
) -> None:
    """Learn of an installation from its event; GitHub sends none for a suspended one."""
    active = InstallationState.ACTIVE.value
    statement = insert(installation, database).values(
        id=id_, account_id=account.id, login=account.login, state=active
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["id"],
            set_={"state": active},
            where=installation.c.state == InstallationState.SUSPENDED.value,
        )
    )


def save_repository(
    connection: sa.Connection, database: Database, value: Repository, id_: InstallationId
) -> None:
    """Store a repository as GitHub describes it, unless that is older than what is known.

    That a repository is private is always believed: too little shown for a moment does no harm.
    """
    row = {
        "installation_id": id_,
        "account_id": value.account.id,
        "owner": value.account.login,
        "name": value.name,
        "private": value.private,
        "default_branch": value.default_branch,
        "size_kib": value.size_kib,
        "described_at": value.described_at,
        "removed_at": None,
    }
    if not value.private:
        row["lapsed_at"] = None
    statement = insert(repository, database).values(id=value.id, **row)
    told = statement.excluded
    is_news = sa.or_(
        repository.c.described_at.is_(None),
        told.described_at.is_(None),
        told.described_at >= repository.c.described_at,
    )
    saved = connection.execute(
        statement.on_conflict_do_update(index_elements=["id"], set_=row, where=is_news).returning(
            repository.c.id
        )
    ).first()
    if saved is not None:
        _name(connection, database, value.id, value.full_name)
    elif value.private:
        hidden = repository.update().where(repository.c.id == value.id)
        connection.execute(hidden.values(private=True))


def remove_repositories(
    connection: sa.Connection, which: sa.ColumnElement[bool], now: datetime
) -> None:
    """Note since when repositories are out of reach; code and badge tokens go at once."""
    reached = repository.update().where(which, repository.c.removed_at.is_(None))
    connection.execute(reached.values(removed_at=now))
    ids = sa.select(repository.c.id).where(which)
    for code in (excerpt, patch, badge_token):
        connection.execute(code.delete().where(code.c.repository_id.in_(ids)))


def _rename_account(connection: sa.Connection, database: Database, account: Account) -> None:
    """Let all repositories of an account have its name of today, and keep the old ones."""
    renamed = (
        repository.update()
        .where(repository.c.account_id == account.id, repository.c.owner != account.login)
        .values(owner=account.login)
        .returning(repository.c.id, repository.c.name)
    )
    for row in connection.execute(renamed).all():
        _name(connection, database, RepositoryId(row.id), f"{account.login}/{row.name}")


def _name(connection: sa.Connection, database: Database, id_: RepositoryId, full_name: str) -> None:
    """Let a name lead to a repository: the last one that had it."""
    owner = {"repository_id": id_}
    statement = insert(alias, database).values(full_name=full_name.lower(), **owner)
    connection.execute(statement.on_conflict_do_update(index_elements=["full_name"], set_=owner))
