"""Shell: signs people in through GitHub, and asks it in their name (``ports.SignIn``).

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final

import aiohttp
import msgspec
from yarl import URL

from lintbot.errors import PermanentError, SignedOutError, TransientError
from lintbot.github.client import USER_AGENT, Client, open_session
from lintbot.github.errors import UnauthorizedError
from lintbot.model.ids import InstallationId, RepositoryId
from lintbot.model.people import Person, PersonId, Rights, UserTokens
from lintbot.ports import Clock

_USUAL_SECONDS: Final = 8 * 3600
"""For Apps whose user tokens do not expire: they are not kept longer either."""
_REVOKED: Final = frozenset({204, 404, 422})
"""The last two: GitHub knows no such token any more."""
_OUR_FAULT: Final = frozenset({"incorrect_client_credentials", "redirect_uri_mismatch"})


class _Granted(msgspec.Struct, frozen=True):
    """GitHub's answer, which has status 200 also when it refuses."""

    error: str = ""
    error_description: str = ""
    access_token: str = ""
    expires_in: int = _USUAL_SECONDS
    refresh_token: str = ""


_GRANTED = msgspec.json.Decoder(_Granted)


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthApp:
    """Who we are to GitHub's sign-in.

    Attributes:
        callback_url: where browsers come back to; registered with the App, to the letter.
    """

    client_id: str
    client_secret: str = field(repr=False)
    web_url: str
    api_url: str
    callback_url: str


