"""Pure: people who signed in with GitHub, and what they may do with a repository."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NewType

from lintbot.model.ids import RepositoryId

PersonId = NewType("PersonId", int)
"""GitHub's number of a user; logins change, numbers do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A GitHub user who signed in."""

    id: PersonId
    login: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What GitHub lets a person do with a repository that they can read.

    Attributes:
        admin: change its settings; then they may change lintbot's settings of it too.
    """

    repository_id: RepositoryId
    admin: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UserTokens:
    """What lintbot asks GitHub with in a person's name.

    Attributes:
        access: good until ``expires_at`` (aware UTC).
        refresh: good once, for the next pair; empty: there is none, sign in again.
    """

    access: str = field(repr=False)
    expires_at: datetime
    refresh: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeToken:
    """That there is a token which shows the badge of a private repository, but not the token.

    Attributes:
        digest: SHA-256 of it, hexadecimal.
        made_by: who made it, by the number that GitHub gives people.
        made_at: aware UTC.
    """

    digest: str
    made_by: PersonId
    made_at: datetime
