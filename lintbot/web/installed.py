"""Shell: where GitHub leads people who installed the App, or bought a plan of it.

The number in the address is anybody's to make up, so it opens nothing by itself: the person's own
token tells whether they see that installation.
https://docs.github.com/en/apps/creating-github-apps/registering-a-github-app/about-the-setup-url
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aiohttp import web

from lintbot.model.ids import InstallationId
from lintbot.report.urls import account_url
from lintbot.web.rights import Readers
from lintbot.web.visibility import viewer_of

INSTALLED_PATH: Final = "/installed"
_MAX_DIGITS: Final = 18


@dataclass(frozen=True, slots=True)
class Installed:
    """Leads from the App's setup URL to the account's page."""

    readers: Readers

    async def lead(self, request: web.Request) -> web.StreamResponse:
        """Answer ``GET /installed``: sign in first; then the account's page, or one's own."""
        number = request.query.get("installation_id", "")
        known = number.isascii() and number.isdecimal() and len(number) <= _MAX_DIGITS
        person = viewer_of(request).person
        if person is None:
            query = {"installation_id": number} if known else {}
            wanted = request.rel_url.with_path(INSTALLED_PATH).with_query(query)
            raise web.HTTPSeeOther(str(wanted.with_path("/login").with_query(next=str(wanted))))
        login = None
        if known:
            login = await self.readers.find_account(person.id, InstallationId(int(number)))
        raise web.HTTPSeeOther("/me" if login is None else account_url("", login))


def installed_routes(readers: Readers) -> list[web.RouteDef]:
    """Return the route of the App's setup URL."""
    return [web.get(INSTALLED_PATH, Installed(readers).lead)]
