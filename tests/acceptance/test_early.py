"""A slow tool does not hold back what the quick ones found, and nothing is told twice."""

from __future__ import annotations

from lintbot.standin.state import CheckRun
from tests.support.app import CHECK_SECONDS, Deployment, count_doubled, until, write_commit

SLOW_PYLINT = '[tool.pylint.main]\ninit-hook = "import time; time.sleep(5)"\n'


async def test_findings_in_changed_files_are_shown_before_the_verdict(lintbot: Deployment):
    files = {"pyproject.toml": SLOW_PYLINT, "old.py": '"""Old."""\n\nOLD = missing\n'}
    repository, _ = await lintbot.add_repository("beforehand", {**files})
    files["new.py"] = '"""New."""\n\nNEW = undefined\n'
    sha = write_commit(repository, {**files}, lintbot.head(repository))
    await lintbot.push(repository, sha)

    def shown() -> list[CheckRun]:
        runs = lintbot.checks(repository, sha)
        return [run for run in runs if run.status == "in_progress" and "F821" in run.summary]

    await until(lambda: bool(shown()), "a finding before the verdict", CHECK_SECONDS)
    early = [(run.title, run.summary, list(run.annotations)) for run in shown()]
    run = await lintbot.wait_for_check(repository, sha)

    ((title, summary, annotations),) = early
    assert (title or "").endswith("in changed files so far")
    assert annotations == []
    assert "`new.py:3` error `flake8 F821`" in summary
    assert "old.py" not in summary
    assert run.conclusion == "failure"
    assert "so far" not in f"{run.title}{run.summary}"
    assert "`new.py:3` error `flake8 F821`" in (run.text or "")
    assert sorted(a["title"] for a in run.annotations) == [
        "flake8 F821",
        "pylint E0602 undefined-variable",
    ]
    assert count_doubled(run) == 0
