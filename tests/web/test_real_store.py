"""Badge, pages and API of what a real database holds."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from lintbot.model.jobs import LintJob
from lintbot.model.lint_run import Conclusion, Verdict
from lintbot.model.source import Explanation
from lintbot.store.catalog import StoredCatalog
from lintbot.store.database import Database
from lintbot.store.inbox import StoredInbox
from lintbot.store.lint_runs import StoredLintRuns
from lintbot.store.migrate import migrate
from lintbot.store.reports import StoredExplanations, StoredReports
from tests.support.deliveries import StoppedClock, a_push, decide_push
from tests.support.report_site import a_site
from tests.support.report_values import a_comparison, a_finding, a_judgement


class NoQueue:
    def announce(self, _connection: sa.Connection, job: LintJob) -> None:
        """Queue nothing: this test is about what people see."""

    def close(
        self, _connection: sa.Connection, run_id: str, conclusion: Conclusion, reason: str
    ) -> None:
        """Queue nothing."""


async def test_what_is_stored_is_what_people_see(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'lintbot.sqlite'}"
    migrate(url)
    database, clock = Database(url), StoppedClock()
    delivery = a_push(1)
    inbox = StoredInbox(database, clock, NoQueue())
    plan = inbox.accept(delivery, decide_push(delivery, clock.now()))
    assert plan is not None
    assert plan.job is not None
    assert plan.repository is not None
    name, sha = plan.repository.full_name, plan.job.head_sha
    runs = StoredLintRuns(database, clock)
    async with a_site(StoredCatalog(database), reports=StoredReports(database)) as client:
        async with client.get(f"/badge/{name}.svg") as response:
            assert "lint: pending" in await response.text()
        async with client.get(f"/gh/{name}/runs/{sha}") as response:
            assert "This commit is being linted." in await response.text()
    judgement = a_judgement(a_comparison(new=(a_finding(5),), fixed=(a_finding(6),)))
    runs.decide(plan.job.run_id, Verdict(conclusion=Conclusion.FAILURE), judgement)
    runs.save_excerpts(plan.repository.id, sha, {"src/shelf.py": {4: "import re", 5: "import os"}})
    StoredExplanations(database, clock).save(
        [
            Explanation(
                tool="pylint",
                version="4.1.4",
                code="W0611",
                name="unused-import",
                summary="",
                text="It is never used.",
                markdown=False,
            )
        ]
    )
    async with a_site(StoredCatalog(database), reports=StoredReports(database)) as client:
        async with client.get(f"/badge/{name.upper()}.svg") as response:
            assert f"lint: 9.42/10 (grade A, commit {sha[:7]}" in await response.text()
        for page in (f"/gh/{name}", f"/gh/{name}/runs/{sha}"):
            async with client.get(page) as response:
                assert response.status == 200
                assert "unused-import" in await response.text()
        for page in (
            f"/gh/{name}/runs/{sha}",
            f"/gh/{name}/files/src/shelf.py",
            f"/gh/{name}/rules/pylint:W0611",
        ):
            async with client.get(page) as response:
                assert "import re" in await response.text()
        async with client.get(f"/gh/{name}/rules/pylint:W0611") as response:
            assert "It is never used." in await response.text()
        async with client.get(f"/gh/{plan.repository.account.login}") as response:
            assert "9.42" in await response.text()
        async with client.get(f"/compare.json?repos={name}") as response:
            (column,) = (await response.json())["repositories"]
            assert column["score"]["value"] == "9.42"
        async with client.get(f"/gh/{name}/feed.atom") as response:
            assert response.status == 200
        async with client.get(f"/api/v1/repos/{name}") as response:
            history = (await response.json())["history"]
        assert [(run["new"], run["fixed"]) for run in history] == [(1, 1)]
    database.close()
