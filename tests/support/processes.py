"""Web and worker as processes of their own, to be killed: ``python -m tests.support.processes``.

The web process accepts one push after another and prints each lint run's id once it is durable.
The worker runs the real engine with the handlers of ``workshop``.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import time
from pathlib import Path

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer

from lintbot.jobs.client import QueueClient, queue_url
from lintbot.jobs.engine import Engine, EngineOptions
from lintbot.jobs.names import APPLICATION, VERSION
from lintbot.model.jobs import LintJob
from lintbot.store.backlog import StoredBacklog
from lintbot.store.database import Database
from lintbot.store.inbox import StoredInbox
from lintbot.store.lint_runs import StoredLintRuns
from tests.support.deliveries import RealClock, a_job, a_push, a_repository, decide_push
from tests.support.workshop import PretendGitHub, Workshop

POISON = "f" * 40
"""A commit that takes down whoever lints it."""


class MortalWorkshop(Workshop):
    async def lint(self, job: LintJob) -> None:
        if job.head_sha == POISON:
            os._exit(9)
        await super().lint(job)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=("web", "worker", "heir"))
    parser.add_argument("url")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--pace", type=float, default=0.05)
    parser.add_argument("--dead-after", type=float, default=15.0)
    parser.add_argument("--slot", default="executors")
    parser.add_argument("--executor-id", default="")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    if arguments.role == "web":
        accept_for_ever(arguments)
    elif arguments.role == "heir":
        inherit(arguments)
    else:
        asyncio.run(work(arguments))


def accept_for_ever(arguments: argparse.Namespace) -> None:
    clock = RealClock()
    inbox = StoredInbox(Database(arguments.url), clock, QueueClient(arguments.url))
    number = arguments.first
    while True:
        push = a_push(number, branch=f"b{number}", repository=a_repository(1 + number % 5))
        push = type(push)(id=f"{os.getpid()}-{number}", name=push.name, event=push.event)  # type: ignore[arg-type]
        inbox.accept(push, decide_push(push, clock.now()))
        print(a_job(push).run_id, flush=True)
        number += 1
        time.sleep(arguments.pace)


def inherit(arguments: argparse.Namespace) -> None:
    """Take over by public means only: start under the dead worker's name, take no jobs.

    The engine puts what that name left pending back into the queues as it starts.
    """
    config = DBOSConfig(
        name=APPLICATION,
        system_database_url=queue_url(arguments.url),
        application_version=VERSION,
        executor_id=arguments.executor_id,
        serializer=DBOSPortableJSONSerializer(),
    )
    DBOS(config=config)
    DBOS.listen_queues([])
    DBOS.launch()
    while DBOS.list_workflows(status="PENDING", executor_id=arguments.executor_id):
        time.sleep(0.1)
    DBOS.destroy()


async def work(arguments: argparse.Namespace) -> None:
    database, clock = Database(arguments.url), RealClock()
    github = PretendGitHub(arguments.folder / "github.sqlite")
    workshop = MortalWorkshop(StoredLintRuns(database, clock), github, arguments.pace)
    options = EngineOptions(
        url=arguments.url,
        folder=arguments.folder / arguments.slot,
        dead_after_seconds=arguments.dead_after,
        beat_seconds=min(2.0, arguments.dead_after / 5),
        sweep_seconds=0.5,
    )
    engine = Engine(options, workshop, StoredBacklog(database), clock)
    await engine.start()
    print("ready", engine.executor_id, flush=True)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    await engine.stop(2)
    database.close()


if __name__ == "__main__":
    main()
