"""Shell: the names that the queue stores, and how each kind of job is enqueued.

These names outlive a deployment: rows with them wait in the database. A workflow whose steps
change gets a new name (``lint_v2``), and the old one stays registered until no row has it.

Seven queues. ``lint`` has slots and shares them among accounts; ``lint_double`` does so among
those whose plan gives them twice as many, for the engine limits all accounts of a queue alike.
``huge`` has one slot more for what takes long, so that it never takes one from the others. ``fix``
makes patches, for which nobody waits. ``plan`` asks the biller. ``post`` does whatever changes a
check run (announce, close, report), one job a lane at a time, and a lint run always has the same
lane: so no two jobs can create one check run twice or append its annotations twice. ``compare``
asks GitHub what there is in an installation, one after the other: that may take minutes.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import msgspec
from dbos import EnqueueOptions

from lintbot.model.actions import RequestedAction
from lintbot.model.ids import AccountId, LintRunId
from lintbot.model.jobs import LintJob
from lintbot.model.lint_run import Conclusion
from lintbot.model.plans import Share

APPLICATION = "lintbot"
VERSION = "1"
"""Pinned: the engine's default, a hash of the code, would strand waiting jobs at each upgrade."""

LINT_QUEUES: Mapping[Share, str] = MappingProxyType(
    {Share.SINGLE: "lint", Share.DOUBLE: "lint_double"}
)
HUGE_QUEUE = "huge"
POST_QUEUE = "post"
COMPARE_QUEUE = "compare"
FIX_QUEUE = "fix"
PLAN_QUEUE = "plan"

LANES = 2
"""Of one repository in the ``post`` queue. The engine takes lanes at random, so no repository keeps
another's check runs waiting, however many of its own wait. Never change it while jobs wait."""
TURN = "/"
"""Parts a lint run's id from the number of its turn, where it gave its slot back meanwhile."""
# Shown to msgspec where one thread imports the module, see store/rows.py.
_JOB = msgspec.json.Decoder(LintJob)
_ACTION = msgspec.json.Decoder(RequestedAction)

ANNOUNCE = "announce_v1"
LINT = "lint_v1"
CLOSE = "close_v1"
REPORT = "report_v1"
ACT = "act_v1"
COMPARE = "compare_v1"
FIX = "fix_v1"
SHOW_PATCH = "show_patch_v1"
FOLLOW_PLAN = "follow_plan_v1"
RECONCILE_PLANS = "reconcile_plans_v1"

RUN_PREFIXES = ("", "announce:", "close:", "report:", "fix:", "show_patch:", "act:")
"""What stands before a lint run's id in the ids of its jobs."""

FOLLOW_PLAN_DELAYS_SECONDS = (0.0, 30.0, 120.0, 600.0)
"""Before the biller is asked, and asked again; after that the hourly round does it."""

ACT_DELAY_SECONDS = 60.0
MAX_ACT_ATTEMPTS = 30
"""Half an hour; whoever pressed the button has looked again by then."""

LIVE = ["ENQUEUED", "PENDING", "DELAYED"]
"""The engine's words for a job that has not ended."""
MAX_COMPARE_ATTEMPTS = 8
FIRST_COMPARE_DELAY_SECONDS = 30.0
"""And twice, four times, … as long: an hour in all. Every half hour all are compared anyway."""
FIRST_RETRY = timedelta(seconds=35)
"""After this, and after twice, four times, … as long, the sweeper tries again. The second time
comes after the minute that GitHub wants nothing when it does not say for how long."""


def announce_options(job: LintJob) -> EnqueueOptions:
    """Enqueue the announcement of a lint run; enqueueing it twice changes nothing."""
    return _post(ANNOUNCE, f"announce:{job.run_id}", job.run_id)


def lint_options(
    job: LintJob, share: Share = Share.SINGLE, *, turn: int = 0, delay_seconds: float = 0.0
) -> EnqueueOptions:
    """Enqueue the linting itself, in its account's share of the slots.

    Args:
        job: what is linted.
        share: what its account's plan gives it of the slots.
        turn: 0, or how often it has given its slot back because GitHub wanted no requests.
        delay_seconds: before this turn.
    """
    options = EnqueueOptions(
        workflow_name=LINT,
        queue_name=HUGE_QUEUE if job.huge else LINT_QUEUES[share],
        workflow_id=f"{job.run_id}{TURN}{turn}" if turn else job.run_id,
        queue_partition_key=str(job.account_id),
        priority=max(1, job.priority),  # the engine refuses 0 and takes "none" before all others
    )
    return {**options, "delay_seconds": delay_seconds} if turn else options


