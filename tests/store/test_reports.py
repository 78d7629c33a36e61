"""What the pages show beside findings, stored and read again."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from lintbot.model.ids import RepositoryId
from lintbot.model.jobs import LintJob
from lintbot.model.lint_run import Conclusion, Verdict
from lintbot.model.overview import make_overview
from lintbot.model.source import Explanation
from lintbot.store.backlog import KEEP_FINDINGS, KEEP_REMOVED
from lintbot.store.reports import StoredExplanations, StoredReports
from lintbot.store.tables import lint_run, repository
from tests.store.conftest import Store
from tests.store.values import a_judgement
from tests.support.deliveries import a_repository, a_sha

ONE = RepositoryId(1)


def judge(store: Store, job: LintJob, hundredths: int = 942) -> None:
    store.runs.decide(job.run_id, Verdict(conclusion=Conclusion.SUCCESS), a_judgement(hundredths))


def test_an_overview_is_the_judgement_without_its_findings(store: Store):
    reports = StoredReports(store.database)
    assert reports.latest_overview(ONE, "main") is None
    job = store.push(1)
    judge(store, job)
    latest = reports.latest_overview(ONE, "main")
    assert latest is not None
    assert (latest.job, latest.overview) == (job, make_overview(a_judgement()))
    (summary,) = store.catalog.history(ONE, "main", 10)
    assert summary.versions == {"pylint": "4.1.4"}


def test_runs_from_before_there_were_overviews_have_one_too(store: Store):
    judge(store, store.push(1))
    with store.database.write() as connection:
        connection.execute(lint_run.update().values(overview=None, versions=None))
    latest = StoredReports(store.database).latest_overview(ONE, "main")
    assert latest is not None
    assert latest.overview == make_overview(a_judgement())
    assert store.catalog.history(ONE, "main", 10)[0].versions == {}


def test_overviews_are_those_of_decided_runs_newest_first(store: Store):
    jobs = []
    for number in range(1, 5):
        jobs.append(store.push(number, before=number - 1 or None))
        store.clock.forward(seconds=1)
        if number <= 2:
            judge(store, jobs[-1])
    store.runs.decide(jobs[2].run_id, Verdict(conclusion=Conclusion.CANCELLED))
    reports = StoredReports(store.database)
    found = reports.overviews(ONE, "main", 10)
    assert [it.job for it in found] == [jobs[2], jobs[1], jobs[0]]
    assert [it.overview is None for it in found] == [True, False, False]
    assert [it.job for it in reports.overviews(ONE, "main", 1)] == [jobs[2]]


def test_an_account_has_its_repositories_by_name_blind_to_case(store: Store):
    store.push(1, repository=a_repository(2, name="Beta"))
    store.push(2, repository=a_repository(3, name="alpha"))
    store.push(3, repository=a_repository(4, name="gone"))
    with store.database.write() as connection:
        now = store.clock.now()
        connection.execute(repository.update().where(repository.c.id == 4).values(removed_at=now))
    found = StoredReports(store.database).list_repositories("aNN")
    assert [it.name for it in found] == ["alpha", "Beta"]
    assert StoredReports(store.database).list_repositories("nobody") == ()


def test_excerpts_are_kept_with_a_commit_and_go_with_its_repository(store: Store):
    reports = StoredReports(store.database)
    assert reports.load_excerpts(ONE, a_sha(1)) == {}
    store.push(1)
    store.runs.save_excerpts(ONE, a_sha(1), {"a.py": {1: "old"}})
    store.runs.save_excerpts(ONE, a_sha(1), {"a.py": {1: "import §", 12: ""}})
    assert reports.load_excerpts(ONE, a_sha(1)) == {"a.py": {1: "import §", 12: ""}}
    now = store.clock.now()
    with store.database.write() as connection:
        connection.execute(repository.update().values(removed_at=now))
    store.backlog.delete_old(now + KEEP_REMOVED + timedelta(days=1))
    assert reports.load_excerpts(ONE, a_sha(1)) == {}


def test_old_excerpts_go_but_not_those_of_a_branchs_head(store: Store):
    store.push(1)
    for sha in (a_sha(1), a_sha(2)):
        store.runs.save_excerpts(ONE, sha, {"a.py": {1: "x"}})
    store.backlog.delete_old(store.clock.now() + KEEP_FINDINGS + timedelta(days=1))
    reports = StoredReports(store.database)
    assert reports.load_excerpts(ONE, a_sha(1)) == {"a.py": {1: "x"}}
    assert reports.load_excerpts(ONE, a_sha(2)) == {}


def an_explanation(version: str, text: str = "Used when …") -> Explanation:
    return Explanation(
        tool="pylint",
        version=version,
        code="W0611",
        name="unused-import",
        summary="Unused %s",
        text=text,
        markdown=False,
    )


def test_a_rule_is_explained_by_the_version_that_found_it_or_the_last_one_asked(store: Store):
    reports, kept = StoredReports(store.database), StoredExplanations(store.database, store.clock)
    assert reports.explain("pylint", "W0611", "4.1.4") is None
    for version in ("4.0.0", "4.1.4"):
        assert not kept.knows("pylint", version)
        kept.save([an_explanation(version)])
        store.clock.forward(seconds=1)
        assert kept.knows("pylint", version)
    kept.save([an_explanation("4.1.4", "changed")])
    assert reports.explain("pylint", "W0611", "4.0.0") == an_explanation("4.0.0")
    assert reports.explain("pylint", "W0611", "3.0.0") == an_explanation("4.1.4")
    assert reports.explain("pylint", "W0612", "4.1.4") is None


def test_nothing_of_a_page_reads_a_whole_table(store: Store):
    """Every read of the pages is by an index."""
    if store.database.is_postgres:
        return  # it may prefer to read a table of a few rows whole
    with store.database.read() as connection:
        plan = connection.execute(
            sa.text(
                "EXPLAIN QUERY PLAN SELECT * FROM repository WHERE lower(owner) = 'ann' LIMIT 9"
            )
        ).all()
    assert "USING INDEX repository_by_owner" in plan[0][-1]


def test_the_latest_summaries_are_those_of_default_branches(store: Store):
    one, two = a_repository(1), a_repository(2, name="other")
    judge(store, store.push(1, repository=one), 500)
    store.clock.forward(seconds=1)
    judge(store, store.push(2, repository=one, branch="dev"), 600)
    store.push(3, repository=two)
    found = StoredReports(store.database).latest_summaries([one, two])
    assert {key: it.score and it.score.hundredths for key, it in found.items()} == {ONE: 500}
