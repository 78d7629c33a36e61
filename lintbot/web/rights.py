"""Shell: what GitHub lets people who signed in see. Asked of GitHub, and again every minute."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, TypeVar
from weakref import WeakValueDictionary

from cachetools import TTLCache

from lintbot.errors import SignedOutError, TransientError
from lintbot.model.ids import InstallationId
from lintbot.model.people import PersonId, Rights
from lintbot.ports import Clock, People, SignIn

_log = logging.getLogger(__name__)
_T = TypeVar("_T")
_Answers = TTLCache[tuple[PersonId, str], tuple[Rights, ...]]

RECHECK_SECONDS: Final = 60.0
"""Who lost access on GitHub loses it here within this time."""
MAX_ANSWERS: Final = 10_000
_EARLY: Final = timedelta(minutes=5)
"""Tokens are refreshed so long before they expire."""
_LEASE: Final = timedelta(seconds=40)
"""For one refresh; longer than it may take, so that no two ever use the same refresh token."""
REFRESH_TIMEOUT_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.25
_MAX_POLLS: Final = 200
"""Longer than a lease: whose process was killed leaves the right to the next."""


class Readers:
    """Answers what a person may read, with their own tokens.

    Args:
        people: where the tokens are.
        sign_in: GitHub.
        clock: tells when tokens expire.
        recheck_seconds: how long an answer of GitHub is believed.
    """

    def __init__(
        self,
        people: People,
        sign_in: SignIn,
        clock: Clock,
        recheck_seconds: float,
    ) -> None:
        self._people = people
        self._sign_in = sign_in
        self._clock = clock
        self._one: _Answers = TTLCache(MAX_ANSWERS, recheck_seconds)
        self._all: _Answers = TTLCache(MAX_ANSWERS, recheck_seconds)
        self._turns: WeakValueDictionary[PersonId, asyncio.Lock] = WeakValueDictionary()

    async def find(self, person_id: PersonId, owner: str, name: str) -> Rights | None:
        """Return what a person may do with a repository; None: they cannot read it.

        Raises:
            TransientError: the database or GitHub is out of reach.
        """
        key = (person_id, f"{owner}/{name}".lower())
        found = self._one.get(key)
        if found is None:
            rights = await self._ask(
                person_id, lambda access: self._sign_in.find_rights(access, owner, name), None
            )
            found = () if rights is None else (rights,)
            self._one[key] = found
        return found[0] if found else None

    async def list(self, person_id: PersonId, login: str) -> tuple[Rights, ...]:
        """Return what a person may do with those repositories of an account that we see too.

        Raises:
            TransientError: the database or GitHub is out of reach.
        """
        key = (person_id, login.lower())
        found = self._all.get(key)
        if found is None:
            none: tuple[Rights, ...] = ()
            found = await self._ask(
                person_id, lambda access: self._sign_in.list_rights(access, login), none
            )
            self._all[key] = found
        return found

    async def find_account(
        self, person_id: PersonId, installation_id: InstallationId
    ) -> str | None:
        """Return the login of an installation's account, if the person sees it on GitHub.

        Raises:
            TransientError: the database or GitHub is out of reach.
        """
        return await self._ask(
            person_id, lambda access: self._sign_in.find_account(access, installation_id), None
        )

    async def _ask(
        self, person_id: PersonId, question: Callable[[str], Awaitable[_T]], nothing: _T
    ) -> _T:
        """Ask GitHub in a person's name; who is signed out there is signed out here."""
        try:
            return await question(await self._access(person_id))
        except SignedOutError as error:
            _log.info("a person is signed out: %s", error, extra={"person": person_id})
            await asyncio.to_thread(self._people.forget, person_id)
            return nothing

    async def _access(self, person_id: PersonId) -> str:
        """Return a token that is good for some minutes yet.

        Raises:
            SignedOutError: there is none, or none that can still be read.
        """
        turn = self._turns.setdefault(person_id, asyncio.Lock())
        async with turn:
            for _ in range(_MAX_POLLS):
                tokens = await asyncio.to_thread(self._people.load_tokens, person_id)
                if tokens is None:
                    raise SignedOutError("no tokens are kept that can be read")
                if tokens.expires_at > self._clock.now() + _EARLY:
                    return tokens.access
                await self._refresh(person_id)
        raise TransientError("a token is being refreshed, and does not come")

    async def _refresh(self, person_id: PersonId) -> None:
        """Refresh a person's tokens, or wait a little for the process that is doing so."""
        soon = self._clock.now() + _EARLY
        old = await asyncio.to_thread(self._people.claim_refresh, person_id, soon, _LEASE)
        if old is None:
            await asyncio.sleep(_POLL_SECONDS)
            return
        try:
            async with asyncio.timeout(REFRESH_TIMEOUT_SECONDS):
                new = await self._sign_in.refresh(old)
        except TimeoutError as error:
            raise TransientError("GitHub does not refresh a token in time") from error
        await asyncio.to_thread(self._people.save_tokens, person_id, new)
