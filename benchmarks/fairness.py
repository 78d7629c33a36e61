"""Measure how long one account's push waits while another account has thousands in the queue.

    python -m benchmarks.fairness [--queued 5000] [--pushes 7] [sqlite|postgres …]

Real processes, webhooks, git, sandbox and linters; the same pushes on an idle server first.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics
import time
from datetime import UTC, datetime

from lintbot.intake.decide import decide
from lintbot.jobs.client import QueueClient
from lintbot.model.events import Delivery, Push
from lintbot.model.ids import AccountId, DeliveryId, InstallationId, RepositoryId, Sha
from lintbot.model.repository import Account
from lintbot.model.repository import Repository as Described
from lintbot.standin.state import Installation, Repository
from lintbot.store.database import Database
from lintbot.store.inbox import StoredInbox
from tests.support.app import Deployment, open_deployment, write_commit
from tests.support.databases import postgres_database
from tests.support.github import git

CODE = '"""A module."""\n'
SETTINGS = {"LINTBOT_JOB_TIMEOUT_SECONDS": "3600"}


class _Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def flood(
    deployment: Deployment, repository: Repository, installation: Installation, count: int
) -> None:
    """Queue so many pushes, each of a commit and branch of its own. Blocking."""
    stream = "".join(
        f"commit refs/heads/b{n}\ncommitter x <x@example.org> {n + 1} +0000\ndata 1\nx\n"
        f"M 100644 inline a.py\ndata {len(text)}\n{text}\n"
        for n in range(count)
        for text in [f"{CODE}NUMBER = {n}\n"]
    )
    git(repository.path, "fast-import", "--quiet", "--force", stdin=stream)
    listed = git(repository.path, "for-each-ref", "--format=%(objectname) %(refname:short)")
    database, queue = Database(deployment.database_url), QueueClient(deployment.database_url)
    inbox = StoredInbox(database, _Clock(), queue)
    described = Described(
        id=RepositoryId(repository.id),
        account=Account(id=AccountId(repository.owner.id), login=repository.owner.login),
        name=repository.name,
        private=False,
        default_branch="main",
    )
    for line in listed.splitlines():
        sha, _, branch = line.partition(" ")
        push = Push(
            installation_id=InstallationId(installation.id),
            repository=described,
            branch=branch,
            before=None,
            after=Sha(sha),
            forced=False,
            changed_files=1,
        )
        delivery = Delivery(id=DeliveryId(f"flood-{sha}"), name="push", event=push)
        inbox.accept(delivery, lambda known, event=push: decide(event, known, datetime.now(UTC)))
    queue.destroy()
    database.close()


async def measure(deployment: Deployment, repository: Repository, pushes: int) -> float:
    """Push one after the other; return the median time to the verdict in seconds."""
    times = []
    for _ in range(pushes):
        head = deployment.head(repository)
        sha = write_commit(repository, {"a.py": f"{CODE}T = {time.time()}\n"}, head)
        started = time.monotonic()
        await deployment.push(repository, sha)
        await deployment.wait_for_check(repository, sha, 300)
        times.append(time.monotonic() - started)
    print("  ", " ".join(f"{it:.2f}" for it in times), flush=True)
    return statistics.median(times)


async def run(url: str, queued: int, pushes: int) -> str:
    """Measure both; return the figures in words."""
    async with open_deployment(url, **SETTINGS) as deployment:
        deployment.migrate()
        other, _ = await deployment.add_repository("other", {"a.py": CODE})
        many, installation = await deployment.add_repository("many", {"a.py": CODE})
        async with deployment.running("serve"):
            await measure(deployment, other, 2)  # nothing is warm at first
            idle = await measure(deployment, other, pushes)
        await asyncio.to_thread(flood, deployment, many, installation, queued)
        async with deployment.running("serve"):
            await measure(deployment, other, 2)
            busy = await measure(deployment, other, pushes)
            left = queued - sum(
                1 for r in deployment.github.world.runs.values() if r.status == "completed"
            )
    return (
        f"another account's push has its verdict after {idle:.2f} s on an idle server and "
        f"{busy:.2f} s with {left:,} of {queued:,} queued: {busy / idle:.2f} times as long"
    )


def main() -> None:
    """Measure each database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queued", type=int, default=5000)
    parser.add_argument("--pushes", type=int, default=7)
    parser.add_argument("databases", nargs="*", default=["sqlite", "postgres"])
    arguments = parser.parse_args()
    for name in arguments.databases:
        with contextlib.ExitStack() as stack:
            url = stack.enter_context(postgres_database()) if name == "postgres" else ""
            found = asyncio.run(run(url, arguments.queued, arguments.pushes))
            print(f"{name}: {found}", flush=True)


if __name__ == "__main__":
    main()
