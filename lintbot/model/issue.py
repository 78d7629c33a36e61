"""Pure: the one issue that a repository may wish for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """What an issue on GitHub says.

    Attributes:
        body: Markdown; foreign text in it is escaped.
        is_open: there is something to do.
    """

    title: str
    body: str
    is_open: bool
