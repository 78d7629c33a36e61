"""Shell: sign-in with GitHub, joined from its adapters."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lintbot.billing.parting import Parting
from lintbot.github.sign_in import OAuthApp, open_sign_in
from lintbot.ports import Clock
from lintbot.settings import Settings
from lintbot.store.attempts import StoredAttempts
from lintbot.store.baselines import StoredBaselines
from lintbot.store.carry_out import Enqueue
from lintbot.store.database import Database
from lintbot.store.desk import StoredBadgeTokens, StoredEraser
from lintbot.store.people import StoredPeople
from lintbot.store.reports import StoredReports
from lintbot.store.seal import FernetSeal
from lintbot.web.repository_settings import Desk
from lintbot.web.sign_in import CALLBACK_PATH, Entrance


@asynccontextmanager
async def open_entrance(
    settings: Settings, database: Database, clock: Clock, enqueue: Enqueue
) -> AsyncIterator[Entrance | None]:
    """Open what it takes to sign people in; None without the App's client id and secret."""
    app = _make_app(settings)
    if app is None:
        yield None
        return
    seal = FernetSeal(app.client_secret)
    desk = Desk(
        badge_tokens=StoredBadgeTokens(database),
        baselines=StoredBaselines(database, clock, StoredAttempts(database, clock, enqueue)),
        eraser=StoredEraser(database),
        reports=StoredReports(database),
        clock=clock,
    )
    async with open_sign_in(app, clock) as sign_in:
        people = StoredPeople(database, seal, clock)
        yield Entrance(people=people, sign_in=sign_in, seal=seal, clock=clock, desk=desk)


@asynccontextmanager
async def open_parting(
    settings: Settings, database: Database, clock: Clock
) -> AsyncIterator[Parting | None]:
    """Open what signs a customer out; None where nobody can sign in."""
    app = _make_app(settings)
    if app is None:
        yield None
        return
    people = StoredPeople(database, FernetSeal(app.client_secret), clock)
    async with open_sign_in(app, clock) as sign_in:
        yield Parting(people=people, sign_in=sign_in)


def _make_app(settings: Settings) -> OAuthApp | None:
    if not (settings.client_id and settings.client_secret):
        return None
    return OAuthApp(
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        web_url=settings.github_url,
        api_url=settings.github_api_url,
        callback_url=settings.public_url + CALLBACK_PATH,
    )
