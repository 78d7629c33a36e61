"""Shell: the sandbox, for work that can wait."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lintbot.ports import Sandbox, SandboxJob, SandboxResult


@dataclass(frozen=True, slots=True)
class GivingWay:
    """Implements ``ports.Sandbox``: its jobs have the processors only while nobody wants them."""

    sandbox: Sandbox

    async def run(self, job: SandboxJob) -> SandboxResult:
        """Run one command. Cancelling the call kills it.

        Raises:
            SandboxUnavailableError: no tier holds on this machine.
        """
        return await self.sandbox.run(replace(job, gives_way=True))
