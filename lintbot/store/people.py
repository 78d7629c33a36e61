"""Shell: who is signed in (``ports.People``)."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa

from lintbot.model.people import Person, PersonId, UserTokens
from lintbot.ports import Clock, Seal
from lintbot.store.database import Database
from lintbot.store.statements import insert
from lintbot.store.tables import person, session

# Made where one thread imports the module, see store/rows.py.
_TOKENS = msgspec.json.Decoder(UserTokens)


class StoredPeople:
    """Implements ``ports.People`` on a database.

    Args:
        database: ours.
        seal: what tokens are encrypted with.
        clock: tells when a session is over.
    """

    def __init__(self, database: Database, seal: Seal, clock: Clock) -> None:
        self._database = database
        self._seal = seal
        self._clock = clock

    def sign_in(self, who: Person, tokens: UserTokens, digest: str, expires_at: datetime) -> None:
        """Remember a person, their tokens and a session of theirs."""
        row = {"login": who.login, **self._token_row(tokens)}
        known = insert(person, self._database).values(id=who.id, **row)
        begun = session.insert().values(digest=digest, person_id=who.id, expires_at=expires_at)
        with self._database.write() as connection:
            connection.execute(known.on_conflict_do_update(index_elements=["id"], set_=row))
            connection.execute(begun)

    def find(self, digest: str) -> Person | None:
        """Return whose session it is, unless it is over."""
        query = (
            sa.select(person.c.id, person.c.login)
            .join(session, session.c.person_id == person.c.id)
            .where(session.c.digest == digest)
            .where(session.c.expires_at > self._clock.now())
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return Person(id=PersonId(row.id), login=row.login) if row is not None else None

    def sign_out(self, digest: str) -> None:
        """End a session; with the last one the person's tokens go."""
        ended = session.delete().where(session.c.digest == digest).returning(session.c.person_id)
        with self._database.write() as connection:
            person_id = connection.execute(ended).scalar()
            others = sa.select(session.c.digest).where(session.c.person_id == person_id)
            if person_id is not None and connection.execute(others).first() is None:
                forget_person(connection, person_id)

    def forget(self, person_id: PersonId) -> None:
        """End every session of a person and forget their tokens."""
        with self._database.write() as connection:
            forget_person(connection, person_id)

    def load_tokens(self, person_id: PersonId) -> UserTokens | None:
        """Return a person's tokens; None when there are none that can still be read."""
        query = sa.select(person.c.tokens).where(person.c.id == person_id)
        with self._database.read() as connection:
            sealed = connection.execute(query).scalar()
        return self._unseal(sealed)

    def claim_refresh(
        self, person_id: PersonId, expiring_before: datetime, lease: timedelta
    ) -> UserTokens | None:
        """Take the right to refresh tokens that expire, for the time of a lease."""
        now = self._clock.now()
        free = sa.or_(person.c.refreshing_until.is_(None), person.c.refreshing_until < now)
        claim = (
            person.update()
            .where(person.c.id == person_id, person.c.expires_at < expiring_before, free)
            .values(refreshing_until=now + lease)
            .returning(person.c.tokens)
        )
        with self._database.write() as connection:
            sealed = connection.execute(claim).scalar()
        return self._unseal(sealed)

    def save_tokens(self, person_id: PersonId, tokens: UserTokens) -> None:
        """Store new tokens, and give the right to refresh them back."""
        change = person.update().where(person.c.id == person_id)
        with self._database.write() as connection:
            connection.execute(change.values(self._token_row(tokens)))

    def _token_row(self, tokens: UserTokens) -> dict[str, object]:
        return {
            "tokens": self._seal.close(msgspec.json.encode(tokens)),
            "expires_at": tokens.expires_at,
            "refreshing_until": None,
        }

    def _unseal(self, sealed: bytes | None) -> UserTokens | None:
        content = None if sealed is None else self._seal.open(bytes(sealed))
        return None if content is None else _TOKENS.decode(content)


def forget_person(connection: sa.Connection, person_id: PersonId) -> None:
    """End every session of a person and forget their tokens, within a transaction."""
    connection.execute(session.delete().where(session.c.person_id == person_id))
    connection.execute(person.delete().where(person.c.id == person_id))
