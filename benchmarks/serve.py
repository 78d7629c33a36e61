"""What one small server costs: ``lintbot serve`` on SQLite, its answers and its memory.

    python -m benchmarks.serve [--rate 50] [--seconds 20] [--mix pushes|github]

Memory first: of the idle server after its start, with the sandbox's warm job server: PSS shares
what processes have in common, so its sum is what the machine loses. Then signed deliveries at a
steady rate over HTTP, while real commits are linted: each a push of a new commit, so that each one
makes work, or in the mix that GitHub sends.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import statistics
import sys
import time
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp

from lintbot.standin.faults import latency
from lintbot.standin.hooks import make_headers
from lintbot.standin.state import Repository
from tests.support.app import Deployment, Running, open_deployment, write_commit
from tests.support.github import git

SETTLE_SECONDS = 5.0
GITHUB_SECONDS = 0.2
"""What GitHub takes for each answer."""


def measure_memory(root: int) -> list[tuple[str, float, float]]:
    """Return name, RSS and PSS in MiB of a process and all that it started."""
    return [measure_process(pid) for pid in sorted(find_family(root))]


def find_family(root: int) -> set[int]:
    """Return the numbers of a process and of all that it started."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    family = {root}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return family


def measure_process(pid: int) -> tuple[str, float, float]:
    """Return name, RSS and PSS in MiB of one process."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    kib = {line.split(":")[0]: int(line.split()[1]) for line in rollup[1:]}
    command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    name = " ".join(Path(word.decode()).name for word in command[:3] if word)
    return name[:40], kib["Rss"] / 1024, kib["Pss"] / 1024


async def measure_answers(deployment: Deployment, arguments: argparse.Namespace) -> str:
    """Deliver at a steady rate, from a process of its own; return its words."""
    bodies = deployment.folder / "deliveries"
    payloads = make_payloads(deployment, int(arguments.rate * arguments.seconds), arguments.mix)
    bodies.write_text("".join(json.dumps(each) + "\n" for each in payloads), encoding="utf-8")
    client = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "benchmarks.serve", "--rate", str(arguments.rate), "--deliver"),
        *(f"{deployment.url}/webhooks/github", str(bodies)),
        stdout=asyncio.subprocess.PIPE,
    )
    words, _ = await client.communicate()
    return words.decode().strip()


def make_payloads(
    deployment: Deployment, count: int, mix: str
) -> list[tuple[dict[str, str], dict[str, Any]]]:
    """Return headers and payload of so many deliveries.

    Every push is of a commit that GitHub does not have (nor the repository), so that what is
    measured is lintbot and not the stand-in. In GitHub's mix three events follow each push.
    """
    made = []
    push = next(d for d in deployment.github.hooks.log if d.event == "push")
    others = [d for d in deployment.github.hooks.log if d.event in {"check_suite", "check_run"}]
    kinds = [push] if mix == "pushes" else [push, *others[:3]]
    for number in range(count):
        kind = kinds[number % len(kinds)]
        payload = dict(kind.payload)
        if kind is push:
            repository = payload["repository"] | {"id": 900_000 + number % 9}
            payload |= {"repository": repository, "after": f"{number + 1:040x}"}
            payload |= {"ref": f"refs/heads/b{number}", "before": "0" * 40}
        body = json.dumps(payload).encode()
        headers = make_headers(deployment.github.app, kind.event, str(uuid.uuid4()), body)
        made.append((headers | {"Content-Type": "application/json"}, payload))
    return made


async def deliver_all(url: str, file: Path, rate: float) -> None:
    """Be the client: send each line at its time; print how long answers took."""
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    statuses: Counter[int] = Counter()

    async def deliver(
        session: aiohttp.ClientSession, headers: dict[str, str], payload: dict[str, Any]
    ) -> float:
        body = json.dumps(payload).encode()
        started = time.perf_counter()
        async with session.post(url, data=body, headers=headers) as response:
            await response.read()
            statuses[response.status] += 1
        return (time.perf_counter() - started) * 1000

    async with aiohttp.ClientSession() as session:
        tasks, begin = [], time.monotonic()
        for number, (headers, payload) in enumerate(lines):
            await asyncio.sleep(max(0.0, begin + number / rate - time.monotonic()))
            tasks.append(asyncio.create_task(deliver(session, headers, payload)))
        taken = sorted(await asyncio.gather(*tasks))
    print(
        f"{len(taken)} deliveries at {rate:.0f}/s, answers {dict(statuses)}: "
        f"p50 {statistics.median(taken):.1f} ms, p99 {taken[int(len(taken) * 0.99)]:.1f} ms, "
        f"max {taken[-1]:.1f} ms"
    )


def busy_code(seed: int) -> str:
    """Return a file that keeps linters busy for a while."""
    return "".join(f"def f{n}(a, b):\n    return a * {seed} + b\n\n\n" for n in range(100))


async def lint_without_end(deployment: Deployment, repository: Repository) -> None:
    """Keep the linters busy: push one real commit after another."""
    sha = git(repository.path, "rev-parse", "main")
    for seed in itertools.count():
        files = {f"m{number}.py": busy_code(seed) for number in range(20)}
        sha = write_commit(repository, files, sha)
        await deployment.check(repository, sha)
        print(f"  linted one commit of {len(files)} files")


async def run(arguments: argparse.Namespace) -> None:
    """Measure and print."""
    async with open_deployment() as deployment, deployment.running("serve") as server:
        repository, _ = await deployment.add_repository("busy", {"code.py": "x = 1\n"})
        await asyncio.sleep(SETTLE_SECONDS)
        print_memory(server)
        await deployment.check(repository, write_commit(repository, {"code.py": "x = 2\n"}))
        await deployment.github.settle()
        deployment.faults.add("*", "/api/v3/", latency(GITHUB_SECONDS), times=1_000_000)
        linting = asyncio.create_task(lint_without_end(deployment, repository))
        print(await measure_answers(deployment, arguments))
        linting.cancel()
        await asyncio.wait([linting])
        print_memory(server, "afterwards")


def print_memory(server: Running, when: str = "idle") -> None:
    """Print what each process has, and the sum."""
    rows = measure_memory(server.process.pid)
    for name, rss, pss in rows:
        print(f"  {name:40} RSS {rss:6.1f} MiB  PSS {pss:6.1f} MiB")
    total = sum(pss for _, _, pss in rows)
    print(f"{when}: {len(rows)} processes, {total:.0f} MiB (PSS) in all")


def main() -> None:
    """Measure one server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--mix", default="pushes", choices=("pushes", "github"))
    parser.add_argument("--deliver", nargs=2, metavar=("URL", "FILE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.deliver:
        url, file = arguments.deliver
        asyncio.run(deliver_all(url, Path(file), arguments.rate))
    else:
        asyncio.run(run(arguments))


if __name__ == "__main__":
    main()
