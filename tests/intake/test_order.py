"""Laws: whatever order GitHub's deliveries come in, one commit has one open run at most."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from lintbot.intake.decide import decide
from lintbot.model.events import CheckRequested, PullRequestChanged, Push
from lintbot.model.intake import CommitEvent, Known, KnownRun, Plan, head_of
from lintbot.model.jobs import LintJob
from lintbot.model.repository import Account, Repository

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
REPOSITORY = Repository(
    id=9, account=Account(id=5, login="octo"), name="hello", private=False, default_branch="main"
)


@dataclass
class Run:
    job: LintJob
    decided: bool = False
    cancelled: bool = False
    pull: int | None = None


@dataclass
class Store:
    """The store in a few lines: what it knows, and what a plan does to it."""

    runs: list[Run] = field(default_factory=list)
    heads: dict[str, tuple[str, str | None]] = field(default_factory=dict)

    def receive(self, event: CommitEvent) -> Plan:
        plan = decide(event, self.known(event), NOW)
        if plan.branch is not None and plan.branch.sha is not None:
            self.heads[plan.branch.branch] = (plan.branch.sha, plan.branch.before)
        for run in self.runs:
            if plan.adopt_pull is not None and run.job.run_id == plan.adopt_pull[0]:
                run.pull = plan.adopt_pull[1]
            if run.job.run_id in plan.supersede:
                run.decided = run.cancelled = True
        if plan.job is not None:
            self.runs.append(Run(plan.job, pull=plan.job.pull_number))
        return plan

    def known(self, event: CommitEvent) -> Known:
        head = head_of(event)
        known = Known(
            runs=tuple(
                KnownRun(
                    run_id=run.job.run_id,
                    attempt=run.job.attempt,
                    decided=run.decided,
                    cancelled=run.cancelled,
                    compared_with_pull=run.pull is not None,
                )
                for run in self.runs
                if run.job.head_sha == head.sha
            )
        )
        if head.branch not in self.heads:
            return known
        sha, before = self.heads[head.branch]
        return replace(
            known,
            head_sha=sha,
            head_before=before,
            head_run=self.open_run(sha) if sha != head.sha else None,
        )

    def open_run(self, sha: str) -> str | None:
        open_runs = [r for r in self.runs if r.job.head_sha == sha and not r.decided]
        return open_runs[-1].job.run_id if open_runs else None

    def judge_all(self) -> None:
        """The worker: what its branch has left is cancelled, the rest is judged."""
        for run in self.runs:
            if not run.decided:
                head = self.heads.get(run.job.branch or "")
                run.cancelled = head is not None and head[0] != run.job.head_sha
                run.decided = True


def events_of(before: str | None, after: str, number: int | None) -> list[CommitEvent]:
    """What GitHub sends when ``main`` moves, and a pull request of that branch if it has one."""
    here = {"installation_id": 7, "repository": REPOSITORY}
    facts = {"branch": "main", "before": before}
    events: list[CommitEvent] = [
        Push(**here, **facts, after=after, forced=False, changed_files=1),
        CheckRequested(**here, **facts, head_sha=after, again=False, app_id=1),
    ]
    if number is not None:
        pull = {"number": number, "head_branch": "main", "base_branch": "x", "base_sha": "f" * 40}
        events.append(
            PullRequestChanged(
                **here,
                **pull,
                head_sha=after,
                from_fork=False,
                changed_files=1,
                before=before,
            )
        )
    return events


@given(data=st.data(), number=st.sampled_from([None, 12]))
def test_three_events_of_one_push_make_one_run(data: st.DataObject, number: int | None):
    store = Store()
    events = data.draw(st.permutations(events_of(None, "a" * 40, number)))
    for event in events + data.draw(st.permutations(events)):
        store.receive(event)
    assert len(store.runs) == 1
    assert store.runs[0].pull == number


@given(
    data=st.data(),
    pushes=st.lists(st.sampled_from("abcd"), min_size=1, max_size=6),
    number=st.sampled_from([None, 12]),
)
def test_the_head_of_a_branch_always_ends_with_a_verdict_of_its_own(
    data: st.DataObject, pushes: list[str], number: int | None
):
    """Pushes in order, each told up to three times in any order, judged at any time between."""
    store, before = Store(), None
    for digit in pushes:
        after = digit * 40
        if after == before:
            continue
        for event in data.draw(st.permutations(events_of(before, after, number))):
            store.receive(event)
            if data.draw(st.booleans()):
                store.judge_all()
        before = after
    store.judge_all()
    assert store.heads["main"][0] == before
    last = [run for run in store.runs if run.job.head_sha == before][-1]
    assert not last.cancelled
    assert all(run.decided for run in store.runs)


@given(data=st.data(), number=st.sampled_from([None, 12]))
def test_two_pushes_whose_deliveries_overtake_each_other(data: st.DataObject, number: int | None):
    store = Store()
    first, second = "a" * 40, "b" * 40
    events = events_of(None, first, number) + events_of(first, second, number)
    for event in data.draw(st.permutations(events)):
        store.receive(event)
        if data.draw(st.booleans()):
            store.judge_all()
    store.judge_all()
    assert store.heads["main"][0] == second
    assert not [run for run in store.runs if run.job.head_sha == second][-1].cancelled
