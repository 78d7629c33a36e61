"""Starts web and worker, kills them, and counts what came out."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from dbos import DBOSClient

from lintbot.model.ids import LintRunId
from lintbot.store.database import Database
from lintbot.store.lint_runs import StoredLintRuns
from tests.support.deliveries import RealClock
from tests.support.workshop import BATCH, BATCHES, PretendGitHub

_PROGRAM = "tests.support.processes"


@dataclass
class Chaos:
    """One database, one pretended GitHub, and processes that come and go."""

    url: str
    folder: Path
    accepted: list[LintRunId] = field(default_factory=list)
    executor_id: str = ""
    _next: int = 1

    def __post_init__(self) -> None:
        self.github = PretendGitHub(self.folder / "github.sqlite")
        self.database = Database(self.url)
        self.runs = StoredLintRuns(self.database, RealClock())

    @contextmanager
    def process(self, role: str, *options: str) -> Iterator[subprocess.Popen[str]]:
        """Run a process; kill it, and whatever it started, at the end."""
        with self._output(role).open("a") as errors:
            process = subprocess.Popen(
                [sys.executable, "-m", _PROGRAM, role, self.url, str(self.folder), *options],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            assert process.stdout is not None
            process.stdout.close()

    @contextmanager
    def worker(self, *options: str) -> Iterator[subprocess.Popen[str]]:
        """Run a worker; go on when it takes jobs."""
        with self.process("worker", *options) as process:
            ready = _stdout(process).readline()
            assert ready.startswith("ready"), self._output("worker").read_text()[-3000:]
            self.executor_id = ready.split()[1]
            yield process

    def accept_for(self, seconds: float) -> None:
        """Run a web process and kill it after a while; remember what it acknowledged."""
        with self.process("web", "--first", str(self._next)) as process:
            first = _stdout(process).readline()
            time.sleep(seconds)
            os.killpg(process.pid, signal.SIGKILL)
            lines = [first, *_stdout(process)]
        acknowledged = [LintRunId(line.strip()) for line in lines if line.endswith("\n")]
        assert acknowledged, self._output("web").read_text()[-3000:]
        self.accepted += acknowledged
        self._next += len(acknowledged) + 1  # one may be stored and not acknowledged

    def wait_until_posted(self, seconds: float) -> float:
        """Wait until every acknowledged push has its report; return how long it took."""
        started = time.monotonic()
        while waiting := [run_id for run_id in self.accepted if not self.is_posted(run_id)]:
            if time.monotonic() - started > seconds:
                log = self._output("worker").read_text()[-3000:]
                raise AssertionError(f"still open after {seconds} s: {waiting}\n{log}")
            time.sleep(0.1)
        return time.monotonic() - started

    def is_posted(self, run_id: LintRunId) -> bool:
        run = self.runs.load(run_id)
        return run is not None and run.posted_at is not None

    def check(self) -> None:
        """Every accepted push: one check run, completed once, no annotation lost or doubled."""
        seen = self.github.all()
        ids = [row[0] for row in seen]
        assert len(ids) == len(set(ids)), "a check run was created twice"
        assert set(self.accepted) <= set(ids), "an accepted push has no check run"
        wrong = [row for row in seen if row[0] in set(self.accepted) and not _is_whole(row)]
        assert wrong == [], "not completed exactly once with every annotation once"

    def count_pending(self) -> int:
        """Return how many jobs the engine holds to be under way."""
        client = DBOSClient(system_database_url=self.url)
        try:
            return len(client.list_workflows(status="PENDING"))
        finally:
            client.destroy()

    def close(self) -> None:
        self.database.close()

    def _output(self, role: str) -> Path:
        return self.folder / f"{role}.log"


def _is_whole(row: tuple[str, int, str | None, int]) -> bool:
    _, annotations, conclusion, completions = row
    return (annotations, completions) == (BATCH * BATCHES, 1) and conclusion is not None


def _stdout(process: subprocess.Popen[str]) -> IO[str]:
    assert process.stdout is not None
    return process.stdout


def kill_at_random(chaos: Chaos, kills: int, *, seed: int) -> None:
    """Let pushes come in while web and worker are killed again and again."""
    dice = random.Random(seed)
    for _ in range(kills):
        with chaos.worker("--dead-after", "4") as worker:
            chaos.accept_for(dice.uniform(0.1, 0.5))
            time.sleep(dice.uniform(0.0, 0.6))
            os.killpg(worker.pid, signal.SIGKILL)
