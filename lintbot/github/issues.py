"""Shell: one issue of a repository, kept up to date and never repeated.

https://docs.github.com/en/rest/issues/issues
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from lintbot.github.access import ScopedAccess
from lintbot.model.issue import Issue

LABEL: Final = "lintbot"
"""By it and by its author the issue is found again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issues:
    """Issues of one repository."""

    access: ScopedAccess
    app_id: int

    async def put(self, issue: Issue) -> None:
        """Make the App's one issue say this; none is opened only to be closed.

        What a person has closed stays closed until there is something new to say.
        """
        found = await self._find()
        if found is None:
            if issue.is_open:
                content = {"title": issue.title, "body": issue.body, "labels": [LABEL]}
                await self.access.post("/issues", content)
        elif found["body"] != issue.body:
            change = {
                "title": issue.title,
                "body": issue.body,
                "state": "open" if issue.is_open else "closed",
            }
            await self.access.patch("/issues/{number}", change, number=str(found["number"]))

    async def _find(self) -> dict[str, Any] | None:
        """Return the oldest issue that the App has opened, whatever its state."""
        path = "/issues{?labels,state,per_page}"
        listed = await self.access.pages(path, "", labels=LABEL, state="all", per_page="100")
        ours = [it for it in listed if self._is_ours(it)]
        return min(ours, key=lambda it: int(it["number"]), default=None)

    def _is_ours(self, issue: dict[str, Any]) -> bool:
        by = (issue.get("performed_via_github_app") or {}).get("id")
        return by == self.app_id and "pull_request" not in issue
