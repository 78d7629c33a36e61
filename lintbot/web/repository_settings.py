"""Shell: the settings of a repository, for those who have admin rights on GitHub."""

from __future__ import annotations

import asyncio
import logging
import secrets
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from lintbot.errors import TransientError
from lintbot.model.ids import AccountId
from lintbot.model.people import BadgeToken, Person, PersonId
from lintbot.model.repository import Repository
from lintbot.ports import BadgeTokens, Baselines, Clock, Eraser, Reports
from lintbot.report.pages import render_unavailable
from lintbot.report.repository_settings import SettingsView, render_settings
from lintbot.web.answers import UNAVAILABLE
from lintbot.web.badges import digest_token
from lintbot.web.html import Html
from lintbot.web.sessions import is_own_form
from lintbot.web.visibility import Viewer, Visibility, viewer_of

_log = logging.getLogger(__name__)

_TOKEN_BYTES: Final = 24
FORBIDDEN: Final = 403
_NOT_OURS: Final = "Nothing was done: the form did not come from this page. Try again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What settings are made of."""

    badge_tokens: BadgeTokens
    baselines: Baselines
    eraser: Eraser
    reports: Reports
    clock: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What was done: words, and a token that was made."""

    said: str
    new_token: str = ""


class SettingsPages:
    """Answers for the settings of repositories."""

    def __init__(self, desk: Desk, visibility: Visibility, html: Html) -> None:
        self._desk = desk
        self._visibility = visibility
        self._html = html

    async def show(self, request: web.Request) -> web.StreamResponse:
        """Answer ``GET /gh/{owner}/{repo}/settings``."""
        return await self._answer(request, None)

    async def change(self, request: web.Request) -> web.StreamResponse:
        """Answer ``POST /gh/{owner}/{repo}/settings``."""
        form = await request.post()
        return await self._answer(request, {k: str(v) for k, v in form.items()})

    async def _answer(
        self, request: web.Request, form: dict[str, str] | None
    ) -> web.StreamResponse:
        viewer, path = viewer_of(request), request.match_info
        if viewer.person is None:  # whether or not there is such a repository
            location = f"/login?{urlencode({'next': request.rel_url.raw_path})}"
            return web.Response(status=303, headers={"Location": location})
        try:
            found = await self._visibility.find_administered(viewer, path["owner"], path["repo"])
            if found is None:
                return self._html.not_found(request)
            status, done = 200, None
            if form is not None:
                if await is_own_form(request):
                    done = await asyncio.to_thread(self._do, found, viewer.person, form)
                else:
                    status, done = FORBIDDEN, Done(said=_NOT_OURS)
            text = await asyncio.to_thread(self._render, found, viewer, done)
        except TransientError as error:
            _log.warning("no settings can be read: %s", error)
            return self._html.answer_once(render_unavailable(self._html.site), status=UNAVAILABLE)
        return self._html.answer_once(text, status=status)

    def _do(self, repository: Repository, person: Person, form: dict[str, str]) -> Done:
        """Do what a form asks for; each may be done twice and does no harm."""
        action, desk = form.get("do", ""), self._desk
        facts = {"repository": repository.id, "person": person.id, "action": action}
        _log.info("settings are changed", extra=facts)
        match action:
            case "make-token":
                return self._make_token(repository, person.id)
            case "revoke-token":
                desk.badge_tokens.revoke(repository.id)
                return Done(said="The token is worth nothing any more.")
            case "accept-baseline":
                return self._accept(repository, person.id)
            case "revoke-baseline":
                desk.baselines.revoke(repository.id, AccountId(person.id))
                return Done(said="Nothing is accepted any more, from the next lint run on.")
            case "delete":
                return self._delete(repository, form.get("name", ""))
            case _:
                return Done(said="Nothing was done: that is no setting.")

    def _make_token(self, repository: Repository, person_id: PersonId) -> Done:
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        made = BadgeToken(
            digest=digest_token(token), made_by=person_id, made_at=self._desk.clock.now()
        )
        self._desk.badge_tokens.save(repository.id, made)
        return Done(said="There is a new token.", new_token=token)

    def _accept(self, repository: Repository, person_id: PersonId) -> Done:
        latest = self._desk.reports.latest_overview(repository.id, repository.default_branch)
        accepted = latest is not None and self._desk.baselines.accept(
            latest.job.run_id, AccountId(person_id)
        )
        if accepted:
            return Done(said="Its findings are accepted; the commit is linted again to say so.")
        return Done(said="Nothing was done: there are no findings to accept.")

    def _delete(self, repository: Repository, typed: str) -> Done:
        if typed.strip().lower() != repository.full_name.lower():
            return Done(said="Nothing was deleted: the name that you typed is another.")
        self._desk.eraser.erase(repository.id)
        return Done(said="The data of this repository is deleted.")

    def _render(self, repository: Repository, viewer: Viewer, done: Done | None) -> str:
        desk = self._desk
        view = SettingsView(
            repository=repository,
            csrf=viewer.csrf,
            badge_token=desk.badge_tokens.load(repository.id),
            baseline=desk.baselines.load(repository.id),
            latest=desk.reports.latest_overview(repository.id, repository.default_branch),
            new_token=done.new_token if done else "",
            said=done.said if done else "",
        )
        return render_settings(self._html.site, view)


def settings_routes(pages: SettingsPages) -> list[web.RouteDef]:
    """Return the routes of settings; before those of pages, whose last one takes all."""
    path = "/gh/{owner}/{repo}/settings"
    return [web.get(path, pages.show), web.post(path, pages.change)]
