"""Shell: the way to install the App; its name on GitHub is asked for at the first use."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from aiohttp import web

from lintbot.errors import LintbotError
from lintbot.report.pages import render_unavailable
from lintbot.web.answers import UNAVAILABLE
from lintbot.web.html import Html

_log = logging.getLogger(__name__)

INSTALL_PATH = "/install"
FindSlug = Callable[[], Awaitable[str]]
"""Ask GitHub what the App is called in addresses. Raises LintbotError."""


class Install:
    """Leads to GitHub's page where the App is installed.

    Args:
        find_slug: asked until it once answered.
        html: for the page that says that GitHub is out of reach.
    """

    def __init__(self, find_slug: FindSlug, html: Html) -> None:
        self._find_slug = find_slug
        self._html = html
        self._slug = ""
        self._asking = asyncio.Lock()

    async def lead(self, request: web.Request) -> web.Response:
        """Answer ``GET /install``."""
        try:
            async with self._asking:
                self._slug = self._slug or await self._find_slug()
        except LintbotError as error:
            _log.warning("GitHub does not tell the App's name: %s", error)
            text = render_unavailable(self._html.site)
            return self._html.answer(request, text, status=UNAVAILABLE)
        site = self._html.site
        raise web.HTTPSeeOther(f"{site.github_url}/apps/{quote(self._slug)}/installations/new")


def install_routes(find_slug: FindSlug, html: Html) -> list[web.RouteDef]:
    """Return the route to the App's installation."""
    return [web.get(INSTALL_PATH, Install(find_slug, html).lead)]
