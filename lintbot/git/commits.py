"""Pure: the lines of ``git log`` to commits without people: addresses become salted hashes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from hashlib import blake2b

from lintbot.model.history import Commit

FORMAT = "%H%n%at%n%aN%n%aE%n%(trailers:key=Co-authored-by,valueonly,unfold,separator=%x02)"
"""One commit, ended by NUL (``git log -z``). Only the last field can be more than one line."""
_FIELDS = 5
_BOTS = re.compile(
    r"\[bot\]|^(?:dependabot|renovate|pre-commit-ci|github-actions|greenkeeper|pyup-bot|"
    r"allcontributors|mergify|snyk-bot|weblate)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"<([^<>]+)>")
MAX_COAUTHORS = 20


def parse_commits(log: bytes, salt: bytes) -> Iterator[tuple[str, Commit]]:
    """Give the sha and the commit of each record; records that make no sense are left out.

    Args:
        log: what ``git log -z --format=FORMAT`` printed; hostile.
        salt: a secret of this one reading, so that hashes mean nothing outside it.
    """
    for record in log.decode(errors="replace").split("\0"):
        fields = record.split("\n", _FIELDS - 1)
        if len(fields) != _FIELDS:
            continue
        sha, moment, name, address, coauthors = fields
        day = _day(moment)
        if day is None:
            continue
        addresses = [address, *_ADDRESS.findall(coauthors)[:MAX_COAUTHORS]]
        people = {hash_address(it, salt) for it in addresses if not is_bot(it)}
        bot = is_bot(name) or is_bot(address)
        yield sha, Commit(day=day, people=() if bot else tuple(sorted(people)), bot=bot)


def is_bot(name_or_address: str) -> bool:
    """Tell whether a machine goes by this name."""
    return _BOTS.search(name_or_address) is not None


def hash_address(address: str, salt: bytes) -> int:
    """Return a number that stands for an address within one reading."""
    digest = blake2b(address.strip().lower().encode(errors="replace"), key=salt, digest_size=8)
    return int.from_bytes(digest.digest(), "big")


def _day(seconds: str) -> date | None:
    try:
        return datetime.fromtimestamp(int(seconds), UTC).date()
    except (ValueError, OverflowError, OSError):
        return None


def parse_tags(listing: str) -> dict[str, str]:
    """Return the commit of each version tag, from ``git ls-remote --tags``.

    A tag with a message is listed twice; the second line, ``…^{}``, has its commit.
    """
    tags: dict[str, str] = {}
    for line in listing.splitlines():
        sha, _, ref = line.partition("\t")
        name = ref.removeprefix("refs/tags/").removesuffix("^{}")
        if any(char.isdigit() for char in name):
            tags[name] = sha
    return tags
