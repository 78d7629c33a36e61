"""Shell: who asks, and what they may.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app
"""

from __future__ import annotations

import time
from typing import Final

import jwt
from aiohttp import encode_basic_auth

from lintbot.standin.problems import Problem, bad_credentials, not_accessible, not_found
from lintbot.standin.state import App, Repository, Token, UserToken, utc_now
from lintbot.standin.world import World

Caller = App | Token | UserToken | None

MAX_JWT_SECONDS: Final = 600
_LEVELS: Final = {"read": 1, "write": 2, "admin": 3}


def authenticate(world: World, header: str | None) -> Caller:
    """Return who asks: an App by its JWT, an installation or a person by a token, or nobody.

    Raises:
        Problem: 401 for a credential that is wrong, old or too young; 403 when suspended.
    """
    if not header:
        return None
    scheme, _, value = header.partition(" ")
    value = value.strip()
    if scheme.lower() == "basic":
        return _app_by_secret(world, header)
    if scheme.lower() not in {"bearer", "token"} or not value:
        raise bad_credentials()
    if value.startswith("ghu_"):
        return _user(world, value)
    return _app(world, value) if value.startswith("eyJ") else _token(world, value)


def _app_by_secret(world: World, header: str) -> App:
    for app in world.apps.values():
        if header == encode_basic_auth(app.client_id, app.client_secret):
            return app
    raise bad_credentials()


def _user(world: World, value: str) -> UserToken:
    token = world.user_tokens.get(value)
    if token is None or token.expires_at <= utc_now():
        raise bad_credentials()
    return token


def _token(world: World, value: str) -> Token:
    token = world.tokens.get(value)
    if token is None or token.expires_at <= utc_now():
        raise bad_credentials()
    if token.refusals > 0:
        token.refusals -= 1
        if token.refusal_status == 403:  # noqa: PLR2004
            raise not_accessible("checks=write")
        raise bad_credentials()
    if token.installation.suspended_at is not None:
        raise Problem(403, "This installation has been suspended")
    return token


def _app(world: World, value: str) -> App:
    try:
        claims = jwt.decode(value, options={"verify_signature": False})
    except jwt.PyJWTError:
        raise Problem(401, "A JSON web token could not be decoded") from None
    issuer = str(claims.get("iss", ""))
    app = next((a for a in world.apps.values() if issuer in {str(a.id), a.client_id}), None)
    if app is None:
        raise Problem(404, "Integration not found")
    if not any(_is_signed_by(value, key) for key in app.public_keys):
        raise Problem(401, "A JSON web token could not be decoded")
    _check_times(claims)
    return app


def _is_signed_by(value: str, public_key: str) -> bool:
    try:
        jwt.decode(
            value,
            public_key,
            algorithms=["RS256"],
            options={"verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
    except jwt.PyJWTError:
        return False
    return True


def _check_times(claims: dict[str, object]) -> None:
    issued, expires, now = claims.get("iat"), claims.get("exp"), time.time()
    if not isinstance(issued, int) or issued > now:
        raise Problem(401, "'Issued at' claim ('iat') must be an Integer in the past")
    if not isinstance(expires, int) or not now < expires:
        raise Problem(401, "'Expiration time' claim ('exp') must be a numeric value in the future")
    if expires > now + MAX_JWT_SECONDS:
        raise Problem(401, "'Expiration time' claim ('exp') is too far in the future")


def require_app(caller: Caller) -> App:
    """Return the App that asks.

    Raises:
        Problem: 401 for anybody else.
    """
    if not isinstance(caller, App):
        raise Problem(401, "A JSON web token could not be decoded")
    return caller


def require_token(caller: Caller) -> Token:
    """Return the installation that asks.

    Raises:
        Problem: 401 or 403 for anybody else.
    """
    if caller is None:
        raise Problem(401, "Requires authentication")
    if not isinstance(caller, Token):
        raise not_accessible("metadata=read")
    return caller


def require_user(caller: Caller) -> UserToken:
    """Return the person who asks.

    Raises:
        Problem: 401 or 403 for anybody else.
    """
    if caller is None:
        raise Problem(401, "Requires authentication")
    if not isinstance(caller, UserToken):
        raise Problem(403, "You must authenticate with an access token authorized to a GitHub App")
    return caller


def authorise(world: World, caller: Caller, repository: Repository, permission: str) -> None:
    """Let a caller do something to a repository, such as ``checks:write``.

    Public repositories may be read by anybody. What is private and out of reach does not exist.

    Raises:
        Problem: 403 or 404.
    """
    name, _, level = permission.partition(":")
    if isinstance(caller, Token) and caller.reaches(repository):
        granted = "read" if name == "metadata" else caller.permissions.get(name, "")
        if _LEVELS.get(granted, 0) < _LEVELS[level]:
            raise not_accessible(f"{name}={level}")
    elif repository.private and not _may_look(world, caller, repository):
        raise not_found()
    elif level != "read":
        raise (
            Problem(401, "Requires authentication")
            if caller is None
            else not_accessible(f"{name}={level}")
        )
    if repository.archived and level != "read":
        raise Problem(403, "Repository was archived so is read-only.")


def _may_look(world: World, caller: Caller, repository: Repository) -> bool:
    return isinstance(caller, UserToken) and world.reaches(caller, repository)
