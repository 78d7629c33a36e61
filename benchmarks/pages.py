"""How heavy the pages of a repository with very many findings are, from a real database.

    python -m benchmarks.pages [--findings 50000] [--times 5]

Of each page: its size, as it is and compressed as browsers ask for it; medians of the CPU time that
this process takes for it, server and client together, of the time to the last byte, and of the time
until Chromium has it loaded.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
import zlib
from pathlib import Path

from aiohttp.test_utils import TestClient

from lintbot.model.lint_run import Conclusion, Verdict
from lintbot.model.source import Excerpts
from lintbot.store.catalog import StoredCatalog
from lintbot.store.database import Database
from lintbot.store.inbox import StoredInbox
from lintbot.store.lint_runs import StoredLintRuns
from lintbot.store.migrate import migrate
from lintbot.store.reports import StoredReports
from tests.support.chromium import Tab, a_tab
from tests.support.deliveries import StoppedClock, a_push, decide_push
from tests.support.gallery import RULES
from tests.support.report_site import a_site
from tests.support.report_values import a_comparison, a_finding, a_judgement
from tests.web.test_real_store import NoQueue

FILES = 500


def fill(database: Database, findings: int) -> tuple[str, str]:
    """Store one lint run with so many findings; return repository and commit."""
    clock, delivery = StoppedClock(), a_push(1)
    plan = StoredInbox(database, clock, NoQueue()).accept(
        delivery, decide_push(delivery, clock.now())
    )
    if plan is None or plan.job is None or plan.repository is None:
        raise RuntimeError("the push was not accepted")
    lines = findings // FILES
    new = tuple(
        a_finding(
            number,
            tool=RULES[number % 3][0],
            code=f"{RULES[number % 3][1][0]}{number % 150:04}",
            severity=RULES[number % 3][3],
            path=f"src/package_{number // lines % 20}/module_{number // lines}.py",
            line=number % lines + 1,
            message=f"finding {number}: a message of an ordinary length, in words",
        )
        for number in range(findings)
    )
    excerpts: Excerpts = {}
    for finding in new:
        excerpts.setdefault(finding.path, {})[finding.line] = f"    value = {finding.line} * width"
    runs = StoredLintRuns(database, clock)
    runs.save_excerpts(plan.repository.id, plan.job.head_sha, excerpts)
    judgement = a_judgement(a_comparison(new=new))
    runs.decide(plan.job.run_id, Verdict(conclusion=Conclusion.FAILURE), judgement)
    return plan.repository.full_name, plan.job.head_sha


async def measure(client: TestClient, tab: Tab, path: str, times: int) -> None:
    """Print what one page costs."""
    taken, used, loaded, body = [], [], [], b""
    for _ in range(times):
        started, cpu = time.perf_counter(), time.process_time()
        async with client.get(path) as response:
            body = await response.read()
            if response.status != 200:
                raise RuntimeError(f"{path} is {response.status}")
        taken.append((time.perf_counter() - started) * 1000)
        used.append((time.process_time() - cpu) * 1000)
        started = time.perf_counter()
        await tab.open(str(client.make_url(path)))
        loaded.append((time.perf_counter() - started) * 1000)
    print(
        f"{path[:48]:48} {len(body) / 1000:6.1f} kB, {len(zlib.compress(body)) / 1000:5.1f} kB "
        f"compressed, {statistics.median(used):4.0f} ms CPU, last byte after "
        f"{statistics.median(taken):4.0f} ms, Chromium {statistics.median(loaded):4.0f} ms",
        flush=True,
    )


async def run(arguments: argparse.Namespace) -> None:
    """Measure every kind of page."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'lintbot.sqlite'}"
        migrate(url)
        database = Database(url)
        name, sha = fill(database, arguments.findings)
        catalog, reports = StoredCatalog(database), StoredReports(database)
        commit = f"/gh/{name}/runs/{sha}"
        paths = [f"/gh/{name}", commit, f"{commit}?show=all&page=9", f"{commit}?severity=error"]
        paths += [f"/gh/{name}/files/src/package_1/module_1.py", f"/gh/{name}/rules/pylint:W0003"]
        async with a_site(catalog, reports=reports) as client, a_tab() as tab:
            for path in paths:
                await measure(client, tab, path, arguments.times)
        database.close()


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--findings", type=int, default=50_000)
    parser.add_argument("--times", type=int, default=5)
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
