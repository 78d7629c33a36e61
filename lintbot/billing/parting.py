"""Shell: a customer whose plan has ended is signed out, as GitHub Marketplace asks."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from lintbot.errors import TransientError
from lintbot.model.ids import AccountId
from lintbot.model.people import PersonId
from lintbot.ports import People, SignIn

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parting:
    """Ends a person's sessions. GitHub counts people and organisations in one row of numbers.

    Who belongs to an organisation has tokens of their own, not of the organisation: nobody has
    the number of an organisation, so nobody is signed out for its sake.
    """

    people: People
    sign_in: SignIn

    async def part(self, account_id: AccountId) -> None:
        """Forget the tokens of the person that an account is of, and have GitHub revoke them.

        While GitHub does not answer they are forgotten all the same, and end within hours.
        """
        person_id = PersonId(account_id)
        tokens = await asyncio.to_thread(self.people.load_tokens, person_id)
        await asyncio.to_thread(self.people.forget, person_id)
        if tokens is None:
            return
        try:
            await self.sign_in.revoke(tokens.access)
        except TransientError as error:
            _log.warning("a token is only forgotten, not revoked: %s", error)
