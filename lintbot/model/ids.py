"""Pure: identities. GitHub's numeric ids never change; names do."""

from __future__ import annotations

import re
from typing import NewType

AccountId = NewType("AccountId", int)
InstallationId = NewType("InstallationId", int)
RepositoryId = NewType("RepositoryId", int)
DeliveryId = NewType("DeliveryId", str)
Sha = NewType("Sha", str)
"""A full commit name: 40 (SHA-1) or 64 (SHA-256) lower-case hexadecimal digits."""
LintRunId = NewType("LintRunId", str)
"""lintbot's own id of a lint run; also the check run's ``external_id`` and the workflow's id."""

_SHA = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})\Z")


def parse_sha(text: str) -> Sha:
    """Return the text as a commit name.

    Raises:
        ValueError: it is not 40 or 64 lower-case hexadecimal digits.
    """
    if not _SHA.match(text):
        raise ValueError(f"not a full commit name: {text[:80]!r}")
    return Sha(text)


def is_zero(sha: str) -> bool:
    """Tell whether this is git's "no commit" (all zeros), as in the push of a new branch."""
    return not sha.strip("0")


def make_lint_run_id(repository_id: RepositoryId, sha: Sha, attempt: int) -> LintRunId:
    """Name the lint run of one attempt (1, 2, …) at one commit of one repository."""
    return LintRunId(f"lint:{repository_id}:{sha}:{attempt}")
