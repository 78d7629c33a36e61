"""A repository's own settings, from the push to the check run."""

from __future__ import annotations

from tests.support.app import CHECK_SECONDS, Deployment, until, write_commit

CLEAN = '"""A module."""\n'
WORSE = f"{CLEAN}import os\n"


async def test_the_base_of_a_pull_request_has_the_gate(lintbot: Deployment):
    repository, _ = await lintbot.add_repository("gated", {"README": "text\n"})
    base = write_commit(repository, {".lintbot.toml": 'gate = "error"\n', "a.py": CLEAN})
    assert (await lintbot.check(repository, base)).conclusion == "success"
    opening = {".lintbot.toml": 'gate = "none"\n', "a.py": f"{CLEAN}\nVALUE = missing\n"}
    head = write_commit(repository, opening, base)
    await lintbot.push(repository, head, "topic", order=())
    _, sent = await lintbot.github.open_pull(repository, "main", "topic")
    assert sent[0].status_code == 202
    run = await lintbot.wait_for_check(repository, head)
    assert run.conclusion == "failure"
    assert "This changes gate from error to none; it counts once it is merged" in run.summary
    await lintbot.push(repository, head)
    worse = write_commit(repository, {**opening, "b.py": f"{CLEAN}\nVALUE = missing\n"}, head)
    run = await lintbot.check(repository, worse)
    assert (run.conclusion, "The gate is `none`" in run.summary) == ("success", True)


async def test_a_mistake_in_the_settings_is_explained_and_loses_nothing(lintbot: Deployment):
    repository, _ = await lintbot.add_repository("mistaken", {"README": "text\n"})
    files = {"pyproject.toml": '[tool.lintbot]\ngaet = "none"\n', "a.py": CLEAN}
    run = await lintbot.check(repository, write_commit(repository, files))
    assert run.conclusion == "neutral"
    assert "pyproject.toml, line 2: unknown key 'gaet'; did you mean 'gate'?" in run.summary
    assert "0 new" in run.title
    page = await lintbot.get(f"/gh/{repository.full_name}/runs/{run.head_sha}")
    assert "did you mean &#39;gate&#39;?" in page[1]


async def test_pushes_to_other_branches_are_not_linted_but_pull_requests_are(lintbot: Deployment):
    repository, _ = await lintbot.add_repository("branching", {"README": "text\n"})
    base = write_commit(repository, {".lintbot.toml": 'branches = ["main"]\n', "a.py": CLEAN})
    await lintbot.check(repository, base)
    head = write_commit(repository, {".lintbot.toml": 'branches = ["main"]\n', "a.py": WORSE}, base)
    await lintbot.push(repository, head, "topic")
    run = await lintbot.wait_for_check(repository, head)
    assert run.conclusion == "neutral"
    assert run.title.startswith("Not judged: .lintbot.toml has only pushes to main linted.")
    await lintbot.github.open_pull(repository, "main", "topic")

    def is_linted() -> bool:
        runs = lintbot.checks(repository, head)
        return [run.conclusion for run in runs] == ["failure", "neutral"]

    await until(is_linted, "the pull request is linted", CHECK_SECONDS)
