"""Shell: everything that people look at, put together: pages, feeds, documents, style sheet."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from hashlib import sha256
from importlib.resources import files

from aiohttp import web

from lintbot.ports import Catalog, PackageCatalog, Reports, TrustReports
from lintbot.report.html import Site
from lintbot.web.caching import IMMUTABLE
from lintbot.web.compare import Compare, compare_routes
from lintbot.web.documents import document_routes
from lintbot.web.feeds import Feeds, feed_routes
from lintbot.web.html import Html
from lintbot.web.packages import PackagePages, package_routes
from lintbot.web.pages import Pages, ReadStatement, page_routes
from lintbot.web.visibility import Visibility

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def make_site(
    *,
    public_url: str,
    github_url: str,
    install_url: str = "",
    example: str = "",
    people: bool = False,
) -> tuple[Site, web.RouteDef]:
    """Return where things are, and the route of the style sheet.

    Args:
        public_url: where people reach lintbot.
        github_url: GitHub's web host, for links to commits and lines.
        install_url: where to install the App; empty: no button.
        example: the ``owner/name`` whose badge the home page shows; empty: none.
        people: whether people can sign in.
    """
    css = files("lintbot.web").joinpath("static", "lintbot.css").read_bytes()
    stylesheet = f"/static/lintbot-{sha256(css).hexdigest()[:12]}.css"
    site = Site(
        public_url=public_url.rstrip("/"),
        github_url=github_url.rstrip("/"),
        stylesheet=stylesheet,
        install_url=install_url,
        example=example,
        people=people,
    )
    return site, web.get(stylesheet, _constant(css, "text/css"))


def site_routes(  # noqa: PLR0913  each is one part
    site: Site,
    catalog: Catalog,
    reports: Reports,
    visibility: Visibility,
    *,
    trust: TrustReports,
    packages: PackageCatalog,
    read_statement: ReadStatement | None,
) -> list[web.RouteDef]:
    """Return the routes of everything that people look at, but badges and the style sheet."""
    html = Html(site=site)
    feeds = Feeds(reports=reports, packages=packages, trust=trust, visibility=visibility, site=site)
    compare = Compare(
        catalog=catalog, reports=reports, trust=trust, visibility=visibility, html=html
    )
    pages = Pages(
        catalog=catalog,
        reports=reports,
        trust=trust,
        visibility=visibility,
        html=html,
        read_statement=read_statement,
    )
    return [
        *document_routes(html),  # /docs
        *compare_routes(compare),  # /compare
        *package_routes(PackagePages(packages=packages, html=html)),  # /pypi
        *feed_routes(feeds),  # /gh/…/feed.atom and .json
        *page_routes(pages),  # / and /gh/…
    ]


def _constant(body: bytes, content_type: str) -> _Handler:
    async def answer(_: web.Request) -> web.Response:
        headers = {"Cache-Control": IMMUTABLE, "X-Content-Type-Options": "nosniff"}
        return web.Response(body=body, content_type=content_type, charset="utf-8", headers=headers)

    return answer
