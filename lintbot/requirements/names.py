"""Pure: names of packages."""

from __future__ import annotations

from packaging.utils import InvalidName, canonicalize_name

MAX_CHARACTERS = 200


def normalise(name: str) -> str:
    """Return the normalised name of a package; empty for a text that no index could take."""
    try:
        return canonicalize_name(name, validate=True) if len(name) <= MAX_CHARACTERS else ""
    except InvalidName:
        return ""