class GitHubSignIn:
    """Implements ``ports.SignIn``. Made by :func:`open_sign_in`."""

    def __init__(self, app: OAuthApp, session: aiohttp.ClientSession, clock: Clock) -> None:
        self._app = app
        self._session = session
        self._client = Client(session, app.api_url)
        self._clock = clock

    def authorize_url(self, state: str, verifier: str) -> str:
        """Return where a browser asks GitHub to sign somebody in (PKCE, S256)."""
        query = {
            "client_id": self._app.client_id,
            "redirect_uri": self._app.callback_url,
            "state": state,
            "code_challenge": make_challenge(verifier),
            "code_challenge_method": "S256",
        }
        return str(URL(f"{self._app.web_url}/login/oauth/authorize").with_query(query))

    async def redeem(self, code: str, verifier: str) -> UserTokens:
        """Trade the code that the browser brought back, once."""
        callback = self._app.callback_url
        return await self._grant(
            {"code": code, "code_verifier": verifier, "redirect_uri": callback}
        )

    async def refresh(self, tokens: UserTokens) -> UserTokens:
        """Trade a refresh token, once; the old access token dies with it."""
        if not tokens.refresh:
            raise SignedOutError("there is no refresh token")
        return await self._grant({"grant_type": "refresh_token", "refresh_token": tokens.refresh})

    async def who_is(self, access: str) -> Person:
        """Return whose token it is."""
        with _signing_out():
            user = await self._client.getitem("/user", oauth_token=access)
        return Person(id=PersonId(int(user["id"])), login=str(user["login"]))

    async def find_rights(self, access: str, owner: str, name: str) -> Rights | None:
        """Return what they may do with a repository; None: not even read it, or it is not there."""
        variables = {"owner": owner, "repo": name}
        try:
            with _signing_out():
                found = await self._client.getitem(
                    "/repos/{owner}/{repo}", variables, oauth_token=access
                )
        except SignedOutError:
            raise
        except PermanentError:  # 404, or 403: suspended, blocked, single sign-on is asked for
            return None
        return _rights(found)

    async def find_account(self, access: str, installation_id: InstallationId) -> str | None:
        """Return the login of an installation's account; None: they do not see it."""
        with _signing_out():
            async for place in self._items(access, "/user/installations", "installations"):
                if place.get("id") == installation_id:
                    return str((place.get("account") or {}).get("login") or "") or None
        return None

    async def list_rights(self, access: str, login: str) -> tuple[Rights, ...]:
        """Return what they may do with the repositories of an account, as far as we see them."""
        with _signing_out():
            places = [
                place
                async for place in self._items(access, "/user/installations", "installations")
                if str((place.get("account") or {}).get("login")).lower() == login.lower()
            ]
            found = [
                _rights(repository)
                for place in places
                async for repository in self._items(
                    access, f"/user/installations/{int(place['id'])}/repositories", "repositories"
                )
            ]
        return tuple(rights for rights in found if rights is not None)

    async def revoke(self, access: str) -> None:
        """Let an access token be worth nothing, and the refresh token that came with it.

        https://docs.github.com/en/rest/apps/oauth-applications#delete-an-app-token
        """
        app = self._app
        url = f"{app.api_url}/applications/{app.client_id}/token"
        try:
            async with self._session.delete(
                url,
                json={"access_token": access},
                headers={
                    "Accept": "application/vnd.github+json",
                    "Authorization": aiohttp.encode_basic_auth(app.client_id, app.client_secret),
                    "User-Agent": USER_AGENT,
                },
                allow_redirects=False,
            ) as response:
                status = response.status
        except (aiohttp.ClientError, TimeoutError) as error:
            raise TransientError(f"GitHub is out of reach ({type(error).__name__})") from error
        if status not in _REVOKED:
            raise TransientError(f"GitHub does not revoke a token (status {status})")

    def _items(self, access: str, path: str, key: str) -> AsyncIterator[dict[str, Any]]:
        url = f"{path}?per_page=100"
        items: AsyncIterator[dict[str, Any]] = self._client.getiter(
            url, oauth_token=access, iterable_key=key
        )
        return items

    async def _grant(self, wanted: Mapping[str, str]) -> UserTokens:
        app = {"client_id": self._app.client_id, "client_secret": self._app.client_secret}
        granted = await self._post({**app, **wanted})
        if granted.error in _OUR_FAULT:
            raise PermanentError(
                f"GitHub does not know this App ({granted.error}): check LINTBOT_CLIENT_ID, "
                "LINTBOT_CLIENT_SECRET and the App's callback URL"
            )
        if granted.error or not granted.access_token:
            raise SignedOutError(f"GitHub refuses: {granted.error or 'no token'}")
        return UserTokens(
            access=granted.access_token,
            expires_at=self._clock.now() + timedelta(seconds=granted.expires_in),
            refresh=granted.refresh_token,
        )

    async def _post(self, form: Mapping[str, str]) -> _Granted:
        url = f"{self._app.web_url}/login/oauth/access_token"
        headers = {"Accept": "application/json", "User-Agent": USER_AGENT}
        try:
            async with self._session.post(
                url, data=form, headers=headers, allow_redirects=False
            ) as response:
                return _GRANTED.decode(await response.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            what = type(error).__name__
            raise TransientError(f"GitHub's sign-in is out of reach ({what})") from error
        except msgspec.MsgspecError as error:
            raise TransientError("GitHub's sign-in gives no sensible answer") from error


def make_challenge(verifier: str) -> str:
    """Return the challenge of a PKCE verifier: https://datatracker.ietf.org/doc/html/rfc7636 ."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


@asynccontextmanager
async def open_sign_in(app: OAuthApp, clock: Clock) -> AsyncIterator[GitHubSignIn]:
    """Open connections to GitHub on the running event loop, and close them in the end."""
    async with open_session() as session:
        yield GitHubSignIn(app, session, clock)


@contextmanager
def _signing_out() -> Iterator[None]:
    try:
        yield
    except UnauthorizedError as error:
        raise SignedOutError("GitHub does not take the person's token") from error


def _rights(repository: Mapping[str, Any]) -> Rights | None:
    may = repository.get("permissions") or {}
    if not may.get("pull"):
        return None
    return Rights(repository_id=RepositoryId(int(repository["id"])), admin=bool(may.get("admin")))
