"""Pure: the addresses that lintbot itself answers, and where an advisory is read."""

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
    return f"{account_url(public_url, owner)}/{_part(name)}"


def account_url(public_url: str, owner: str) -> str:
    """Return the page of an account's repositories."""
    return f"{public_url.rstrip('/')}/gh/{_part(owner)}"


def packages_url(public_url: str) -> str:
    """Return the page of what happened to packages of the index."""
    return f"{public_url.rstrip('/')}/pypi"


def package_url(public_url: str, name: str) -> str:
    """Return the page of a package of the index."""
    return f"{packages_url(public_url)}/{_part(name)}"


def advisory_url(identifier: str) -> str:
    """Return where a person reads an advisory."""
    return f"https://osv.dev/vulnerability/{_part(identifier)}"


def badge_url(public_url: str, owner: str, name: str) -> str:
    """Return the badge of a repository, without its query."""
    return f"{public_url.rstrip('/')}/badge/{_part(owner)}/{_part(name)}.svg"


def file_url(public_url: str, owner: str, name: str, path: str) -> str:
    """Return the page of one file of a repository."""
    return f"{repository_url(public_url, owner, name)}/files/{quote(path, errors='replace')}"


def rule_url(public_url: str, owner: str, name: str, rule: str) -> str:
    """Return the page of one rule in a repository."""
    return f"{repository_url(public_url, owner, name)}/rules/{quote(rule, safe=':')}"


def _part(text: str) -> str:
    return quote(text, safe="")
