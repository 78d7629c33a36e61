"""Findings shown while a lint run goes on: text only, and nothing after the verdict."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import pytest

from lintbot.early import EarlyReport
from lintbot.errors import TransientError
from lintbot.model.early import EarlyFindings
from lintbot.model.lint import LintResult
from lintbot.model.lint_run import LintRun, Stage
from lintbot.report.check_run import MAX_EARLY, make_early
from lintbot.report.publish import Publisher
from tests.support.findings import a_result
from tests.support.report_fakes import FakeForge, FakePatches, FakeRuns
from tests.support.report_values import a_finding, a_judgement, a_repository, a_run

EARLY = EarlyFindings(findings=(a_finding(3),), compared=True, running=("pylint", "mypy"))
RUNNING = replace(a_run(None), verdict=None, stage=Stage.LINT)


def a_publisher(forge: FakeForge, run: LintRun = RUNNING) -> Publisher:
    return Publisher(
        forge=forge,
        runs=FakeRuns(run, a_repository()),
        patches=FakePatches(),
        public_url="https://lint.example",
    )


async def test_early_findings_are_text_and_the_check_run_goes_on() -> None:
    forge = FakeForge()
    publisher = a_publisher(forge)
    await publisher.start(RUNNING.job)
    await publisher.show_early(RUNNING.job, EARLY)
    (check_run,) = forge.check_runs
    assert (check_run.status, check_run.annotations) == ("in_progress", [])
    assert check_run.output is not None
    assert check_run.output.title == "Linting · 1 new finding so far"
    assert "`src/shelf.py:3` warning `pylint W0611" in check_run.output.summary
    assert "pylint and mypy still to come" in check_run.output.summary


async def test_early_findings_are_only_shown_while_they_are_early() -> None:
    forge = FakeForge()
    for run in (RUNNING, replace(a_run(a_judgement()), check_run_id=1)):
        await a_publisher(forge, run).show_early(run.job, EARLY)
    assert forge.requests == 0


async def test_a_github_that_is_away_is_no_reason_to_stop() -> None:
    def fail(_request: int) -> None:
        raise TransientError("down")

    await a_publisher(FakeForge(before=fail), replace(RUNNING, check_run_id=1)).show_early(
        RUNNING.job, EARLY
    )


def test_many_early_findings_are_cut_and_said() -> None:
    many = tuple(a_finding(line) for line in range(1, MAX_EARLY + 3))
    output = make_early(
        RUNNING, EarlyFindings(findings=many, compared=False, running=()), "https://x.example"
    )
    assert output.title == f"Linting · {MAX_EARLY + 2} findings in changed files so far"
    assert output.summary.endswith("- … and 2 more")
    assert "the commit to compare with still to come" in output.summary


async def find(part: LintResult, running: tuple[str, ...]) -> EarlyFindings:
    """Find as many as the part has lines."""
    found = tuple(a_finding(line) for line in range(1, part.code_lines + 1))
    return EarlyFindings(findings=found, compared=True, running=running)


class Shown:
    """Remembers what was shown; the first time takes until it is let go."""

    def __init__(self) -> None:
        self.began, self.may_end, self.ended = (asyncio.Event() for _ in range(3))
        self.counts: list[int] = []

    async def show(self, early: EarlyFindings) -> None:
        self.began.set()
        await self.may_end.wait()
        self.counts.append(len(early.findings))
        self.ended.set()


async def test_a_lint_run_that_ends_soon_says_everything_at_once() -> None:
    shown = Shown()
    async with EarlyReport(find, shown.show, after_seconds=60) as early:
        early.tell(a_result(), ("pylint",))
    async with EarlyReport(find, shown.show):
        pass
    assert not shown.began.is_set()


async def test_nothing_is_on_its_way_any_more_when_the_verdict_is() -> None:
    shown = Shown()
    async with EarlyReport(find, shown.show, after_seconds=0, every_seconds=60) as early:
        early.tell(a_result(code_lines=1), ("pylint", "ruff"))
        await shown.began.wait()
        early.tell(a_result(code_lines=2), ("pylint",))
        asyncio.get_running_loop().call_later(0.01, shown.may_end.set)
    assert shown.counts == [1]


async def test_the_verdict_does_not_wait_for_what_is_only_looked_for() -> None:
    shown, looking = Shown(), asyncio.Event()

    async def look_for_ever(_part: LintResult, _running: tuple[str, ...]) -> None:
        looking.set()
        await asyncio.Event().wait()

    async with EarlyReport(look_for_ever, shown.show, after_seconds=0) as early:
        early.tell(a_result(), ())
        await looking.wait()
    assert not shown.began.is_set()


async def test_the_newest_part_is_shown_again_and_again_and_nothing_is_not() -> None:
    shown = Shown()
    shown.may_end.set()
    async with EarlyReport(find, shown.show, after_seconds=0, every_seconds=0) as early:
        for lines in (1, 0, 3):
            early.tell(a_result(code_lines=lines), ())
            if lines:
                await shown.ended.wait()
                shown.ended.clear()
    assert shown.counts == [1, 3]


async def test_a_bug_in_showing_ends_in_the_log_alone(caplog: pytest.LogCaptureFixture) -> None:
    failed = asyncio.Event()

    async def fail(_early: EarlyFindings) -> None:
        failed.set()
        raise ZeroDivisionError

    async with EarlyReport(find, fail, after_seconds=0) as early:
        early.tell(a_result(), ())
        await failed.wait()
        await asyncio.sleep(0)
    (record,) = [it for it in caplog.records if it.levelno == logging.ERROR]
    assert record.exc_info is not None
