"""Shell: pages as answers: their headers, and the two pages of what cannot be shown."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from lintbot.errors import TransientError
from lintbot.report.html import Site
from lintbot.report.pages import render_not_found, render_unavailable
from lintbot.web.answers import NOT_FOUND, OK, UNAVAILABLE, make_answer
from lintbot.web.caching import NEVER

_log = logging.getLogger(__name__)

MakeText = Callable[[web.Request], Awaitable[str | None]]
"""Give the text of a page; None: there is nothing to show."""

_PAGE = re.compile(r"[0-9]{1,6}\Z")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
"""No script, no frame, no style but the one sheet: what slips through escaping does nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Html:
    """Turns texts into answers."""

    site: Site

    async def make(
        self, request: web.Request, make_text: MakeText, content_type: str = "text/html"
    ) -> web.Response:
        """Answer with a page or text, or say that there is none, or that it cannot be read now."""
        try:
            text = await make_text(request)
        except TransientError as error:
            _log.warning("no page can be read: %s", error)
            return self.answer(request, render_unavailable(self.site), status=UNAVAILABLE)
        if text is None:
            return self.not_found(request)
        return make_answer(request, OK, text.encode(), content_type, HEADERS)

    def answer(self, request: web.Request, text: str, *, status: int = OK) -> web.Response:
        """Answer with a page."""
        return make_answer(request, status, text.encode(), "text/html", HEADERS)

    def answer_once(self, text: str, *, status: int = OK) -> web.Response:
        """Answer with a page for one pair of eyes: nobody keeps it.

        It holds what proves that a form is ours, so it is not compressed: what compresses well
        could be guessed (https://www.breachattack.com/).
        """
        headers = {**HEADERS, "Cache-Control": NEVER}
        return web.Response(
            text=text, status=status, content_type="text/html", charset="utf-8", headers=headers
        )

    def not_found(self, request: web.Request) -> web.Response:
        """Answer for everything that is not there: the same bytes whatever was asked."""
        return self.answer(request, render_not_found(self.site), status=NOT_FOUND)


def page_number(request: web.Request) -> int:
    """Return which page of a list is asked for, 1 or more."""
    number = request.query.get("page", "")
    return int(number) if _PAGE.match(number) else 1
