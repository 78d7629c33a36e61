"""Shell: what a stranger may see. One place decides it for badges, pages and the API.

A repository that is private, one that does not exist and a name that none can have are all
None, and everybody who asks answers None in one way: nothing can be learnt from the answer.
"""

from __future__ import annotations

import re

from lintbot.model.lint_run import LintRun
from lintbot.model.repository import Repository
from lintbot.ports import Catalog

_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}\Z")
_SHA = re.compile(r"[0-9a-fA-F]{7,64}\Z")
MAX_BRANCH_CHARACTERS = 250


def is_name(text: str) -> bool:
    """Tell whether GitHub could call an account or a repository this."""
    return _NAME.match(text) is not None


def is_branch(text: str) -> bool:
    """Tell whether a branch could be called this; databases refuse some other texts."""
    return text.isprintable() and len(text) <= MAX_BRANCH_CHARACTERS


def find_public(catalog: Catalog, owner: str, name: str) -> Repository | None:
    """Return a repository by any name it has or had, if a stranger may see it.

    Raises:
        TransientError: the database is out of reach.
    """
    if not (is_name(owner) and is_name(name)):
        return None
    repository = catalog.find_repository(owner, name)
    return None if repository is None or repository.private else repository


def find_run(
    catalog: Catalog, owner: str, name: str, sha: str
) -> tuple[Repository, LintRun] | None:
    """Return the newest lint run of a commit, if a stranger may see it.

    Raises:
        TransientError: the database is out of reach.
    """
    repository = find_public(catalog, owner, name)
    if repository is None or not _SHA.match(sha):
        return None
    run = catalog.run_at(repository.id, sha)
    return (repository, run) if run is not None else None
