"""Shell: the sandbox: finds the strongest tier that holds, runs jobs in it, refuses without one."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from lintbot.errors import SandboxUnavailableError, ToolSetError
from lintbot.model.known_tools import Kit
from lintbot.ports import Ending, SandboxJob, SandboxResult
from lintbot.sandbox.jail.kernel import hide_process
from lintbot.sandbox.job_run import run_job
from lintbot.sandbox.job_server import JobServer
from lintbot.sandbox.launch import SANDBOX_USER, Launcher
from lintbot.sandbox.limits import Limits
from lintbot.sandbox.probe import check_server
from lintbot.sandbox.requests import make_request
from lintbot.sandbox.servers import JOBS_PER_SERVER, FreshServers, Servers, SharedServers
from lintbot.sandbox.set_check import try_set
from lintbot.sandbox.set_servers import SetServers
from lintbot.sandbox.tiers import LAYERS, Tier
from lintbot.sandbox.tool_sets import PreparedSets
from lintbot.sandbox.toolenv import ToolEnvironment, prepare_tools

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class TierReport:
    """What the last self-test found out about one tier.

    Attributes:
        words: its layers if it holds, else why it does not.
    """

    tier: Tier
    holds: bool
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a sandbox is set up.

    Attributes:
        tiers: to try, strongest first.
        checkouts: the folder below which every job's root lies.
        tools_folder: where tool environments are kept; outside ``checkouts``.
        tools: the linters to hold ready.
        source: see ``Launcher``.
        warm: import the linters before the first job.
        index_url: where other versions of the tools come from; empty: as pip is set up.
    """

    tiers: tuple[Tier, ...]
    checkouts: Path
    tools_folder: Path
    limits: Limits
    tools: tuple[str, ...]
    source: Path | None = None
    warm: bool = True
    jobs_per_server: int = JOBS_PER_SERVER
    index_url: str = ""


