"""Shell: the issue about dependencies that a repository may wish for."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from lintbot.errors import GoneError, PermanentError, TransientError
from lintbot.model.issue import Issue
from lintbot.model.requirement import Dependency
from lintbot.model.trust import TrustReport
from lintbot.ports import Forge, Target
from lintbot.report.markdown import code, escape
from lintbot.report.urls import repository_url
from lintbot.report.words import count

_log = logging.getLogger(__name__)

MAX_LISTED = 100
REFUSED = (
    "The settings wish for an issue about dependencies, and GitHub refuses it: the App needs the "
    "permission issues: write."
)


def make_issue(dependencies: Iterable[Dependency], page_url: str) -> Issue:
    """Return what the issue says: every requirement that a check run would annotate.

    Args:
        dependencies: of a trust report.
        page_url: of the repository's page.
    """
    loud = [it for it in dependencies if it.state.level in {"failure", "warning"}]
    lines = [
        f"- **{escape(it.requirement.name)}**, {it.state}: {escape(it.words)} "
        f"In {code(f'{it.requirement.path}:{it.requirement.line}')}."
        for it in loud[:MAX_LISTED]
    ]
    if len(loud) > MAX_LISTED:
        lines.append(f"- And {len(loud) - MAX_LISTED:,} more.")
    head = f"{count(len(loud), 'requirement')} to look at:" if loud else "All is well again."
    tail = (
        f"lintbot keeps this issue up to date and closes it. "
        f"[All that is known]({page_url}#trust); `dependency_issue` in the repository's settings "
        "switches it off."
    )
    return Issue(
        title=f"Dependencies: {count(len(loud), 'requirement')} to look at"
        if loud
        else "Dependencies: all is well again",
        body="\n".join([head, "", *lines, *([""] if lines else []), tail]),
        is_open=bool(loud),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyIssues:
    """Keeps the issues of repositories."""

    forge: Forge
    public_url: str

    async def keep(self, target: Target, report: TrustReport) -> tuple[str, ...]:
        """Make GitHub show the issue; return what prevents it for good, in words."""
        page = repository_url(self.public_url, target.owner, target.name)
        issue = make_issue(report.dependencies, page)
        if report.partial and not issue.is_open:
            return ()  # what it says may be in a file that could not be read
        try:
            await self.forge.put_issue(target, issue)
        except TransientError as error:  # the next report tries again
            _log.warning("no issue: %s", error, extra={"repository_id": target.repository_id})
        except (GoneError, PermanentError) as error:
            _log.warning("no issue: %s", error, extra={"repository_id": target.repository_id})
            return (REFUSED,)
        return ()
