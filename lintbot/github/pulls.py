"""Shell: pull requests and merge bases.

https://docs.github.com/en/rest/commits/commits#list-pull-requests-associated-with-a-commit
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lintbot.github.access import ScopedAccess
from lintbot.github.errors import NotFoundError, UnknownCommitError
from lintbot.model.ids import RepositoryId, Sha, parse_sha
from lintbot.ports import OpenPull

_PER_PAGE = "100"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulls:
    """Pull requests of one repository."""

    access: ScopedAccess
    repository_id: RepositoryId

    async def find_open(self, sha: Sha) -> OpenPull | None:
        """Find the oldest open pull request into this repository whose head is the commit.

        A commit of a fork is on no branch of this repository, and GitHub's list for a commit may
        leave its pull request out; then the most recently updated hundred are looked through.
        """
        return _oldest(await self._of_commit(sha), sha, self.repository_id) or _oldest(
            await self._recent(), sha, self.repository_id
        )

    async def find_merge_base(self, base: str, head: Sha) -> Sha | None:
        """Return where two commits parted; None if they share nothing or one is unknown."""
        path = "/compare/{base}...{head}{?per_page}"
        try:
            comparison = await self.access.get(path, base=base, head=head, per_page="1")
        except NotFoundError:
            # Also when the branch is gone or a force-push left the commit behind. A repository
            # that is out of reach shows when its commits are fetched.
            return None
        return parse_sha(comparison["merge_base_commit"]["sha"])

    async def _of_commit(self, sha: Sha) -> list[dict[str, Any]]:
        path = "/commits/{sha}/pulls{?per_page}"
        try:
            return await self.access.pages(path, "", sha=sha, per_page=_PER_PAGE)
        except UnknownCommitError:
            return []

    async def _recent(self) -> list[dict[str, Any]]:
        path = "/pulls{?state,sort,direction,per_page}"
        recent: list[dict[str, Any]] = await self.access.get(
            path, state="open", sort="updated", direction="desc", per_page=_PER_PAGE
        )
        return recent


def _oldest(
    pulls: Iterable[dict[str, Any]], sha: Sha, repository_id: RepositoryId
) -> OpenPull | None:
    """Return the one with the lowest number; a fork's list may name pulls of its parent too."""
    ours = [
        pull
        for pull in pulls
        if pull["state"] == "open"
        and pull["head"]["sha"] == sha
        and (pull["base"]["repo"] or {}).get("id") == repository_id
    ]
    if not ours:
        return None
    pull = min(ours, key=lambda pull: int(pull["number"]))
    base = pull["base"]
    return OpenPull(number=pull["number"], base_sha=parse_sha(base["sha"]), base_branch=base["ref"])
