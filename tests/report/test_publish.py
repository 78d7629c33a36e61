"""Posting, against a GitHub with its limits, killed at every point."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest

from lintbot.errors import GoneError, PermanentError, TransientError
from lintbot.model.lint_run import Conclusion, LintRun, Stage, Verdict
from lintbot.ports import Target
from lintbot.report.publish import Publisher, in_batches
from tests.support.report_fakes import FakeForge, FakePatches, FakeRuns, KilledError
from tests.support.report_values import (
    a_comparison,
    a_finding,
    a_judgement,
    a_patch,
    a_repository,
    a_run,
)

MANY = tuple(a_finding(line) for line in range(1, 2001))


def _publisher(forge: FakeForge, runs: FakeRuns, patches: FakePatches | None = None) -> Publisher:
    return Publisher(
        forge=forge,
        runs=runs,
        patches=patches or FakePatches(),
        public_url="https://lint.example/",
    )


def _runs(run: LintRun | None = None) -> FakeRuns:
    return FakeRuns(run or a_run(a_judgement(a_comparison(new=MANY))), a_repository())


def _undecided() -> LintRun:
    return replace(a_run(None), verdict=None, stage=Stage.QUEUED)


def _raise_at(number: int, error: Exception):
    def at(request: int) -> None:
        if request == number:
            raise error

    return at


async def test_announce_creates_one_queued_check_run() -> None:
    forge, runs = FakeForge(), _runs(_undecided())
    publisher = _publisher(forge, runs)
    await publisher.announce(runs.run.job)
    await publisher.announce(runs.run.job)
    (check_run,) = forge.check_runs
    assert check_run.status == "queued"
    assert check_run.id == runs.run.check_run_id
    sha = runs.run.job.head_sha
    assert check_run.details_url == f"https://lint.example/gh/octo/project/runs/{sha}"


async def test_announce_finds_the_check_run_whose_answer_was_lost() -> None:
    forge, runs = FakeForge(after=_raise_at(1, TransientError("lost"))), _runs(_undecided())
    publisher = _publisher(forge, runs)
    with pytest.raises(TransientError):
        await publisher.announce(runs.run.job)
    await publisher.announce(runs.run.job)
    assert len(forge.check_runs) == 1
    assert runs.run.check_run_id == 1


async def test_a_run_closed_while_it_is_announced_is_completed() -> None:
    runs = _runs(_undecided())

    def close(_request: int) -> None:
        verdict = Verdict(conclusion=Conclusion.CANCELLED, reason="A newer commit was pushed.")
        runs.run = replace(runs.run, verdict=verdict, posted_at=runs.run.job.received_at)

    forge = FakeForge(before=close)
    await _publisher(forge, runs).announce(runs.run.job)
    assert [it.conclusion for it in forge.check_runs] == [Conclusion.CANCELLED]


async def test_announce_of_a_decided_run_does_nothing() -> None:
    forge, runs = FakeForge(), _runs()
    await _publisher(forge, runs).announce(runs.run.job)
    assert forge.check_runs == []


async def test_announce_and_start_leave_a_repository_that_is_gone() -> None:
    forge, runs = FakeForge(), FakeRuns(_undecided(), None)
    publisher = _publisher(forge, runs)
    await publisher.announce(runs.run.job)
    await publisher.start(runs.run.job)
    assert forge.requests == 0


async def test_start_shows_progress() -> None:
    forge, runs = FakeForge(), _runs(_undecided())
    await _publisher(forge, runs).start(runs.run.job)
    (check_run,) = forge.check_runs
    assert check_run.status == "in_progress"
    assert check_run.output is not None
    assert check_run.output.title == "Linting"


async def test_start_is_cosmetic() -> None:
    forge = FakeForge(before=_raise_at(2, TransientError("GitHub is down")))
    runs = _runs(_undecided())
    await _publisher(forge, runs).start(runs.run.job)
    assert forge.check_runs[0].status == "queued"


async def test_start_of_a_decided_run_does_nothing() -> None:
    forge, runs = FakeForge(), _runs()
    await _publisher(forge, runs).start(runs.run.job)
    assert forge.requests == 0


async def test_two_thousand_findings_are_capped_batched_and_not_doubled() -> None:
    forge, runs = FakeForge(), _runs()
    await _publisher(forge, runs).publish(runs.run.job.run_id)
    (check_run,) = forge.check_runs
    assert forge.batches == [50, 50, 50, 50]
    assert [it.start_line for it in check_run.annotations] == list(range(1, 201))
    assert check_run.conclusion is Conclusion.FAILURE
    assert runs.run.posted_at is not None


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("request_number", [1, 2, 3, 4, 5])
async def test_killed_anywhere_and_run_again(moment: str, request_number: int) -> None:
    forge, runs = FakeForge(), _runs()
    setattr(forge, moment, _raise_at(request_number, KilledError("kill -9")))
    publisher = _publisher(forge, runs)
    with pytest.raises(KilledError):
        await publisher.publish(runs.run.job.run_id)
    await publisher.publish(runs.run.job.run_id)
    (check_run,) = forge.check_runs
    assert [it.start_line for it in check_run.annotations] == list(range(1, 201))
    assert check_run.status == "completed"
    assert check_run.conclusion is Conclusion.FAILURE
    assert runs.run.posted_at is not None


async def test_publishing_twice_sends_once() -> None:
    forge, runs = FakeForge(), _runs()
    publisher = _publisher(forge, runs)
    await publisher.publish(runs.run.job.run_id)
    sent = forge.requests
    await publisher.publish(runs.run.job.run_id)
    runs.run = replace(runs.run, posted_at=None)
    await publisher.publish(runs.run.job.run_id)
    assert forge.requests == sent
    assert runs.run.posted_at is not None


async def test_a_clean_run_is_one_request_with_its_conclusion() -> None:
    forge, runs = FakeForge(), _runs(a_run(a_judgement()))
    await _publisher(forge, runs).publish(runs.run.job.run_id)
    (check_run,) = forge.check_runs
    assert forge.batches == [0]
    assert check_run.conclusion is Conclusion.SUCCESS
    assert check_run.output is not None
    assert check_run.output.title == "9.42 · 12 files, 0 new"


async def test_a_superseded_run_is_cancelled() -> None:
    verdict = Verdict(conclusion=Conclusion.CANCELLED, reason="A newer commit was pushed.")
    forge, runs = FakeForge(), _runs(a_run(None, verdict))
    await _publisher(forge, runs).publish(runs.run.job.run_id)
    assert forge.check_runs[0].conclusion is Conclusion.CANCELLED


async def test_a_check_run_that_the_list_does_not_show_yet_is_used_by_its_id() -> None:
    forge, runs = FakeForge(), _runs(_undecided())
    publisher = _publisher(forge, runs)
    await publisher.announce(runs.run.job)
    forge.listed = False
    runs.run = replace(runs.run, verdict=Verdict(conclusion=Conclusion.SUCCESS))
    await publisher.publish(runs.run.job.run_id)
    (check_run,) = forge.check_runs
    assert check_run.status == "completed"


async def test_nothing_is_posted_without_a_verdict_or_for_an_unknown_run() -> None:
    forge, runs = FakeForge(), _runs(_undecided())
    publisher = _publisher(forge, runs)
    await publisher.publish(runs.run.job.run_id)
    await publisher.publish("lint:0:0:1")
    assert forge.requests == 0
    assert runs.run.posted_at is None


async def test_a_repository_that_is_gone_ends_the_matter() -> None:
    runs = FakeRuns(a_run(a_judgement()), None)
    await _publisher(FakeForge(), runs).publish(runs.run.job.run_id)
    assert runs.run.posted_at is not None


async def test_an_installation_revoked_while_posting_ends_the_matter() -> None:
    forge, runs = FakeForge(before=_raise_at(3, GoneError("403 suspended"))), _runs()
    await _publisher(forge, runs).publish(runs.run.job.run_id)
    assert runs.run.posted_at is not None
    assert forge.check_runs[0].status == "queued"


async def test_a_refused_report_still_completes() -> None:
    forge, runs = FakeForge(before=_raise_at(3, PermanentError("422 annotations"))), _runs()
    await _publisher(forge, runs).publish(runs.run.job.run_id)
    (check_run,) = forge.check_runs
    assert check_run.conclusion is Conclusion.FAILURE
    assert len(check_run.annotations) == 50
    assert check_run.output is not None
    assert "did not take all" in check_run.output.summary


async def test_trouble_that_may_pass_is_left_to_the_caller() -> None:
    forge, runs = FakeForge(before=_raise_at(4, TransientError("502"))), _runs()
    publisher = _publisher(forge, runs)
    with pytest.raises(TransientError):
        await publisher.publish(runs.run.job.run_id)
    assert runs.run.posted_at is None


def test_batches() -> None:
    assert in_batches(()) == [()]
    assert [len(batch) for batch in in_batches((None,) * 101)] == [50, 50, 1]


async def test_a_patch_that_comes_after_the_verdict_is_shown_beside_it() -> None:
    forge, runs, patches = FakeForge(), _runs(), FakePatches()
    publisher = _publisher(forge, runs, patches)
    job = runs.run.job
    run_id, commit = job.run_id, (job.repository_id, job.head_sha)
    patches.save(*commit, a_patch(lines=100))
    await publisher.show_patch(run_id)
    assert forge.check_runs == [], "the report is still to come and will have it"
    patches.patches.clear()
    await publisher.publish(run_id)
    (check_run,) = forge.check_runs
    before = check_run.output
    patches.save(*commit, a_patch(lines=100))
    await publisher.show_patch(run_id)
    assert check_run.output.summary == before.summary
    assert "A patch for" in check_run.output.text
    assert "+line 99" not in check_run.output.text
    await publisher.show_patch(run_id, whole=True)
    assert "+line 99" in check_run.output.text
    assert (check_run.conclusion, len(check_run.annotations)) == (Conclusion.FAILURE, 200)
    runs.repository = None
    await publisher.show_patch(run_id)


async def test_no_check_run_is_made_for_a_patch() -> None:
    """A lint run that adopted an earlier verdict has none, and shows nothing."""
    forge, runs, patches = FakeForge(), _runs(), FakePatches()
    runs.set_posted(runs.run.job.run_id)
    patches.save(runs.run.job.repository_id, runs.run.job.head_sha, a_patch())
    await _publisher(forge, runs, patches).show_patch(runs.run.job.run_id)
    assert forge.requests == 0


@pytest.mark.parametrize("killed_at", [1, 2, 3, 4, 5, 6])
async def test_a_twin_that_a_lost_answer_left_open_is_completed_too(killed_at: int) -> None:
    forge, runs = FakeForge(), _runs()
    publisher, job = _publisher(forge, runs), runs.run.job
    target = Target(
        installation_id=job.installation_id,
        repository_id=job.repository_id,
        owner="octo",
        name="project",
    )
    for _ in range(2):
        await forge.create_check_run(target, job.run_id, job.head_sha, "url")
    forge.requests, forge.after = 0, _raise_at(killed_at, KilledError())
    with contextlib.suppress(KilledError):
        await publisher.publish(job.run_id)
    forge.after = lambda _: None
    await publisher.publish(job.run_id)
    first, twin = forge.check_runs
    assert (first.status, twin.status) == ("completed", "completed")
    assert first.conclusion == twin.conclusion == Conclusion.FAILURE
    assert (len(first.annotations), len(twin.annotations)) == (200, 0)
