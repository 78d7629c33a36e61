"""Pure: people who sign in with GitHub, and what GitHub lets them see."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from lintbot.model.ids import InstallationId
from lintbot.model.people import Person, PersonId, Rights, UserTokens


class SignIn(Protocol):
    """GitHub, asked in a person's name.

    Every method raises TransientError when GitHub is out of reach, and SignedOutError when it
    does not take what it once gave.
    """

    def authorize_url(self, state: str, verifier: str) -> str:
        """Return where a browser asks GitHub to sign somebody in (PKCE, S256)."""
        ...

    async def redeem(self, code: str, verifier: str) -> UserTokens:
        """Trade the code that the browser brought back, once."""
        ...

    async def refresh(self, tokens: UserTokens) -> UserTokens:
        """Trade a refresh token, once; the old access token dies with it."""
        ...

    async def who_is(self, access: str) -> Person:
        """Return whose token it is."""
        ...

    async def find_rights(self, access: str, owner: str, name: str) -> Rights | None:
        """Return what they may do with a repository; None: not even read it, or it is not there."""
        ...

    async def find_account(self, access: str, installation_id: InstallationId) -> str | None:
        """Return the login of an installation's account; None: they do not see it."""
        ...

    async def revoke(self, access: str) -> None:
        """Let an access token be worth nothing; one that is nothing worth already is no error."""
        ...

    async def list_rights(self, access: str, login: str) -> tuple[Rights, ...]:
        """Return what they may do with the repositories of an account, as far as we see them."""
        ...


class People(Protocol):
    """Who is signed in. Sessions are known by a digest. Blocking; call it in a thread.

    Every method raises TransientError when the database is out of reach.
    """

    def sign_in(self, who: Person, tokens: UserTokens, digest: str, expires_at: datetime) -> None:
        """Remember a person, their tokens and a session of theirs."""
        ...

    def find(self, digest: str) -> Person | None:
        """Return whose session it is, unless it is over."""
        ...

    def sign_out(self, digest: str) -> None:
        """End a session; with the last one the person's tokens go."""
        ...

    def forget(self, person_id: PersonId) -> None:
        """End every session of a person and forget their tokens."""
        ...

    def load_tokens(self, person_id: PersonId) -> UserTokens | None:
        """Return a person's tokens; None when there are none that can still be read."""
        ...

    def claim_refresh(
        self, person_id: PersonId, expiring_before: datetime, lease: timedelta
    ) -> UserTokens | None:
        """Take the right to refresh tokens that expire, for the time of a lease.

        Returns:
            The tokens; None when another process has the right, or has used it already.
        """
        ...

    def save_tokens(self, person_id: PersonId, tokens: UserTokens) -> None:
        """Store new tokens, and give the right to refresh them back."""
        ...


class Seal(Protocol):
    """Encrypts and signs what only lintbot may read."""

    def close(self, content: bytes) -> bytes:
        """Return the content, sealed; ASCII."""
        ...

    def open(self, sealed: bytes, max_age: timedelta | None = None) -> bytes | None:
        """Return the content; None when it is not ours or too old."""
        ...
