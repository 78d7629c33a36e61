"""Shell: implements ``ports.Forge`` on GitHub."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import quote

from lintbot.github.access import (
    CHECKS,
    FETCH,
    ISSUES,
    READ,
    YOUNG_SECONDS,
    Access,
    make_scope,
)
from lintbot.github.as_app import AppCredentials, AppRequests
from lintbot.github.census import GitHubCensus
from lintbot.github.checks import CheckRuns
from lintbot.github.client import Client, open_session
from lintbot.github.deliveries import HookDeliveries
from lintbot.github.issues import Issues
from lintbot.github.people import may_write
from lintbot.github.pulls import Pulls
from lintbot.github.tokens import InstallationTokens
from lintbot.model.check_run import Annotation, Output, PostedCheckRun
from lintbot.model.ids import LintRunId, Sha
from lintbot.model.issue import Issue
from lintbot.model.lint_run import Conclusion
from lintbot.model.repository import Account
from lintbot.ports import Clock, GitSource, OpenPull, Target


class GitHubForge:
    """GitHub for a lint run; see ``ports.Forge``. Made by :func:`open_github`.

    Args:
        access: to the REST API.
        app_id: ours.
        web_url: the web and git host; no address is ever taken from a payload.
    """

    def __init__(self, access: Access, *, app_id: int, web_url: str) -> None:
        self._access = access
        self._app_id = app_id
        self._web_url = web_url.rstrip("/")

    async def create_check_run(
        self, target: Target, run_id: LintRunId, sha: Sha, details_url: str
    ) -> PostedCheckRun:
        """Create a check run in state ``queued``; after a lost answer, the one that it made."""
        return await self._check_runs(target).create(run_id, sha, details_url)

    async def find_check_run(
        self, target: Target, run_id: LintRunId, sha: Sha
    ) -> PostedCheckRun | None:
        """Find our check run of this commit by its ``external_id``."""
        return await self._check_runs(target).find(run_id, sha)

    async def start_check_run(self, target: Target, check_run_id: int, output: Output) -> None:
        """Show the check run as ``in_progress``."""
        await self._check_runs(target).start(check_run_id, output)

    async def update_check_run(
        self,
        target: Target,
        check_run_id: int,
        output: Output,
        annotations: tuple[Annotation, ...],
        conclusion: Conclusion | None,
    ) -> None:
        """Append at most 50 annotations; with a conclusion, complete the check run."""
        await self._check_runs(target).update(check_run_id, output, annotations, conclusion)

    async def is_private(self, target: Target) -> bool:
        """Tell whether GitHub hides the repository from strangers today."""
        described = await self._access.to(target, READ).get("")
        return described.get("private") is not False

    async def may_write(self, target: Target, account: Account) -> bool:
        """Tell whether GitHub lets somebody write to the repository now."""
        return await may_write(self._access.to(target, READ), account)

    async def find_open_pull(self, target: Target, sha: Sha) -> OpenPull | None:
        """Find the oldest open pull request with this head commit."""
        return await self._pulls(target).find_open(sha)

    async def find_merge_base(self, target: Target, base: str, head: Sha) -> Sha | None:
        """Return where a branch or commit and a commit parted; None if they share nothing."""
        return await self._pulls(target).find_merge_base(base, head)

    async def is_archived(self, target: Target) -> bool:
        """Tell whether the repository is archived."""
        described = await self._access.to(target, FETCH).get("")
        return described.get("archived") is True

    async def put_issue(self, target: Target, issue: Issue) -> None:
        """Make our one issue of the repository say this."""
        access = self._access.to(target, ISSUES)
        await Issues(access=access, app_id=self._app_id).put(issue)

    async def git_source(self, target: Target) -> GitSource:
        """Return an address and a contents:read token for exactly this repository."""
        scope = make_scope(target, FETCH)
        token = await self._access.token(scope)
        if self._access.tokens.age_seconds(token) < YOUNG_SECONDS:
            # Git cannot tell a token that is too young from a repository that is not there.
            await self._access.to(target, FETCH).get("")
            token = await self._access.token(scope)
        path = f"{quote(target.owner, safe='')}/{quote(target.name, safe='')}.git"
        return GitSource(
            repository_id=target.repository_id, url=f"{self._web_url}/{path}", token=token.value
        )

    def _check_runs(self, target: Target) -> CheckRuns:
        access = self._access.to(target, CHECKS)
        return CheckRuns(access=access, app_id=self._app_id, clock=self._access.clock)

    def _pulls(self, target: Target) -> Pulls:
        return Pulls(access=self._access.to(target, READ), repository_id=target.repository_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHub:
    """Everything that is asked of GitHub, over the same connections."""

    forge: GitHubForge
    census: GitHubCensus
    deliveries: HookDeliveries


@asynccontextmanager
async def open_github(
    credentials: AppCredentials,
    *,
    api_url: str,
    web_url: str,
    clock: Clock,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncIterator[GitHub]:
    """Open connections to GitHub on the running event loop, and close them in the end."""
    async with open_session() as session:
        app = AppRequests(Client(session, api_url), credentials)
        tokens = InstallationTokens(app, clock)
        access = Access(session=session, api_url=api_url, tokens=tokens, clock=clock, sleep=sleep)
        yield GitHub(
            forge=GitHubForge(access, app_id=credentials.app_id, web_url=web_url),
            census=GitHubCensus(access=access, requests=app),
            deliveries=HookDeliveries(app),
        )
