"""Pure: findings that somebody accepted, so that they never count as new."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lintbot.model.ids import AccountId, Sha


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedBaseline:
    """The findings of one commit, accepted for a whole repository.

    Attributes:
        sha: the commit whose findings they are.
        accepted_by: the numeric id of who accepted them.
        accepted_at: aware UTC.
        fingerprints: theirs, without environment findings.
    """

    sha: Sha
    accepted_by: AccountId
    accepted_at: datetime
    fingerprints: frozenset[str]
