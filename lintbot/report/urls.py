"""Pure: the addresses that lintbot itself answers."""

from __future__ import annotations

from urllib.parse import quote


def run_url(public_url: str, owner: str, name: str, sha: str) -> str:
    """Return the report page of one commit."""
    return f"{repository_url(public_url, owner, name)}/runs/{sha}"


def patch_url(public_url: str, owner: str, name: str, sha: str) -> str:
    """Return the patch of safe fixes for one commit."""
    return f"{run_url(public_url, owner, name, sha)}.patch"


def repository_url(public_url: str, owner: str, name: str) -> str:
    """Return the report page of a repository."""
    return f"{public_url.rstrip('/')}/gh/{quote(owner, safe='')}/{quote(name, safe='')}"


def badge_url(public_url: str, owner: str, name: str) -> str:
    """Return the badge of a repository, without its query."""
    return f"{public_url.rstrip('/')}/badge/{quote(owner, safe='')}/{quote(name, safe='')}.svg"
