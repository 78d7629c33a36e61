"""Shell: the documentation as pages, rendered once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib.resources import files

from aiohttp import web

from lintbot.report.documents import ORDER, Documents, render_document
from lintbot.web.html import Html

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def read_documents() -> Documents:
    """Return the documents of the package: those of ``docs/``, to which links lead."""
    folder = files("lintbot.web").joinpath("documents")
    return Documents(
        texts={name: folder.joinpath(f"{name}.md").read_text(encoding="utf-8") for name in ORDER}
    )


def document_routes(html: Html) -> list[web.RouteDef]:
    """Return the routes of the documents."""
    documents = read_documents()
    pages = {name: render_document(html.site, documents, name) for name in ("", *ORDER)}
    return [
        web.get(f"/docs/{name}" if name else "/docs", _page(html, text))
        for name, text in pages.items()
    ]


def _page(html: Html, text: str) -> _Handler:
    async def answer(request: web.Request) -> web.Response:
        return html.answer(request, text)

    return answer
