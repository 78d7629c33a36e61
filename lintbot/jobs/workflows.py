"""Shell: what happens to a lint run, as durable workflows; each of them may run twice.

announce ─► lint ─► report        close ─► report        act
              └───► fix ─► show_patch

The engine remembers the results of steps, so that a recovered workflow need not do them again.
Here every workflow has one thing to do, that does no harm when it is done again, before it
enqueues the next one; so steps would only cost transactions. Linting is a step because only a
step can be cancelled while it runs.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from dbos import DBOS

from lintbot.errors import LintbotError, TransientError
from lintbot.jobs.bell import Bell
from lintbot.jobs.names import (
    ACT,
    ANNOUNCE,
    CLOSE,
    COMPARE,
    FIX,
    LINT,
    MAX_ACT_ATTEMPTS,
    MAX_COMPARE_ATTEMPTS,
    REPORT,
    SHOW_PATCH,
    act_options,
    compare_options,
    decode_action,
    decode_job,
    fix_options,
    lint_options,
    make_reference,
    report_options,
    show_patch_options,
)
from lintbot.jobs.patience import delay_seconds, persist
from lintbot.jobs.plans import register_plans
from lintbot.jobs.stop import stop_lint
from lintbot.model.ids import InstallationId, LintRunId
from lintbot.model.jobs import LintJob
from lintbot.model.lint_run import Conclusion, Verdict
from lintbot.model.plans import Share
from lintbot.ports import Handlers

_log = logging.getLogger(__name__)

FAILED = "lintbot failed unexpectedly."
MAX_RECOVERIES = 5
"""A job that takes its worker down this often is given up (``sweep`` closes it)."""
MAX_FAILURES = 3
"""Unexpected errors of one lint run before it is given up."""
ANNOUNCE_PATIENCE_SECONDS = 4.0
REPORT_PATIENCE_SECONDS = 8.0
ACT_PATIENCE_SECONDS = 4.0
COMPARE_PATIENCE_SECONDS = 4.0
"""Then ``sweep`` tries again later, so that others in the same lane need not wait."""
FIX_SECONDS = 300.0
"""For a patch; then there is none."""
MAX_HELD_SECONDS = 3.0
"""A lint job that must wait longer for GitHub lets others have its slot."""
JSON = dict[str, Any]


def register(handlers: Handlers, bell: Bell) -> set[asyncio.Task[object]]:
    """Tell the engine what its workflows do. Call it before the engine starts.

    Args:
        handlers: do the work.
        bell: rung when a workflow has enqueued what somebody waits for.

    Returns:
        The steps that are under way, now and later, so that they can be cancelled.
    """
    steps = _Steps(handlers, set())

    async def enqueue_report(run_id: str) -> None:
        options = report_options(LintRunId(run_id))
        await DBOS.enqueue_workflow_with_options_async(options, run_id)
        bell.ring(options["queue_name"])

    @DBOS.workflow(name=ANNOUNCE, max_recovery_attempts=MAX_RECOVERIES)
    async def announce(encoded: JSON) -> None:
        await steps.announce(encoded)
        job = decode_job(encoded)
        options = lint_options(job, await steps.share(job))
        await DBOS.enqueue_workflow_with_options_async(options, encoded)
        bell.ring(options["queue_name"])

    @DBOS.workflow(name=LINT, max_recovery_attempts=MAX_RECOVERIES)
    async def lint(encoded: JSON, turn: int = 0) -> None:
        ended = await DBOS.run_step_async(
            {"name": "lint", "preemptible": True}, steps.lint, encoded, turn
        )
        if isinstance(ended, float):
            job = decode_job(encoded)
            share = await steps.share(job)
            options = lint_options(job, share, turn=turn + 1, delay_seconds=ended)
            await DBOS.enqueue_workflow_with_options_async(options, encoded, turn + 1)
            return
        await enqueue_report(encoded["run_id"])
        if ended:
            options = fix_options(decode_job(encoded))
            await DBOS.enqueue_workflow_with_options_async(options, encoded)

    @DBOS.workflow(name=CLOSE, max_recovery_attempts=MAX_RECOVERIES)
    async def close(run_id: str, conclusion: str, reason: str, reference: str) -> None:
        await steps.close(run_id, conclusion, reason, reference)
        await DBOS.run_step_async({"name": "stop_lint"}, stop_lint, run_id)
        await enqueue_report(run_id)

    @DBOS.workflow(name=REPORT, max_recovery_attempts=MAX_RECOVERIES)
    async def report(run_id: str) -> None:
        await steps.report(run_id)

    _register_extras(steps)
    register_plans(handlers)
    return steps.under_way


def _register_extras(steps: _Steps) -> None:
    """Register what no verdict waits for: patches, buttons, and looks for what was missed."""

    @DBOS.workflow(name=FIX, max_recovery_attempts=MAX_RECOVERIES)
    async def fix(encoded: JSON) -> None:
        if await steps.fix(encoded):
            options = show_patch_options(LintRunId(encoded["run_id"]))
            await DBOS.enqueue_workflow_with_options_async(options, encoded["run_id"])

    @DBOS.workflow(name=SHOW_PATCH, max_recovery_attempts=MAX_RECOVERIES)
    async def show_patch(run_id: str) -> None:
        await steps.show_patch(run_id)

    @DBOS.workflow(name=ACT, max_recovery_attempts=MAX_RECOVERIES)
    async def act(encoded: JSON, attempt: int) -> None:
        if not await steps.act(encoded) and attempt < MAX_ACT_ATTEMPTS:
            options = act_options(decode_action(encoded), attempt + 1)
            await DBOS.enqueue_workflow_with_options_async(options, encoded, attempt + 1)

    @DBOS.workflow(name=COMPARE, max_recovery_attempts=MAX_RECOVERIES)
    async def compare(installation_id: int, asked_at: str, attempt: int) -> None:
        done = await steps.compare(InstallationId(installation_id))
        if not done and attempt < MAX_COMPARE_ATTEMPTS:
            options = compare_options(installation_id, asked_at, attempt + 1)
            arguments = (installation_id, asked_at, attempt + 1)
            await DBOS.enqueue_workflow_with_options_async(options, *arguments)


@dataclass(frozen=True, slots=True)
class _Steps:
    """The steps: a handler each, with the patience it deserves."""

    handlers: Handlers
    under_way: set[asyncio.Task[object]]

    async def announce(self, encoded: JSON) -> None:
        """Show the check run; when GitHub is down it will be created with the report."""
        job = decode_job(encoded)
        with self._noted():
            await _attempt(
                lambda: self.handlers.announce(job),
                "announce",
                job.run_id,
                ANNOUNCE_PATIENCE_SECONDS,
            )

    async def share(self, job: LintJob) -> Share:
        """Return what its account may have of the slots; what all may, if that is not known."""
        try:
            return await self.handlers.share(job)
        except Exception:  # noqa: BLE001  it is linted all the same
            _log_failure("share", job.run_id)
            return Share.SINGLE

    async def lint(self, encoded: JSON, turn: int) -> bool | float:
        """Lint; whatever happens, there is a verdict in the end.

        Returns:
            Whether a patch may be made; or after how many seconds to try again, when it is
            better to let others have the slot until then.
        """
        job = decode_job(encoded)
        reference = make_reference(job.run_id)
        failed = Verdict(conclusion=Conclusion.NEUTRAL, reason=FAILED, reference=reference)
        with self._noted():
            ended = await self._lint(job, turn)
            if not isinstance(ended, float) and await self.handlers.close(job.run_id, failed):
                fields = {"run_id": job.run_id, "reference": reference}
                _log.error("a lint job ended without a verdict", extra=fields)
            return ended

    async def _lint(self, job: LintJob, waits: int) -> bool | float:
        """Lint until it succeeds, or until it is clear that it does not."""
        failures = 0
        while failures < MAX_FAILURES:
            try:
                return await self.handlers.lint(job)
            except TransientError as error:
                _log.warning("lint put off: %s", error, extra={"run_id": job.run_id})
                # Without end: the deadline closes the run and cancels what waits.
                delay = delay_seconds(error, waits)
                waits += 1
                if delay > MAX_HELD_SECONDS:
                    return float(delay)
                await asyncio.sleep(delay)
            except Exception:  # noqa: BLE001  a bug must end in a verdict
                failures += 1
                _log_failure("lint", job.run_id)
        return False

    async def close(self, run_id: str, conclusion: str, reason: str, reference: str) -> None:
        """Store a verdict unless there is one; whose it is does not matter here."""
        verdict = Verdict(conclusion=Conclusion(conclusion), reason=reason, reference=reference)
        with self._noted():
            await self.handlers.close(LintRunId(run_id), verdict)

    async def report(self, run_id: str) -> None:
        """Post the stored verdict; if that fails, ``sweep`` asks for it again."""
        with self._noted():
            await _attempt(
                lambda: self.handlers.report(LintRunId(run_id)),
                "report",
                run_id,
                REPORT_PATIENCE_SECONDS,
            )

    async def fix(self, encoded: JSON) -> bool:
        """Make a patch; without one, what is promised holds all the same."""
        job = decode_job(encoded)
        with self._noted():
            try:
                async with asyncio.timeout(FIX_SECONDS):
                    return await self.handlers.fix(job)
            except (LintbotError, TimeoutError) as error:
                _log.warning("no patch: %s", error, extra={"run_id": job.run_id})
            except Exception:  # noqa: BLE001  the verdict stands without it
                _log_failure("fix", job.run_id)
        return False

    async def show_patch(self, run_id: str) -> None:
        """Show a patch beside the verdict; without GitHub's answer it is on the page only."""
        with self._noted():
            await _attempt(
                lambda: self.handlers.show_patch(LintRunId(run_id)),
                "show_patch",
                run_id,
                REPORT_PATIENCE_SECONDS,
            )

    async def act(self, encoded: JSON) -> bool:
        """Do what a person asked for; tell whether that is settled, one way or the other."""
        action = decode_action(encoded)
        with self._noted():
            return await _attempt(
                lambda: self.handlers.act(action), "act", action.run_id, ACT_PATIENCE_SECONDS
            )

    async def compare(self, installation_id: InstallationId) -> bool:
        """Look at what there is in an installation; tell whether that is settled."""
        with self._noted():
            return await _attempt(
                lambda: self.handlers.compare(installation_id),
                "compare",
                f"installation {installation_id}",
                COMPARE_PATIENCE_SECONDS,
            )

    @contextmanager
    def _noted(self) -> Iterator[None]:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  a coroutine runs in a task
        self.under_way.add(task)
        try:
            yield
        finally:
            self.under_way.discard(task)


async def _attempt(
    call: Callable[[], Awaitable[None]], what: str, run_id: str, patience_seconds: float
) -> bool:
    """Call with patience; log whatever goes wrong, for the next step must not depend on it.

    Returns:
        False when it may succeed later.
    """
    try:
        return await persist(call, what, run_id, patience_seconds)
    except LintbotError as error:
        _log.warning("%s failed: %s", what, error, extra={"run_id": run_id})
    except Exception:  # noqa: BLE001  a bug must end in a verdict
        _log_failure(what, run_id)
    return True


def _log_failure(what: str, run_id: str) -> None:
    """Log the exception at hand under the run's reference number."""
    fields = {"run_id": run_id, "reference": make_reference(run_id)}
    _log.exception("%s failed", what, extra=fields)
