"""Pure: people who signed in with GitHub, and what they may do with a repository."""

from __future__ import annotations

from dataclasses import dataclass
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
