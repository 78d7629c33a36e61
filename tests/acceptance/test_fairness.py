"""Who pushes once does not wait for who pushes all the time."""

from __future__ import annotations

import asyncio
import os
import re
from collections import Counter

from lintbot.sandbox.jail.server import NICENESS
from lintbot.standin.faults import Fault
from lintbot.standin.state import Repository
from tests.support.app import CHECK_SECONDS, Deployment, write_commit

TELLS = (
    "[tool.pylint.main]\n"
    "init-hook = \"import os; os.write(2, b'niceness %d' % os.getpriority(0, 0)); os._exit(3)\"\n"
)
FILES = {"a.py": '"""A module."""\n', "pyproject.toml": TELLS}
"""Here pylint does nothing but tell its priority."""


async def test_an_account_with_a_backlog_gives_way(lintbot: Deployment):
    crowded, _ = await lintbot.add_repository("crowded", FILES)
    quiet, _ = await lintbot.add_repository("quiet", FILES)
    held = asyncio.Event()
    fetch = f"{crowded.full_name}.git/git-upload-pack"
    for _ in range(2):
        lintbot.faults.add("POST", fetch, Fault(hold=held))
    shas = []
    with lintbot.faults.expecting(f"POST .*{fetch}", times=2) as both_slots:
        for number in range(4):
            shas.append(write_commit(crowded, {**FILES, f"b{number}.py": ""}))
            await lintbot.push(crowded, shas[-1], f"b{number}")
        await asyncio.wait_for(both_slots.wait(), CHECK_SECONDS)
    alone = write_commit(quiet, {**FILES, "b.py": ""})
    await lintbot.push(quiet, alone)
    usual = min(os.getpriority(os.PRIO_PROCESS, 0) + NICENESS, 19)
    assert await niceness(lintbot, quiet, alone) == usual
    held.set()
    told = Counter([await niceness(lintbot, crowded, sha) for sha in shas])
    assert told[19] >= 2, "with four open"
    assert told[usual] >= 1, "the last one, which is no backlog any more"


async def niceness(lintbot: Deployment, repository: Repository, sha: str) -> int:
    await lintbot.wait_for_check(repository, sha)
    report = await lintbot.get_json(f"/api/v1/repos/{repository.full_name}/runs/{sha}")
    (pylint,) = [tool for tool in report["tools"] if tool["tool"] == "pylint"]
    found = re.search(r"niceness (\d+)", pylint["reason"])
    assert found, pylint
    return int(found[1])
