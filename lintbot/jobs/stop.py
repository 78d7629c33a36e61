"""Shell: a lint job is taken out of the queue, wherever it is in it."""

from __future__ import annotations

import asyncio

from dbos import DBOS

from lintbot.jobs.names import LIVE, TURN

PREEMPTION_SECONDS = 1.5
"""A running lint step notices within a second that its job was cancelled."""


async def stop_lint(run_id: str) -> None:
    """Take a lint job out of the queue; wait until a running one has let go of GitHub."""
    found = await DBOS.get_workflow_status_async(run_id)
    status = None if found is None else found.status
    await DBOS.cancel_workflow_async(run_id)
    if status == "SUCCESS":  # it may have given its slot back
        later = await DBOS.list_workflows_async(
            workflow_id_prefix=run_id + TURN, status=LIVE, load_input=False, load_output=False
        )
        for turn in later:
            status = turn.status
            await DBOS.cancel_workflow_async(turn.workflow_id)
    if status == "PENDING":
        await asyncio.sleep(PREEMPTION_SECONDS)
