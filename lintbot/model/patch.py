"""Pure: a patch of safe fixes for one commit."""

from __future__ import annotations

from dataclasses import dataclass

from lintbot.model.findings import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """What ``git apply`` takes, and what it is good for.

    Attributes:
        text: in git's own format, for the commit's tree; untrusted, as all source is.
        claims: findings of the commit that are gone when it is linted with the patch; no new
            one comes.
        files: how many it changes.
    """

    text: str
    claims: tuple[Finding, ...]
    files: int