def close_options(run_id: LintRunId, conclusion: Conclusion, attempt: int = 0) -> EnqueueOptions:
    """Enqueue the end of a lint run from outside."""
    return _post(CLOSE, f"close:{run_id}:{conclusion}:{attempt}", run_id)


def report_options(run_id: LintRunId, attempt: int = 0) -> EnqueueOptions:
    """Enqueue the posting of a stored verdict; there is one first report, whoever asks for it."""
    return _post(REPORT, f"report:{run_id}:{attempt}", run_id)


def fix_options(job: LintJob) -> EnqueueOptions:
    """Enqueue the making of a patch; the accounts take turns."""
    return EnqueueOptions(
        workflow_name=FIX,
        queue_name=FIX_QUEUE,
        workflow_id=f"fix:{job.run_id}",
        queue_partition_key=str(job.account_id),
    )


def show_patch_options(run_id: LintRunId) -> EnqueueOptions:
    """Enqueue the showing of a patch, after the report."""
    return _post(SHOW_PATCH, f"show_patch:{run_id}", run_id)


def act_options(action: RequestedAction, attempt: int = 0) -> EnqueueOptions:
    """Enqueue what a person asked for; a later attempt waits a minute."""
    press = f"{action.action}:{action.sender_id}:{action.requested_at.timestamp()}"
    options = _post(ACT, f"act:{action.run_id}:{press}:{attempt}", action.run_id)
    return options if attempt == 0 else {**options, "delay_seconds": ACT_DELAY_SECONDS}


def compare_options(installation_id: int, asked_at: str, attempt: int = 0) -> EnqueueOptions:
    """Enqueue a look at an installation's repositories; a later attempt waits longer."""
    options = EnqueueOptions(
        workflow_name=COMPARE,
        queue_name=COMPARE_QUEUE,
        workflow_id=f"compare:{installation_id}:{asked_at}:{attempt}",
    )
    delay = FIRST_COMPARE_DELAY_SECONDS * 2 ** (attempt - 1)
    return options if attempt == 0 else {**options, "delay_seconds": delay}


def follow_plan_options(account_id: AccountId, occasion: str, attempt: int = 0) -> EnqueueOptions:
    """Enqueue asking the biller about one account; the same occasion twice is one."""
    options = EnqueueOptions(
        workflow_name=FOLLOW_PLAN,
        queue_name=PLAN_QUEUE,
        workflow_id=f"plan:{account_id}:{occasion}:{attempt}",
    )
    delay = FOLLOW_PLAN_DELAYS_SECONDS[attempt]
    return {**options, "delay_seconds": delay} if delay else options


def reconcile_plans_options(hour: int) -> EnqueueOptions:
    """Enqueue asking the biller about all accounts, once an hour (since 1970)."""
    return EnqueueOptions(
        workflow_name=RECONCILE_PLANS, queue_name=PLAN_QUEUE, workflow_id=f"plans:{hour}"
    )


def _post(name: str, workflow_id: str, run_id: LintRunId) -> EnqueueOptions:
    repository = run_id.split(":")[1]
    return EnqueueOptions(
        workflow_name=name,
        queue_name=POST_QUEUE,
        workflow_id=workflow_id,
        queue_partition_key=f"{repository}:{zlib.crc32(run_id.encode()) % LANES}",
    )


def retry_number(waiting: timedelta) -> int:
    """Return which retry is due: 0 at first, 1 after 35 s, 2 after 70 s, 3 after 140 s.

    Every worker comes to the same number, so a retry enqueued by several is one.
    """
    return int(waiting / FIRST_RETRY).bit_length()


def make_reference(run_id: str) -> str:
    """Return eight digits under which a person finds this lint run in the log."""
    return hashlib.sha256(run_id.encode()).hexdigest()[:8]


def encode_action(action: RequestedAction) -> dict[str, Any]:
    """Return what a person asked for as plain JSON."""
    encoded: dict[str, Any] = msgspec.to_builtins(action)
    return encoded


def decode_action(encoded: dict[str, Any]) -> RequestedAction:
    """Return what a person asked for."""
    return msgspec.convert(encoded, _ACTION.type)


def encode_job(job: LintJob) -> dict[str, Any]:
    """Return a job as plain JSON: what may lie in the queue for long."""
    encoded: dict[str, Any] = msgspec.to_builtins(job)
    return encoded


def decode_job(encoded: dict[str, Any]) -> LintJob:
    """Return the job of plain JSON."""
    return msgspec.convert(encoded, _JOB.type)
