"""The buttons of a completed check run, pressed by people who may and by others."""

from __future__ import annotations

from lintbot.standin.state import CheckRun, Repository
from tests.support.app import CHECK_SECONDS, Deployment, until, write_commit

CLEAN = '"""A module."""\n'
WORSE = f"{CLEAN}import os\n"


async def test_a_baseline_is_accepted_by_those_who_may_write(lintbot: Deployment):
    repository, _ = await lintbot.add_repository("pressing", {"a.py": CLEAN})
    head = write_commit(repository, {"a.py": WORSE}, lintbot.head(repository))
    run = await lintbot.check(repository, head)
    assert run.conclusion == "failure"
    assert [it["label"] for it in run.actions] == ["Re-lint", "Accept as baseline"]
    (sent,) = await lintbot.github.press(run, "accept_baseline", "stranger")
    assert sent.status_code == 202
    writer = lintbot.github.world.account("helper")
    repository.roles[writer.id] = "write"
    await lintbot.github.press(run, "accept_baseline", "helper")
    again = await second_run(lintbot, repository, head)
    assert (again.conclusion, again.external_id) == ("success", f"{run.external_id[:-1]}2")
    assert "2 accepted" in again.title
    assert f"GitHub user with id {writer.id}" in again.summary
    page = await lintbot.get(f"/gh/{repository.full_name}/runs/{head}")
    assert f"GitHub user with id {writer.id}" in page[1]

    fixed = write_commit(repository, {"a.py": CLEAN}, head)
    assert "2 fixed" in (await lintbot.check(repository, fixed)).title
    back = write_commit(repository, {"a.py": WORSE}, fixed)
    assert (await lintbot.check(repository, back)).conclusion == "success"


async def test_a_commit_is_linted_once_more(lintbot: Deployment):
    repository, _ = await lintbot.add_repository("again", {"a.py": CLEAN})
    head = lintbot.head(repository)
    run = await lintbot.check(repository, head)
    assert [it["identifier"] for it in run.actions] == ["relint"]
    await lintbot.github.press(run, "relint", "again")
    again = await second_run(lintbot, repository, head)
    assert (again.conclusion, again.name) == ("success", run.name)
    stranger = await lintbot.github.press(again, "relint", "stranger")
    assert stranger[0].status_code == 202


async def second_run(lintbot: Deployment, repository: Repository, sha: str) -> CheckRun:
    def is_there() -> bool:
        runs = lintbot.checks(repository, sha)
        return len(runs) == 2 and all(run.status == "completed" for run in runs)

    await until(is_there, f"a second check run: {lintbot.tails()}", CHECK_SECONDS)
    return lintbot.checks(repository, sha)[0]
