"""kill -9 against the whole App: real processes, real git, real sandbox, real linters."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import sqlalchemy as sa

from lintbot.model.lint_run import Stage
from lintbot.standin.faults import Fault
from lintbot.standin.state import CheckRun, Repository
from lintbot.store.database import Database
from lintbot.store.tables import lint_run
from tests.support.app import (
    Deployment,
    Running,
    count_doubled,
    until,
    write_commit,
)
from tests.support.github import git

LINES = 60
"""Each is found by pylint and by flake8: so a report takes three requests."""
ANNOTATIONS = 2 * LINES
MOMENTS = ("accepted", "announcing", "checkout", "lint", "posting")
MOMENT_SECONDS = 60.0
REPLACED_SECONDS = 30.0


@dataclass
class Torture:
    """One deployment whose processes are killed again and again.

    Attributes:
        split: ``web`` and ``worker`` are processes of their own, not ``serve``.
        accepted: the commits whose push was answered 202.
        killed: how often at each moment.
    """

    deployment: Deployment
    repositories: tuple[Repository, ...]
    database: Database
    split: bool
    dice: random.Random
    accepted: list[tuple[Repository, str]] = field(default_factory=list)
    killed: Counter[str] = field(default_factory=Counter)

    async def kill(self, moment: str) -> None:
        """Push, kill whoever is at that moment, and leave the rest to whoever comes next."""
        async with AsyncExitStack() as stack:
            web, worker = await self._start(stack)
            victim = web if moment == "accepted" else worker
            await self._push_until(moment)
            victim.check_alive()
            victim.kill()
            self.killed[moment] += 1

    async def recover(self, seconds: float) -> float:
        """Let lintbot finish; return how long it took from the start of its processes."""
        started = time.monotonic()
        async with AsyncExitStack() as stack:
            await self._start(stack)
            try:
                await until(self._are_all_checked, f"every check: {self._open()}", seconds)
            except AssertionError as error:
                error.add_note(self._tell())
                raise
            took = time.monotonic() - started
            await until(self._are_all_posted, "every report remembered as posted", seconds)
        return took

    async def replace_worker(self) -> float:
        """Kill a worker that never returns; return after how long another has done its job."""
        deployment = self.deployment
        command = "worker" if self.split else "serve"
        async with AsyncExitStack() as stack:
            if self.split:
                await stack.enter_async_context(deployment.running("web"))
            first = await stack.enter_async_context(
                deployment.running(command, LINTBOT_EXECUTOR_ID="never-returns")
            )
            held = asyncio.Event()
            repository = self.repositories[0]
            path = re.escape(f"{repository.full_name}.git/git-upload-pack")
            deployment.faults.add("POST", path, Fault(hold=held))
            with deployment.faults.expecting(f"POST .*{path}") as fetching:
                sha = await self._push(repository)
                await asyncio.wait_for(fetching.wait(), MOMENT_SECONDS)
            with deployment.beside(deployment.database_url) as other:
                await stack.enter_async_context(
                    other.running("worker", LINTBOT_EXECUTOR_ID="the-other")
                )
            first.kill()
            killed_at = time.monotonic()
            held.set()
            await deployment.wait_for_check(repository, sha, REPLACED_SECONDS)
            return time.monotonic() - killed_at

    def check(self) -> None:
        """Every accepted push: one completed check run, each annotation once."""
        wrong = []
        for repository, sha in self.accepted:
            runs = self.deployment.checks(repository, sha)
            if len(runs) != 1 or not _is_whole(runs[0]):
                wrong.append((sha, [(r.status, r.conclusion, r.title) for r in runs]))
        assert wrong == [], f"not exactly one whole check run: {wrong}"
        assert self.count_runs() == len(self.accepted)

    def count_runs(self) -> int:
        """Return how many check runs there are in all repositories."""
        runs = self.deployment.github.world.runs.values()
        return sum(1 for run in runs if run.suite.repository in self.repositories)

    def count_annotations(self) -> int:
        runs = self.deployment.github.world.runs.values()
        return sum(len(r.annotations) for r in runs if r.suite.repository in self.repositories)

    async def _start(self, stack: AsyncExitStack) -> tuple[Running, Running]:
        """Start what is needed; return web and worker, which may be one process."""
        deployment = self.deployment
        if not self.split:
            server = await stack.enter_async_context(deployment.running("serve"))
            return server, server
        web, worker = deployment.start("web"), deployment.start("worker")
        for running in (web, worker):
            stack.callback(running.clear_away)
        await deployment.wait_until_up(web, "web")
        await deployment.wait_until_up(worker, "worker")
        return web, worker

    async def _push_until(self, moment: str) -> None:
        """Push one commit, and wait until whoever deals with it is at that moment."""
        repository = self.dice.choice(self.repositories)
        if moment == "accepted":
            await self._push(repository)
            await asyncio.sleep(self.dice.choice((0, 0, self.dice.uniform(0, 0.3))))
        elif moment == "lint":
            sha = await self._push(repository)
            await until(lambda: self._is_linting(sha), f"linting {sha}", MOMENT_SECONDS)
            await asyncio.sleep(self.dice.uniform(0, 0.4))
        else:
            pattern, times = self._sign(moment, repository)
            with self.deployment.faults.expecting(pattern, times) as event:
                await self._push(repository)
                await asyncio.wait_for(event.wait(), MOMENT_SECONDS)
            # So short that the answer is lost before the effect or after it, as it happens.
            await asyncio.sleep(self.dice.choice((0, 0.002, 0.01, 0.05)))

    def _sign(self, moment: str, repository: Repository) -> tuple[str, int]:
        """Return which request shows that moment, and the how-manieth of them."""
        name = re.escape(repository.full_name)
        if moment == "announcing":
            return rf"^POST .*{name}/check-runs$", 1
        if moment == "checkout":
            return rf"^POST .*{name}\.git/git-upload-pack", 1
        return rf"^PATCH .*{name}/check-runs/", self.dice.choice((2, 3, 4))  # 1: it has begun

    async def _push(self, repository: Repository) -> str:
        """Push a new branch with findings of its own; remember it if it is accepted."""
        number = len(self.accepted)
        text = '"""A module."""\n\n' + "".join(
            f"A{number}_{line} = missing_{number}_{line}\n" for line in range(LINES)
        )
        main = git(repository.path, "rev-parse", "main")
        sha = write_commit(repository, {"code.py": text}, main)
        order = ("push", "check_suite") if self.dice.random() < 0.5 else ("push",)
        (first, *_) = await self.deployment.push(repository, sha, f"branch-{number}", order=order)
        assert first.status_code == 202, (first.status, first.response_body)
        self.accepted.append((repository, sha))
        return sha

    def _tell(self) -> str:
        """Return what the processes wrote last."""
        logs = sorted(self.deployment.folder.glob("*.log"))[-8:]
        return "\n".join(f"{log.name}:\n{log.read_text()[-4000:]}" for log in logs)

    def _is_linting(self, sha: str) -> bool:
        query = sa.select(lint_run.c.stage).where(lint_run.c.head_sha == sha)
        with self.database.read() as connection:
            return connection.execute(query).scalar() == Stage.LINT.value

    def _are_all_checked(self) -> bool:
        return not self._open()

    def _open(self) -> list[str]:
        return [sha for repo, sha in self.accepted if not self.deployment.is_checked(repo, sha)]

    def _are_all_posted(self) -> bool:
        query = sa.select(sa.func.count()).where(lint_run.c.posted_at.is_(None))
        with self.database.read() as connection:
            return connection.execute(query).scalar() == 0


def _is_whole(run: CheckRun) -> bool:
    return (
        run.status == "completed"
        and run.conclusion == "failure"
        and len(run.annotations) == ANNOTATIONS
        and count_doubled(run) == 0
    )


@asynccontextmanager
async def open_torture(
    deployment: Deployment, *, split: bool, seed: int, owners: tuple[str, ...] = ("ann", "bob")
) -> AsyncIterator[Torture]:
    """Prepare repositories, an installation on each, and an empty schema."""
    await asyncio.to_thread(deployment.migrate)
    database = Database(deployment.database_url)
    with contextlib.closing(database):
        repositories = [
            (await deployment.add_repository(owner, {"code.py": '"""A module."""\n'}))[0]
            for owner in owners
        ]
        yield Torture(
            deployment=deployment,
            repositories=tuple(repositories),
            database=database,
            split=split,
            dice=random.Random(seed),
        )
