"""Shell: the route table, and what holds for every answer."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web

from lintbot.errors import TransientError
from lintbot.intake.accept import Acceptor
from lintbot.ports import Catalog, PackageCatalog, Reports, TrustReports
from lintbot.web.api import api_routes
from lintbot.web.badges import Badges, badge_routes
from lintbot.web.express import LANE
from lintbot.web.health import Probe, ReadFigures, health_routes
from lintbot.web.hooks import OpenDelivery, hook_routes
from lintbot.web.html import Html
from lintbot.web.install import INSTALL_PATH, FindSlug, install_routes
from lintbot.web.installed import installed_routes
from lintbot.web.metrics import Metrics
from lintbot.web.pages import ReadStatement
from lintbot.web.repository_settings import SettingsPages, settings_routes
from lintbot.web.sessions import Sessions, make_door
from lintbot.web.setup import closed_setup_routes
from lintbot.web.sign_in import Entrance, make_readers, sign_in_routes
from lintbot.web.site import make_site, site_routes
from lintbot.web.trust import trust_routes
from lintbot.web.visibility import Visibility

_log = logging.getLogger(__name__)

MAX_FORM_BYTES = 64 * 1024
"""Of a request to anything but a webhook, which counts its own bytes."""
RETRY_AFTER_SECONDS = 10

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""For every answer that does not say better; pages and badges do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything that the web half is made of.

    Attributes:
        hooks: what opens the deliveries of ``/webhooks/…``, by the last part of the address.
        catalog: what badges and pages read; ``reports``: what pages read beside it.
        trust: trust reports; ``packages``: what is known of packages of the index.
        public_url: where people reach lintbot; ``github_url``: GitHub's web host.
        find_slug: asks GitHub what the App is called; None: no button to install it.
        example: the ``owner/name`` whose badge the home page shows; empty: none.
        probes: for ``/readyz``, by name.
        read_figures: for ``/status`` and ``/metrics``.
        entrance: where people sign in; None: nobody can.
        read_statement: what an account's page says of its plan; None: nothing is billed.
    """

    hooks: Mapping[str, OpenDelivery]
    acceptor: Acceptor
    catalog: Catalog
    reports: Reports
    trust: TrustReports
    packages: PackageCatalog
    public_url: str
    github_url: str
    find_slug: FindSlug | None = None
    example: str = ""
    probes: Mapping[str, Probe] = field(default_factory=dict)
    read_figures: ReadFigures | None = None
    entrance: Entrance | None = None
    read_statement: ReadStatement | None = None


def make_app(parts: Parts) -> web.Application:
    """Return the web half: webhooks, badges, pages, health."""
    metrics = Metrics()
    entrance = parts.entrance
    readers = make_readers(entrance) if entrance else None
    visibility = Visibility(parts.catalog, readers)
    badges = Badges(parts.catalog, load_trust=parts.trust.load)
    site, stylesheet = make_site(
        public_url=parts.public_url,
        github_url=parts.github_url,
        install_url=INSTALL_PATH if parts.find_slug else "",
        example=parts.example,
        people=entrance is not None,
    )
    html = Html(site=site)
    app = web.Application(middlewares=[answer_errors], client_max_size=MAX_FORM_BYTES)
    if entrance is not None and readers is not None:
        sessions = Sessions(entrance.people, entrance.clock)
        app.middlewares.append(make_door(sessions))
        settings = SettingsPages(entrance.desk, visibility, html)
        app.add_routes(sign_in_routes(entrance, sessions, html))  # /login … /me
        app.add_routes(installed_routes(readers))  # /installed
        app.add_routes(settings_routes(settings))  # /gh/{owner}/{repo}/settings
    if parts.find_slug is not None:
        app.add_routes(install_routes(parts.find_slug, html))  # /install
    app.on_response_prepare.append(_finish_headers)
    app[LANE] = badges.recall
    app.add_routes(
        [
            *hook_routes(  # POST /webhooks/github
                parts.hooks, parts.acceptor, metrics, on_places_changed=badges.forget
            ),
            *health_routes(  # /healthz /readyz /metrics /status
                parts.probes, metrics, parts.read_figures, html
            ),
            *badge_routes(badges),  # /badge/{owner}/{repo}.svg and .json
            *api_routes(parts.catalog, parts.reports, visibility),  # /api/v1/…
            *trust_routes(visibility, parts.trust),  # …/trust
            *closed_setup_routes(),  # /setup
            stylesheet,
            *site_routes(  # / /gh /compare /docs /pypi
                site,
                parts.catalog,
                parts.reports,
                visibility,
                trust=parts.trust,
                packages=parts.packages,
                read_statement=parts.read_statement,
            ),
        ]
    )
    return app


@web.middleware
async def answer_errors(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Turn every error that nobody expected into a number that the log explains."""
    try:
        return await handler(request)
    except (web.HTTPException, ConnectionError):
        raise
    except TransientError as error:
        _log.warning("out of reach: %s", error, extra={"path": request.path})
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        return web.Response(status=503, text="Out of reach, please try again.\n", headers=headers)
    except Exception:  # noqa: BLE001  the one place where a bug becomes an answer
        reference = secrets.token_hex(4)
        _log.exception("a request failed", extra={"path": request.path, "reference": reference})
        return web.Response(
            status=500, text=f"lintbot failed. The log explains it under {reference}.\n"
        )


async def _finish_headers(_request: web.Request, response: web.StreamResponse) -> None:
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.popall("Server", None)
