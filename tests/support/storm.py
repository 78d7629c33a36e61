"""Everything goes wrong at once: what GitHub sends, what it answers, and who is alive.

The whole App with real parts on one database, with several webs and workers. Deliveries come
shuffled, twice, late or not at all; requests fail before or after they took effect; limits are
hit and tokens expire; processes are killed; where the database is ours, it is restarted too.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from lintbot.errors import TransientError
from lintbot.standin.faults import (
    BAD_GATEWAY,
    DROP_AFTER,
    DROP_BEFORE,
    SERVER_ERROR,
    SERVER_ERROR_AFTER,
    Fault,
    secondary_limit,
)
from lintbot.standin.state import Repository
from lintbot.store.database import Database
from lintbot.store.tables import lint_run, missed_delivery
from tests.support.app import (
    Deployment,
    Running,
    WatchedFaults,
    count_doubled,
    find_port,
    open_deployment,
    until,
    write_commit,
)
from tests.support.deliveries import RealClock

TROUBLES = (SERVER_ERROR, SERVER_ERROR_AFTER, BAD_GATEWAY, DROP_BEFORE, DROP_AFTER)
ONE_IN_TROUBLED, ONE_IN_LIMITED = 20, 250
ENOUGH_TROUBLE = 3
ONE_IN_LOST, ONE_IN_LATE = 10, 5
SHARE_TWICE = 0.2
LONG_REPORT = 30
"""Lines, each found by pylint and by flake8: a report of two requests."""
DEADLINE_SECONDS = 120
SLACK = timedelta(seconds=10)


class StormyFaults(WatchedFaults):
    """Troubles for one request in twenty while ``is_on``."""

    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self.dice = dice
        self.is_on = False
        self.asked = 0
        self.struck: Counter[str] = Counter()

    def take(self, method: str, path: str) -> Fault | None:
        if not self.is_on:
            return super().take(method, path)
        self.asked += 1
        if self.asked % ONE_IN_LIMITED == 0 and "/api/" in path:
            self.struck["limit"] += 1
            return secondary_limit(retry_after_seconds=self.dice.randint(1, 5))
        if self.asked % ONE_IN_TROUBLED == 0:
            self.struck["trouble"] += 1
            return self.dice.choice(TROUBLES)
        return None


@dataclass
class Storm:
    """What happens, and what came of it.

    Attributes:
        pushed: every commit that anybody was or should have been told of.
        open_too_long: lint runs seen without a verdict past their deadline.
    """

    deployment: Deployment
    faults: StormyFaults
    repositories: tuple[Repository, ...]
    database: Database
    dice: random.Random
    workers: int
    ports: tuple[int, int]
    pushed: list[tuple[Repository, str]] = field(default_factory=list)
    killed: Counter[str] = field(default_factory=Counter)
    deliveries: Counter[str] = field(default_factory=Counter)
    open_too_long: set[str] = field(default_factory=set)
    running: dict[str, Running] = field(default_factory=dict)

    async def rage(
        self,
        pushes: int,
        seconds: float,
        kills: int,
        restart_database: Callable[[], None] | None = None,
    ) -> None:
        """Let so many pushes and pull requests come in so many seconds, among troubles."""
        for name in self._names():
            self._start(name)
        await self._until_up()
        self.faults.is_on = True
        watch = asyncio.create_task(self._watch())
        trouble = asyncio.create_task(self._kill(kills, seconds / kills, restart_database))
        async with asyncio.TaskGroup() as group:
            for _ in range(pushes):
                group.create_task(self._push_or_pull(self.dice.uniform(0, seconds)))
        await trouble
        await until(self._had_enough, "some requests are troubled", 120)
        self.faults.is_on = False
        await self.deployment.github.settle()
        watch.cancel()

    def _had_enough(self) -> bool:
        """Tell whether troubles struck, or nobody asks any more."""
        return self.faults.struck.total() >= ENOUGH_TROUBLE or not self.unchecked()

    async def calm_down(self, seconds: float) -> float:
        """Wait until every commit is checked; return how long that took after the last fault."""
        watch = asyncio.create_task(self._watch())
        try:
            return await until(lambda: not self.unchecked(), "every commit is checked", seconds)
        except AssertionError as error:
            shas = [sha for _, sha in self.unchecked()]
            error.add_note(f"{len(shas)} unchecked: {shas}\n{self.deployment.tails()}")
            raise
        finally:
            watch.cancel()

    def unchecked(self) -> list[tuple[Repository, str]]:
        """Return the commits without a completed check run."""
        return [it for it in self.pushed if not self.deployment.is_checked(*it)]

    def check(self) -> None:
        """Fail if anything was lost, doubled or open for too long."""
        assert self.unchecked() == []
        assert self.open_too_long == set(), "open past the deadline"
        world = self.deployment.github.world
        names = Counter((run.suite.head_sha, run.external_id) for run in world.runs.values())
        assert [name for name, count in names.items() if count > 1] == [], "told twice"
        doubled = [run.id for run in world.runs.values() if count_doubled(run)]
        assert doubled == [], "annotations told twice"

    def tell(self) -> str:
        """Return what happened, in figures."""
        world = self.deployment.github.world
        annotations = sum(len(run.annotations) for run in world.runs.values())
        recovered = sa.select(sa.func.count()).where(missed_delivery.c.recovered_at.is_not(None))
        with self.database.read() as connection:
            back = connection.execute(recovered).scalar_one()
        killed = ", ".join(f"{name} {count}" for name, count in sorted(self.killed.items()))
        sent = ", ".join(f"{count} {name}" for name, count in sorted(self.deliveries.items()))
        return (
            f"{len(self.pushed)} commits in {len(self.repositories)} repositories "
            f"(deliveries: {sent}); {self.faults.struck['trouble']} requests troubled, "
            f"{self.faults.struck['limit']} limited; killed: {killed}; {len(world.runs)} check "
            f"runs, {annotations:,} annotations, 0 lost, 0 doubled, 0 open past the deadline; "
            f"{back} missed deliveries recovered"
        )

    def stop(self) -> None:
        """Kill whatever runs."""
        for running in self.running.values():
            running.clear_away()

    # --- processes -------------------------------------------------------------------------

    def _names(self) -> list[str]:
        return ["web-0", "web-1", *(f"worker-{n}" for n in range(self.workers))]

    def _start(self, name: str) -> None:
        command, _, number = name.partition("-")
        port = str(self.ports[int(number) % 2])
        self.running[name] = self.deployment.start(command, PORT=port)

    async def _until_up(self) -> None:
        for name, running in self.running.items():
            await self.deployment.wait_until_up(running, name.partition("-")[0])

    async def _kill(
        self, kills: int, every_seconds: float, restart_database: Callable[[], None] | None
    ) -> None:
        for number in range(kills):
            await asyncio.sleep(every_seconds * self.dice.uniform(0.5, 1))
            self.deployment.github.expire_tokens()
            if restart_database is not None and number % 5 == 2:
                await asyncio.to_thread(restart_database)
                self.killed["database"] += 1
                continue
            name = self.dice.choice(self._names())
            self.running[name].kill()
            self.killed[name.partition("-")[0]] += 1
            await asyncio.sleep(self.dice.uniform(0, 3))
            self._start(name)

    # --- what people do --------------------------------------------------------------------

    async def _push_or_pull(self, after_seconds: float) -> None:
        await asyncio.sleep(after_seconds)
        number, repository = len(self.pushed), self.dice.choice(self.repositories)
        lines = LONG_REPORT if self.dice.random() < 0.2 else 2
        text = '"""A module."""\n\n' + "".join(
            f"A{number}_{line} = missing_{number}_{line}\n" for line in range(lines)
        )
        sha = write_commit(repository, {"code.py": text}, self.deployment.head(repository))
        self.pushed.append((repository, sha))
        again = self.dice.random() < 0.3
        branch = "busy" if again else f"branch-{number}"
        order = ["push", "check_suite", "pull_request"]
        self.dice.shuffle(order)
        await self._send(self._pushing(repository, sha, branch, order))
        if not again and self.dice.random() < 0.3:
            opening = self.deployment.github.open_pull(repository, "main", branch)
            await self._send(opening)

    async def _pushing(
        self, repository: Repository, sha: str, branch: str, order: list[str]
    ) -> object:
        copies = 2 if self.dice.random() < SHARE_TWICE else 1
        self.deliveries["doubled"] += copies - 1
        return await self.deployment.push(repository, sha, branch, order=order, copies=copies)

    async def _send(self, doing: Any) -> None:
        """Let something happen, of which one web or another is told, or nobody."""
        github = self.deployment.github
        github.app.hook_url = f"http://127.0.0.1:{self.dice.choice(self.ports)}/webhooks/github"
        self.deliveries["told"] += 1
        number = self.deliveries["told"]
        if number % ONE_IN_LOST == 3:
            self.deliveries["lost"] += 1
            github.hooks.lose(self.dice.choice((1, 2)))
        await doing
        if number % ONE_IN_LATE == 0:
            self.deliveries["late"] += 1
            await github.hooks.again(self.dice.choice(github.hooks.log))

    async def _watch(self) -> None:
        """Note every second which lint runs are open past the deadline."""
        while True:
            limit = RealClock().now() - timedelta(seconds=DEADLINE_SECONDS) - SLACK
            query = (
                sa.select(lint_run.c.run_id)
                .where(lint_run.c.conclusion.is_(None))
                .where(lint_run.c.received_at < limit)
            )
            with contextlib.suppress(TransientError):
                self.open_too_long |= set(await asyncio.to_thread(self._read, query))
            await asyncio.sleep(1)

    def _read(self, query: sa.Select[tuple[str]]) -> list[str]:
        with self.database.read() as connection:
            return list(connection.execute(query).scalars())


@asynccontextmanager
async def open_storm(
    url: str, *, repositories: int, workers: int, seed: int
) -> AsyncIterator[Storm]:
    """Prepare repositories, an installation on each, and an empty schema."""
    dice = random.Random(seed)
    faults = StormyFaults(dice)
    deadline = {"LINTBOT_JOB_TIMEOUT_SECONDS": str(DEADLINE_SECONDS)}
    async with (
        open_deployment(url, faults=faults, **deadline) as deployment,
        _prepare(deployment, faults, repositories, workers) as storm,
    ):
        yield storm


@asynccontextmanager
async def _prepare(
    deployment: Deployment, faults: StormyFaults, repositories: int, workers: int
) -> AsyncIterator[Storm]:
    await asyncio.to_thread(deployment.migrate)
    database = Database(deployment.database_url)
    made = [
        await deployment.add_repository(f"storm-{n}", {"code.py": '"""A module."""\n'})
        for n in range(repositories)
    ]
    storm = Storm(
        deployment=deployment,
        faults=faults,
        repositories=tuple(repository for repository, _ in made),
        database=database,
        dice=faults.dice,
        workers=workers,
        ports=(deployment.port, find_port()),
    )
    try:
        yield storm
    finally:
        storm.stop()
        database.close()


async def run_storm(storm: Storm, pushes: int, seconds: float, kills: int, **more: Any) -> str:
    """Let it rage, wait until it is over, check, and return the figures."""
    started = time.monotonic()
    await storm.rage(pushes, seconds, kills, **more)
    recovered = await storm.calm_down(300)
    storm.check()
    took = time.monotonic() - started
    return f"{storm.tell()}; all done {recovered:.1f} s after the last fault; {took:.0f} s in all"
