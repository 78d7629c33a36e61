"""Shell: everything that is stored about an account, found, deleted and counted (``admin``).

Which tables that are is not written down a second time: every one with a column
``repository_id``, ``account_id`` or ``person_id``. So a new table cannot be forgotten here.
"""

from __future__ import annotations

import sqlalchemy as sa

from lintbot.model.erasure import Holding
from lintbot.model.ids import AccountId, InstallationId, RepositoryId
from lintbot.model.repository import InstallationState
from lintbot.store import trust_tables
from lintbot.store.database import Database
from lintbot.store.tables import installation, person, repository

_EVERY = trust_tables.trust.metadata.sorted_tables
OF_REPOSITORY = tuple(table for table in _EVERY if "repository_id" in table.c)
"""Tables whose rows go with their repository."""
_OF_ACCOUNT = tuple(table for table in _EVERY if {"account_id", "person_id"} & set(table.c.keys()))
_PERSONAL = tuple(dict.fromkeys((*OF_REPOSITORY, *_OF_ACCOUNT, person)))


class StoredErasure:
    """Deletes accounts from a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, account: str) -> Holding | None:
        """Return what is stored about an account, by its login or its numeric id."""
        with self._database.read() as connection:
            account_id = _find_account(connection, account)
            if account_id is None:
                return None
            query = sa.select(repository.c.id).where(repository.c.account_id == account_id)
            repositories = connection.execute(query).scalars().all()
            installations = connection.execute(
                sa.select(installation).where(installation.c.account_id == account_id)
            ).all()
        return Holding(
            account_id=account_id,
            repositories=tuple(sorted(map(RepositoryId, repositories))),
            installations=tuple(sorted(InstallationId(row.id) for row in installations)),
            installed=any(row.state != InstallationState.DELETED.value for row in installations),
        )

    def delete(self, holding: Holding) -> dict[str, int]:
        """Delete all of it in one transaction; return how many rows went, by table."""
        with self._database.write() as connection:
            rows = {
                table.name: connection.execute(
                    table.delete().where(_is_of(table, holding))
                ).rowcount
                for table in _PERSONAL
            }
        return {name: number for name, number in rows.items() if number}

    def count(self, holding: Holding) -> dict[str, int]:
        """Return how many rows of it there are, by table; a table without any is not named."""
        with self._database.read() as connection:
            rows = {
                table.name: connection.execute(
                    sa.select(sa.func.count()).select_from(table).where(_is_of(table, holding))
                ).scalar_one()
                for table in _PERSONAL
            }
        return {name: number for name, number in rows.items() if number}


def _find_account(connection: sa.Connection, account: str) -> AccountId | None:
    """Return the account that has this login as far as is known, or this number."""
    if account.isdecimal():
        return AccountId(int(account))
    for table, login in ((installation, installation.c.login), (repository, repository.c.owner)):
        query = sa.select(table.c.account_id).where(sa.func.lower(login) == account.lower())
        found = connection.execute(query).scalar()
        if found is not None:
            return AccountId(found)
    return None


def _is_of(table: sa.Table, holding: Holding) -> sa.ColumnElement[bool]:
    conditions: list[sa.ColumnElement[bool]] = []
    if "repository_id" in table.c:
        conditions.append(table.c.repository_id.in_(holding.repositories))
    conditions += [
        column == holding.account_id
        for column in table.c
        if column.name in {"account_id", "person_id"} or column is person.c.id
    ]
    return sa.or_(*conditions)
