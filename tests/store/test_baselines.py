"""What a person asks for, stored: one more attempt, an accepted baseline."""

from __future__ import annotations

import pytest

from lintbot.model.ids import LintRunId, RepositoryId
from lintbot.model.jobs import LintJob, Trigger
from lintbot.model.lint_run import Conclusion, Verdict
from lintbot.store.attempts import StoredAttempts
from lintbot.store.baselines import StoredBaselines
from lintbot.store.tables import lint_run
from tests.store.conftest import Store
from tests.store.values import a_judgement

FAILURE = Verdict(conclusion=Conclusion.FAILURE)
UNKNOWN = LintRunId("lint:1:0:1")


def attempts(store: Store) -> StoredAttempts:
    return StoredAttempts(store.database, store.clock, store.queue)


def baselines(store: Store) -> StoredBaselines:
    return StoredBaselines(store.database, store.clock, attempts(store))


def judged(store: Store, sha: int, **facts: object) -> LintJob:
    job = store.push(sha, **facts)
    assert store.runs.decide(job.run_id, FAILURE, a_judgement())
    return job


def test_one_more_attempt_is_queued_while_none_is_open(store: Store):
    job = judged(store, 1, before=9)
    store.clock.forward(hours=1)
    second = attempts(store).start(job.run_id)
    assert second == f"{job.run_id[:-1]}2"
    assert attempts(store).start(job.run_id) is None, "the second is open"
    assert store.runs.decide(second, FAILURE)
    third = attempts(store).start(job.run_id)
    again = store.queue.announced[-1]
    assert (again.run_id, again.attempt, again.trigger) == (third, 3, Trigger.RERUN)
    assert (again.branch, again.before, again.priority) == ("main", job.before, 1)
    assert again.received_at == store.clock.now()
    assert attempts(store).start(UNKNOWN) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Trigger.PUSH, Trigger.PUSH),
        (Trigger.CHECK_SUITE, Trigger.CHECK_SUITE),
        (Trigger.PULL_REQUEST, Trigger.RERUN),
        (Trigger.RERUN, Trigger.RERUN),
    ],
)
def test_what_was_withheld_is_resumed_as_it_was_asked_for(
    store: Store, before: Trigger, after: Trigger
):
    job = store.push(1)
    with store.database.write() as connection:
        connection.execute(lint_run.update().values(trigger=before.value))
    assert attempts(store).resume(job.run_id) is None, "it is open"
    assert store.runs.decide(job.run_id, Verdict(conclusion=Conclusion.NEUTRAL, withheld=True))
    assert attempts(store).resume(job.run_id) == f"{job.run_id[:-1]}2"
    assert store.queue.announced[-1].trigger is after
    assert attempts(store).resume(LintRunId("lint:1:0:1")) is None


def test_a_commit_that_its_branch_has_left_is_linted_without_it(store: Store):
    old = judged(store, 1)
    judged(store, 2, before=1)
    attempts(store).start(old.run_id)
    assert store.queue.announced[-1].branch is None


def test_findings_are_accepted_and_revoked(store: Store):
    job = judged(store, 1)
    kept = baselines(store)
    assert kept.load(job.repository_id) is None
    assert kept.accept(job.run_id, by=42)
    accepted = kept.load(job.repository_id)
    assert accepted is not None
    comparison = a_judgement().comparison
    assert accepted.fingerprints == {
        finding.fingerprint for finding in (*comparison.new, *comparison.unchanged)
    }
    assert (accepted.sha, accepted.accepted_by) == (job.head_sha, 42)
    assert accepted.accepted_at == store.clock.now()
    assert [it.attempt for it in store.queue.announced] == [1, 2]
    assert kept.accept(job.run_id, by=42), "once more does no harm"
    assert [it.attempt for it in store.queue.announced] == [1, 2]
    assert kept.revoke(job.repository_id, by=43)
    assert kept.load(job.repository_id) is None
    assert not kept.revoke(job.repository_id, by=43)
    assert kept.accept(job.run_id, by=44)
    again = kept.load(job.repository_id)
    assert again is not None
    assert again.accepted_by == 44


def test_the_newest_acceptance_counts(store: Store):
    first, second = judged(store, 1), judged(store, 2, before=1)
    assert baselines(store).accept(first.run_id, by=1)
    store.clock.forward(seconds=1)
    assert baselines(store).accept(second.run_id, by=1)
    accepted = baselines(store).load(first.repository_id)
    assert accepted is not None
    assert accepted.sha == second.head_sha


def test_what_was_not_judged_cannot_be_accepted(store: Store):
    job = store.push(1)
    assert not baselines(store).accept(job.run_id, by=1)
    assert not baselines(store).accept(UNKNOWN, by=1)
    assert baselines(store).load(RepositoryId(1)) is None
