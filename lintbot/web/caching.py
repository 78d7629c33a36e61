"""Pure: what caches are told, and whether they have it already.

GitHub shows the pictures of a README through a proxy that obeys Cache-Control and asks again
with If-None-Match:
https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-anonymized-urls
"""

from __future__ import annotations

from hashlib import sha256

REVALIDATE = "no-cache, max-age=0"
"""Keep it, but ask before every use: 304 costs almost nothing and nobody sees yesterday."""
PRIVATE = f"private, {REVALIDATE}"
"""The same, but only in the browser of who asked."""
IMMUTABLE = "public, max-age=31536000, immutable"
"""Of an address that changes with its content."""
NEVER = "no-store"
"""Of errors: nobody may remember them."""

_TAG_DIGITS = 20


def make_etag(body: bytes) -> str:
    """Return a strong entity tag, in quotes: the same bytes have the same tag everywhere."""
    return f'"{sha256(body).hexdigest()[:_TAG_DIGITS]}"'


def has_it(if_none_match: str, etag: str) -> bool:
    """Tell whether If-None-Match names this tag, so that 304 is the answer.

    Compared weakly, as RFC 9110 section 13.1.2 asks: a proxy that compresses marks tags ``W/``.
    """
    if if_none_match == etag:  # nearly always; the rest is slow
        return True
    tags = (tag.strip() for tag in if_none_match.split(","))
    return any(tag == "*" or tag.removeprefix("W/") == etag for tag in tags)
