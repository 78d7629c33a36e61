"""Shell: GitHub's pages where people let an App act for them, and where it gets its tokens.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web
from yarl import URL

from lintbot.standin.state import CODE_LIFE, App, SignInCode, UserToken, utc_now
from lintbot.standin.world import World

USER_COOKIE: Final = "dotcom_user"
"""The login of the person at the browser; GitHub has a cookie of this name, beside better ones."""


class _RefusedError(Exception):
    """GitHub's refusal; it is sent with status 200."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code


@dataclass(frozen=True, slots=True)
class SignIn:
    """The web flow. People press "Authorize" as soon as they see the page, unless they refuse."""

    world: World

    def routes(self) -> list[web.RouteDef]:
        """Return the pages."""
        return [
            web.get("/login/oauth/authorize", self._authorize),
            web.post("/login/oauth/access_token", self._exchange),
        ]

    async def _authorize(self, request: web.Request) -> web.Response:
        query = request.query
        app = self._app(query.get("client_id", ""))
        if app is None:
            return web.Response(status=404, text="Not Found")
        login = request.cookies.get(USER_COOKIE)
        if login is None:
            back = urlencode({"client_id": app.client_id, "return_to": request.path_qs})
            raise web.HTTPFound(f"/login?{back}")
        wanted = query.get("redirect_uri") or app.callback_urls[0]
        state = {"state": query["state"]} if "state" in query else {}
        if wanted not in app.callback_urls:
            words = "The redirect_uri MUST match the registered callback URL for this application."
            error = {"error": "redirect_uri_mismatch", "error_description": words}
            raise web.HTTPFound(URL(app.callback_urls[0]) % (error | state))
        user = self.world.account(login)
        if user.id in self.world.refusing:
            words = "The user has denied your application access."
            error = {"error": "access_denied", "error_description": words}
            raise web.HTTPFound(URL(wanted) % (error | state))
        code = secrets.token_hex(10)
        s256 = query.get("code_challenge_method") == "S256"
        self.world.codes[code] = SignInCode(
            app=app,
            user=user,
            redirect_uri=query.get("redirect_uri", ""),
            challenge=query.get("code_challenge", "") if s256 else "",
            expires_at=utc_now() + CODE_LIFE,
        )
        raise web.HTTPFound(URL(wanted) % ({"code": code} | state))

    async def _exchange(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        try:
            content = self._grant(form)
        except _RefusedError as refused:
            content = {
                "error": refused.code,
                "error_description": str(refused),
                "error_uri": "https://docs.github.com/apps/managing-oauth-apps/"
                "troubleshooting-oauth-app-access-token-request-errors/",
            }
        if "json" in request.headers.get("Accept", ""):
            return web.json_response(content)
        return web.Response(
            text=urlencode(content), content_type="application/x-www-form-urlencoded"
        )

    def _grant(self, form: Mapping[str, str]) -> dict[str, Any]:
        app = self._app(form.get("client_id", ""))
        secret = form.get("client_secret", "")
        if app is None or not hmac.compare_digest(app.client_secret, secret):
            words = "The client_id and/or client_secret passed are incorrect."
            raise _RefusedError("incorrect_client_credentials", words)
        if form.get("grant_type") == "refresh_token":
            return _shape(self._refresh(app, form.get("refresh_token", "")))
        return _shape(self._redeem(app, form))

    def _refresh(self, app: App, value: str) -> UserToken:
        """Trade a refresh token, once; the access token that it came with dies with it."""
        for token in self.world.user_tokens.values():
            if (token.app, token.refresh_value) == (app, value):
                break
        else:
            words = "The refresh token passed is incorrect or expired."
            raise _RefusedError("bad_refresh_token", words)
        del self.world.user_tokens[token.value]
        return self.world.mint_for_user(app, token.user)

    def _redeem(self, app: App, form: Mapping[str, str]) -> UserToken:
        code = self.world.codes.pop(form.get("code", ""), None)
        if code is None or code.app is not app or code.expires_at <= utc_now():
            words = "The code passed is incorrect or expired."
            raise _RefusedError("bad_verification_code", words)
        if code.redirect_uri and form.get("redirect_uri", code.redirect_uri) != code.redirect_uri:
            words = "The redirect_uri MUST match the registered callback URL for this application."
            raise _RefusedError("redirect_uri_mismatch", words)
        if code.challenge and code.challenge != _challenge(form.get("code_verifier", "")):
            words = "The code verifier does not belong to the challenge."
            raise _RefusedError("bad_verification_code", words)
        return self.world.mint_for_user(app, code.user)

    def _app(self, client_id: str) -> App | None:
        return next((a for a in self.world.apps.values() if a.client_id == client_id), None)


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


def _shape(token: UserToken) -> dict[str, Any]:
    now = utc_now()
    return {
        "access_token": token.value,
        "expires_in": round((token.expires_at - now).total_seconds()),
        "refresh_token": token.refresh_value,
        "refresh_token_expires_in": round((token.refresh_expires_at - now).total_seconds()),
        "scope": "",
        "token_type": "bearer",
    }
