from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from lintbot.model.ids import AccountId, LintRunId, RepositoryId
from lintbot.model.lint import ToolOutcome
from lintbot.model.lint_run import Conclusion, LintRun, Stage, Verdict
from lintbot.store.rows import pack
from lintbot.store.tables import lint_result
from tests.store.conftest import Store
from tests.store.values import a_finding, a_judgement, a_result
from tests.support.deliveries import a_repository, a_sha

SUCCESS = Verdict(conclusion=Conclusion.SUCCESS)
CANCELLED = Verdict(conclusion=Conclusion.CANCELLED, reason="Too late.", reference="1234abcd")


def load(store: Store, run_id: LintRunId) -> LintRun:
    run = store.runs.load(run_id)
    assert run is not None
    return run


def test_a_new_run_is_queued_with_its_job_as_it_came(store: Store):
    job = store.push(1, before=9)
    assert load(store, job.run_id) == LintRun(job=job, stage=Stage.QUEUED)


def test_an_unknown_run_is_none(store: Store):
    assert store.runs.load(LintRunId("lint:1:0:1")) is None
    assert store.runs.load_target(LintRunId("lint:1:0:1")) is None


def test_the_first_verdict_stands(store: Store):
    job = store.push(1)
    judgement = a_judgement()
    assert store.runs.decide(job.run_id, SUCCESS, judgement)
    store.clock.forward(seconds=5)
    assert not store.runs.decide(job.run_id, CANCELLED)
    run = load(store, job.run_id)
    assert (run.verdict, run.judgement, run.stage) == (SUCCESS, judgement, Stage.REPORT)
    assert run.completed_at == job.received_at


def test_exactly_one_of_many_callers_decides(store: Store):
    jobs = [store.push(number, branch=f"b{number}") for number in range(5)]
    with ThreadPoolExecutor(8) as pool:
        for job in jobs:
            verdicts = [Verdict(conclusion=Conclusion.NEUTRAL, reason=str(n)) for n in range(16)]
            won = list(
                pool.map(lambda v, run_id=job.run_id: store.runs.decide(run_id, v), verdicts)
            )
            assert won.count(True) == 1
            assert load(store, job.run_id).verdict == verdicts[won.index(True)]


def test_stages_show_until_the_verdict(store: Store):
    job = store.push(1)
    store.clock.forward(seconds=3)
    store.runs.set_stage(job.run_id, Stage.CHECKOUT)
    started_at = store.clock.now()
    store.clock.forward(seconds=3)
    store.runs.set_stage(job.run_id, Stage.LINT)
    run = load(store, job.run_id)
    assert (run.stage, run.started_at) == (Stage.LINT, started_at)
    store.runs.decide(job.run_id, SUCCESS)
    store.runs.set_stage(job.run_id, Stage.BASELINE)
    assert load(store, job.run_id).stage is Stage.REPORT


def test_a_posted_verdict_is_posted_once(store: Store):
    job = store.push(1)
    store.runs.set_posted(job.run_id)
    assert load(store, job.run_id).posted_at is None
    store.runs.decide(job.run_id, SUCCESS)
    store.runs.set_posted(job.run_id)
    posted_at = store.clock.now()
    store.clock.forward(seconds=1)
    store.runs.set_posted(job.run_id)
    run = load(store, job.run_id)
    assert (run.stage, run.posted_at) == (Stage.COMPLETED, posted_at)


def test_the_check_runs_id_is_remembered(store: Store):
    job = store.push(1)
    store.runs.set_check_run(job.run_id, 2**40)
    assert load(store, job.run_id).check_run_id == 2**40


def test_a_job_is_superseded_when_its_branch_has_moved_on(store: Store):
    first = store.push(1)
    assert not store.runs.is_superseded(first)
    other = store.push(2, branch="other")
    assert not store.runs.is_superseded(first)
    store.push(3, before=1)
    assert store.runs.is_superseded(first)
    assert not store.runs.is_superseded(other)


def test_an_account_has_a_backlog_when_more_is_open_than_it_has_slots(store: Store):
    jobs = [store.push(number, branch=f"b{number}") for number in range(3)]
    account = jobs[0].account_id
    assert store.runs.has_backlog(account, 2)
    assert not store.runs.has_backlog(account, 3)
    assert not store.runs.has_backlog(AccountId(account + 1), 1)
    store.runs.decide(jobs[0].run_id, SUCCESS)
    assert not store.runs.has_backlog(account, 2)


def test_the_target_has_the_repositorys_present_name(store: Store):
    job = store.push(1)
    store.push(2, before=1, repository=a_repository(name="renamed", owner="Bea"))
    found = store.runs.load_target(job.run_id)
    assert found is not None
    target, repository = found
    assert (target.owner, target.name, target.installation_id) == ("Bea", "renamed", 7)
    assert repository == a_repository(name="renamed", owner="Bea")


def test_a_result_is_remembered_by_commit_and_tools(store: Store):
    result = a_result(a_finding())
    store.runs.save_result(RepositoryId(1), a_sha(1), "tools-1", result)
    store.runs.save_result(RepositoryId(1), a_sha(1), "tools-1", a_result())
    assert store.runs.load_result(RepositoryId(1), a_sha(1), "tools-1") == result
    assert store.runs.load_result(RepositoryId(1), a_sha(1), "tools-2") is None
    assert store.runs.load_result(RepositoryId(2), a_sha(1), "tools-1") is None


def test_a_partial_result_is_not_remembered(store: Store):
    store.runs.save_result(
        RepositoryId(1), a_sha(1), "tools", a_result(outcome=ToolOutcome.TIMED_OUT)
    )
    assert store.runs.load_result(RepositoryId(1), a_sha(1), "tools") is None


def test_a_result_of_another_version_is_forgotten(store: Store):
    store.runs.save_result(RepositoryId(1), a_sha(1), "tools", a_result())
    with store.database.write() as connection:
        connection.execute(lint_result.update().values(result=pack({"findings": "none"})))
    assert store.runs.load_result(RepositoryId(1), a_sha(1), "tools") is None
