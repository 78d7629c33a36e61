"""Shell: what somebody may do in a repository.

https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user
"""

from __future__ import annotations

from typing import Final

from lintbot.github.access import ScopedAccess
from lintbot.github.errors import NotFoundError
from lintbot.model.repository import Account

_WRITING: Final = frozenset({"admin", "write"})
"""GitHub's ``permission`` says ``write`` for the role *maintain* too, and ``read`` for *triage*."""


async def may_write(access: ScopedAccess, account: Account) -> bool:
    """Tell whether GitHub lets somebody write to the repository now.

    The answer must be about the same numeric id: a login that was given up may be another's.
    """
    try:
        path = "/collaborators/{username}/permission"
        answer = await access.get(path, username=account.login)
    except NotFoundError:
        return False
    user = answer.get("user") or {}
    return user.get("id") == account.id and answer.get("permission") in _WRITING
