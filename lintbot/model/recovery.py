"""Pure: what GitHub lists, to be compared with what deliveries told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from lintbot.model.ids import DeliveryId, Sha
from lintbot.model.repository import Repository

MAX_REDELIVERIES: Final = 12
"""With waits of 1, 2, 4, … 60 minutes this is most of a day; GitHub forgets after three."""
_FIRST_WAIT: Final = timedelta(minutes=1)
_MAX_WAIT: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedDelivery:
    """One attempt of GitHub to deliver a webhook.

    Attributes:
        id: of this attempt.
        guid: of the delivery; every attempt at it has the same.
        event: GitHub's name of the event.
        succeeded: it was answered 2xx.
    """

    id: int
    guid: DeliveryId
    event: str
    delivered_at: datetime
    succeeded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRepository:
    """A repository in an installation's reach.

    Attributes:
        pushed_at: when one of its refs last moved, by GitHub's clock; None for an empty one.
    """

    repository: Repository
    pushed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPull:
    """An open pull request."""

    number: int
    head_sha: Sha
    head_branch: str
    from_fork: bool
    base_sha: Sha
    base_branch: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownHeads:
    """Where branches and pull requests of a repository are thought to be.

    Attributes:
        heads: by branch, or ``refs/pull/N/head`` for a pull request from a fork.
        compared_at: when that was last compared with GitHub, aware UTC; None: never.
        pushed_at: GitHub's ``pushed_at`` at that time; None: the push was so young that another
            one may bear the same second, or there was none.
    """

    heads: Mapping[str, Sha] = field(default_factory=dict)
    compared_at: datetime | None = None
    pushed_at: datetime | None = None


def wait_before_next(redeliveries: int) -> timedelta:
    """Return how long to wait for another redelivery after so many (from 0)."""
    return min(_FIRST_WAIT * (1 << min(redeliveries, 10)), _MAX_WAIT)