class LayeredSandbox:
    """Runs commands over untrusted files; see ``ports.Sandbox``.

    ``start`` it before use and ``aclose`` it after; ``probe`` it now and then.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._tools: ToolEnvironment | None = None
        self._servers: Servers | None = None
        self._tier: Tier | None = None
        self._reports: tuple[TierReport, ...] = ()
        self._probing = asyncio.Lock()
        self._set_servers = SetServers(self._make_set_servers)
        self.tool_sets = PreparedSets(
            options.tools_folder, index_url=options.index_url, check=self._try_set
        )

    @property
    def tier(self) -> Tier | None:
        """The tier that jobs run in; None: no tier holds, so none runs."""
        return self._tier

    @property
    def tool_versions(self) -> Mapping[str, str]:
        """The version of each linter, once started."""
        return self._tools.versions if self._tools else {}

    def describe(self) -> tuple[TierReport, ...]:
        """Return what the last self-test found, in the order it was tried."""
        return self._reports

    async def start(self) -> None:
        """Build the tool environment if needed and find a tier; without one, jobs are refused.

        From then on this process is closed to others of the same user.

        Raises:
            SandboxUnavailableError: the linters are not installed.
        """
        hide_process()
        options = self._options
        self._tools = await asyncio.to_thread(prepare_tools, options.tools_folder, options.tools)
        await self.probe()

    async def aclose(self) -> None:
        """Kill every job and end the servers."""
        await self.tool_sets.aclose()
        await self._end_servers()

    async def _end_servers(self) -> None:
        await self._set_servers.close()
        if self._servers is not None:
            await self._servers.close()
        self._servers, self._tier = None, None

    async def probe(self) -> Tier | None:
        """Self-test the tier in use; if it does not hold (any more), find one that does."""
        async with self._probing:
            if self._tier and self._servers and await self._try(self._tier, self._servers):
                return self._tier
            await self._end_servers()
            self._reports = ()
            for tier in self._options.tiers:
                servers = self._make_servers(tier)
                if await self._try(tier, servers):
                    self._servers, self._tier = servers, tier
                    break
                await servers.close()
            self._log()
            return self._tier

    async def run(self, job: SandboxJob) -> SandboxResult:
        """Run one command. Cancelling the call kills it.

        Raises:
            SandboxUnavailableError: no tier holds on this machine.
            ValueError: the job's root is not below the folder of the checkouts.
        """
        if self._servers is None:
            raise SandboxUnavailableError(self._why_not())
        if ".." in job.root.parts or not job.root.is_relative_to(self._options.checkouts):
            raise ValueError("a job's root lies below the folder of the checkouts")
        placed = replace(job, root=self.place(job.root))
        body = make_request(placed, self._options.limits, self._counted_user())
        try:
            async with self._borrow(job.tool_set) as servers, servers.lend(job.root) as server:
                return await run_job(server, body, self._options.limits, job.timeout_seconds)
        except ToolSetError as error:
            return _not_started(str(error))
        except SandboxUnavailableError as error:
            if job.tool_set:  # which says nothing about the sandbox itself
                return _not_started(str(error))
            await self._refuse(error)
            raise

    def _borrow(self, tool_set: str) -> AbstractAsyncContextManager[Servers]:
        if tool_set:
            return self._set_servers.borrow(tool_set)
        if self._servers is None:
            raise SandboxUnavailableError(self._why_not())
        return nullcontext(self._servers)

    def place(self, checkout: Path) -> Path:
        """Return where a job finds a checkout in the tier in use."""
        return checkout if self._tier is None else self._make_launcher(self._tier).place(checkout)

    def _make_launcher(self, tier: Tier, tools: ToolEnvironment | None = None) -> Launcher:
        options = self._options
        tools = tools or self._tools
        if tools is None:
            raise SandboxUnavailableError("the sandbox was not started")
        return Launcher(
            tier=tier,
            tools=tools,
            checkouts=options.checkouts,
            source=options.source,
            # What is held ready knows the server's own versions only.
            warm=options.warm and tools is self._tools,
        )

    def _make_set_servers(self, key: str) -> Servers:
        if self._tier is None:
            raise SandboxUnavailableError(self._why_not())
        return self._make_servers(self._tier, self.tool_sets.open(key))

    async def _try_set(self, key: str, kit: Kit) -> None:
        await try_set(self, self._options.checkouts, key, kit)

    def _make_servers(self, tier: Tier, tools: ToolEnvironment | None = None) -> Servers:
        options, launcher = self._options, self._make_launcher(tier, tools)
        check = partial(_check, launcher=launcher, limits=options.limits)
        if LAYERS[tier].shared:
            return SharedServers(launcher, check=check, jobs_per_server=options.jobs_per_server)
        return FreshServers(launcher, check=check)

    async def _try(self, tier: Tier, servers: Servers) -> bool:
        try:
            await servers.check()
        except SandboxUnavailableError as error:
            self._report(TierReport(tier=tier, holds=False, words=str(error)))
            return False
        self._report(TierReport(tier=tier, holds=True, words=LAYERS[tier].words))
        return True

    def _report(self, report: TierReport) -> None:
        others = (other for other in self._reports if other.tier is not report.tier)
        self._reports = (*others, report)

    def _log(self) -> None:
        if self._tier is Tier.NONE:
            LOG.warning("no sandbox: only lint code that you trust (LINTBOT_SANDBOX=none)")
        elif self._tier is None:
            LOG.error("no sandbox on this server, so nothing is linted: %s", self._why_not())
        else:
            LOG.info("sandbox tier %s: %s", self._tier, LAYERS[self._tier].words)

    def _why_not(self) -> str:
        words = "; ".join(f"tier {report.tier}: {report.words}" for report in self._reports)
        return words or "the sandbox was not started"

    def _counted_user(self) -> int | None:
        if self._tier is Tier.NONE:
            return None
        return SANDBOX_USER if os.geteuid() == 0 else os.geteuid()

    async def _refuse(self, error: SandboxUnavailableError) -> None:
        """Stop linting until a probe finds a tier again."""
        if self._tier is not None:
            self._report(TierReport(tier=self._tier, holds=False, words=str(error)))
        await self._end_servers()
        self._log()


def _not_started(why: str) -> SandboxResult:
    return SandboxResult(
        ending=Ending.KILLED,
        exit_code=None,
        stdout=b"",
        stderr=b"",
        reason=f"the pinned version did not start: {why}",
    )


async def _check(server: JobServer, launcher: Launcher, limits: Limits) -> None:
    if launcher.tier is not Tier.NONE:
        await check_server(server, launcher, limits)
