"""Pure: pages of lists in the API: which one is asked for, and where the next one is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from yarl import URL

PER_PAGE: Final = 30
MAX_PER_PAGE: Final = 100
MAX_PAGE: Final = 1_000_000
_NUMBER = re.compile(r"[1-9][0-9]{0,6}\Z")


class SenselessError(Exception):
    """What was asked makes no sense; the text says what would."""


@dataclass(frozen=True, slots=True)
class Paging:
    """A page of a list: its number from 1, and how many items a page has."""

    number: int
    size: int

    @property
    def skip(self) -> int:
        """How many items come before it."""
        return (self.number - 1) * self.size


def parse_paging(query: Mapping[str, str]) -> Paging:
    """Return which page is asked for (``page``, ``per_page``).

    Raises:
        SenselessError: they are no numbers in their range.
    """
    return Paging(
        _number(query, "page", 1, MAX_PAGE), _number(query, "per_page", PER_PAGE, MAX_PER_PAGE)
    )


def link_next(url: URL, paging: Paging, *, more: bool) -> dict[str, str]:
    """Return the header that leads to the next page (RFC 8288); none after the last."""
    if not more:
        return {}
    target = url.update_query(page=str(paging.number + 1), per_page=str(paging.size))
    return {"Link": f'<{target}>; rel="next"'}


def _number(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not _NUMBER.match(text) or int(text) > most:
        raise SenselessError(f"{name} must be a whole number from 1 to {most}")
    return int(text)
