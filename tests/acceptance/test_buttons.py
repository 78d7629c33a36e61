"""The buttons of a completed check run, pressed by people who may and by others."""

from __future__ import annotations

from lintbot.standin.state import CheckRun, Repository
from tests.support.app import CHECK_SECONDS, Deployment, until, write_commit
from tests.support.github import git

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


async def test_a_patch_is_offered_where_ruff_can_mend(lintbot: Deployment):
    repository, _ = await lintbot.add_repository("mending", {"a.py": CLEAN})
    many = "".join(f"import mod{number}\n" for number in range(40))
    files = {"a.py": f"{CLEAN}import os\n", "b.py": f"{CLEAN}{many}VALUE = 1\n"}
    modules = {f"mod{number}.py": CLEAN for number in range(40)}
    head = write_commit(repository, {**files, **modules}, lintbot.head(repository))
    run = await lintbot.check(repository, head)
    await until(lambda: "A patch for" in (run.text or ""), "a patch", CHECK_SECONDS)
    assert [it["label"] for it in run.actions] == ["Re-lint", "Accept as baseline", "Show patch"]
    assert "-import mod39" not in run.text
    await lintbot.github.press(run, "show_patch", "mending")
    await until(lambda: "-import mod39" in run.text, "all of the patch", CHECK_SECONDS)
    assert (run.status, run.conclusion) == ("completed", "failure")
    address = f"/gh/{repository.full_name}/runs/{head}.patch"
    assert f"curl -fsSL http://localhost:{lintbot.port}{address} | git apply" in run.text
    assert f"{address} | git apply" in (await lintbot.get(address.removesuffix(".patch")))[1]

    status, patch = await lintbot.get(address)
    assert status == 200
    clone = lintbot.folder / "mending-clone"
    git(lintbot.folder, "clone", "-q", str(repository.path), str(clone))
    (clone / "safe.patch").write_text(patch)
    git(clone, "apply", "--index", "safe.patch")
    assert git(clone, "diff", "--cached", "--name-only").split() == ["a.py", "b.py"]
    assert (clone / "b.py").read_text() == f"{CLEAN}VALUE = 1\n"
    mended = write_commit(
        repository,
        {name: (clone / name).read_text() for name in files} | modules,
        head,
    )
    run = await lintbot.check(repository, mended)
    assert (run.conclusion, "82 fixed" in run.title) == ("success", True), run.title


async def second_run(lintbot: Deployment, repository: Repository, sha: str) -> CheckRun:
    def is_there() -> bool:
        runs = lintbot.checks(repository, sha)
        return len(runs) == 2 and all(run.status == "completed" for run in runs)

    await until(is_there, f"a second check run: {lintbot.tails()}", CHECK_SECONDS)
    return lintbot.checks(repository, sha)[0]
