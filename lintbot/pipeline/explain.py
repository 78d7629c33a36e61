"""Shell: asks the tools in the sandbox what their rules mean, once for each version."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path

from lintbot.model.source import Explanation
from lintbot.pipeline.tools.explain import EXPLAINERS, Explainer
from lintbot.ports import Ending, Explanations, Profile, Sandbox, SandboxJob

_log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 60.0


async def keep_explanations(
    sandbox: Sandbox, empty: Path, versions: Mapping[str, str], kept: Explanations
) -> None:
    """Store what the tools say of their rules, unless this version's words are stored already.

    Args:
        sandbox: where the tools are.
        empty: an empty folder below that of the checkouts: no repository has a say in it.
        versions: tool name to version, as they are in the sandbox.
        kept: where the words are stored.

    Raises:
        SandboxUnavailableError: no sandbox holds.
        TransientError: the database is out of reach.
    """
    for tool, explainer in EXPLAINERS.items():
        version = versions.get(tool)
        if version is None or await asyncio.to_thread(kept.knows, tool, version):
            continue
        found = await _ask(sandbox, empty, explainer, version)
        if found:
            await asyncio.to_thread(kept.save, found)
        else:
            _log.warning("a tool does not explain its rules", extra={"tool": tool})


async def _ask(
    sandbox: Sandbox, empty: Path, explainer: Explainer, version: str
) -> tuple[Explanation, ...]:
    job = SandboxJob(
        argv=explainer.argv,
        root=empty,
        timeout_seconds=TIMEOUT_SECONDS,
        profile=Profile.THREADS if explainer.threads else Profile.SINGLE,
    )
    result = await sandbox.run(job)
    if result.ending is not Ending.EXITED or result.exit_code != 0:
        return ()
    return explainer.parse(result.stdout.decode(errors="replace"), version)
