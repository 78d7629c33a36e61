"""A worker's handlers that do to a small table what the real ones do to GitHub."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from lintbot.errors import TransientError
from lintbot.model.actions import RequestedAction
from lintbot.model.ids import AccountId, InstallationId, LintRunId
from lintbot.model.jobs import LintJob
from lintbot.model.lint_run import Conclusion, Verdict
from lintbot.model.plans import Share
from lintbot.ports import LintRuns

BATCHES, BATCH = 3, 50


class PretendGitHub:
    """Check runs in a SQLite file of their own: created twice if asked twice, and appending."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._do(
            "CREATE TABLE IF NOT EXISTS check_run (id INTEGER PRIMARY KEY, external_id TEXT, "
            "annotations INTEGER DEFAULT 0, conclusion TEXT, completions INTEGER DEFAULT 0)"
        )

    def find_or_create(self, run_id: str) -> int:
        found = self._do("SELECT id FROM check_run WHERE external_id = ?", run_id)
        if found:
            return int(found[0][0])
        self._do("INSERT INTO check_run (external_id) VALUES (?)", run_id)
        return self.find_or_create(run_id)

    def annotations(self, check: int) -> int:
        return int(self._do("SELECT annotations FROM check_run WHERE id = ?", check)[0][0])

    def append(self, check: int, number: int, conclusion: str | None) -> None:
        self._do(
            "UPDATE check_run SET annotations = annotations + ?, conclusion = "
            "coalesce(?, conclusion), completions = completions + ? WHERE id = ?",
            number,
            conclusion,
            0 if conclusion is None else 1,
            check,
        )

    def all(self) -> list[tuple[str, int, str | None, int]]:
        return self._do("SELECT external_id, annotations, conclusion, completions FROM check_run")

    def _do(self, statement: str, *values: object) -> list[tuple]:  # type: ignore[type-arg]
        with closing(sqlite3.connect(self._file, timeout=20)) as connection, connection:
            return connection.execute(statement, values).fetchall()


class Workshop:
    """Implements ``ports.Handlers``; each piece of work takes ``pace_seconds``."""

    def __init__(self, runs: LintRuns, github: PretendGitHub, pace_seconds: float = 0.0) -> None:
        self.runs = runs
        self.github = github
        self.pace_seconds = pace_seconds
        self.linted: list[str] = []
        self.acted: list[RequestedAction] = []
        self.compared: list[InstallationId] = []
        self.fixable = False
        self.fixed: list[str] = []
        self.shown: list[tuple[str, bool]] = []
        self.followed: list[tuple[AccountId, bool]] = []
        self.billers_absences = 0
        self.reconciled = 0
        self.paying: set[AccountId] = set()

    async def announce(self, job: LintJob) -> None:
        await self._work()
        await asyncio.to_thread(self.github.find_or_create, job.run_id)

    async def share(self, job: LintJob) -> Share:
        return Share.DOUBLE if job.account_id in self.paying else Share.SINGLE

    async def lint(self, job: LintJob) -> bool:
        run = await asyncio.to_thread(self.runs.load, job.run_id)
        if run is None or run.verdict is not None:
            return False
        if await asyncio.to_thread(self.runs.is_superseded, job):
            late = Verdict(conclusion=Conclusion.CANCELLED)
            await asyncio.to_thread(self.runs.decide, job.run_id, late)
            return False
        self.linted.append(job.run_id)
        await self._work()
        verdict = Verdict(conclusion=Conclusion.SUCCESS)
        await asyncio.to_thread(self.runs.decide, job.run_id, verdict)
        return self.fixable

    async def fix(self, job: LintJob) -> bool:
        self.fixed.append(job.run_id)
        return True

    async def show_patch(self, run_id: LintRunId) -> None:
        run = await asyncio.to_thread(self.runs.load, run_id)
        assert run is not None
        self.shown.append((run_id, run.posted_at is not None))

    async def report(self, run_id: LintRunId) -> None:
        run = await asyncio.to_thread(self.runs.load, run_id)
        if run is None or run.verdict is None or run.posted_at is not None:
            return
        check = await asyncio.to_thread(self.github.find_or_create, run_id)
        sent = await asyncio.to_thread(self.github.annotations, check)
        for number in range(sent // BATCH, BATCHES):
            last = run.verdict.conclusion if number == BATCHES - 1 else None
            await self._work()
            await asyncio.to_thread(self.github.append, check, BATCH, last)
        await asyncio.to_thread(self.runs.set_posted, run_id)

    async def act(self, action: RequestedAction) -> None:
        self.acted.append(action)

    async def compare(self, installation_id: InstallationId) -> None:
        self.compared.append(installation_id)

    async def follow_plan(self, account_id: AccountId, *, bought: bool) -> None:
        self.followed.append((account_id, bought))
        if len(self.followed) <= self.billers_absences:
            raise TransientError("the biller is away")

    async def reconcile_plans(self) -> None:
        self.reconciled += 1

    async def close(self, run_id: LintRunId, verdict: Verdict) -> bool:
        return await asyncio.to_thread(self.runs.decide, run_id, verdict)

    async def _work(self) -> None:
        await asyncio.sleep(self.pace_seconds)
