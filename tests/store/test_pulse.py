from __future__ import annotations

from lintbot.model.lint_run import Conclusion, Verdict
from lintbot.store.pulse import StoredPulse
from lintbot.store.recovery import StoredRecovery
from tests.store.conftest import Store
from tests.store.test_recovery import missed

SUCCESS = Verdict(conclusion=Conclusion.SUCCESS)


def test_the_figures_of_a_service(store: Store):
    pulse = StoredPulse(store.database, store.clock, 300)
    empty = pulse.read()
    assert (empty.verdicts, empty.p50_seconds, empty.stuck) == (0, None, 0)
    for number, seconds in enumerate((1, 2, 30), start=1):
        job = store.push(number, branch=str(number))
        store.clock.forward(seconds=seconds)
        store.runs.decide(job.run_id, SUCCESS)
        store.runs.set_posted(job.run_id)
    superseded = store.push(10, branch="other")
    store.clock.forward(seconds=200)
    store.runs.decide(superseded.run_id, Verdict(conclusion=Conclusion.CANCELLED))
    store.runs.set_posted(superseded.run_id)
    waiting = store.push(11, branch="waiting")
    book = StoredRecovery(store.database, store.clock)
    book.note_deliveries(missed(1, 2), frozenset())
    book.note_deliveries([], frozenset({"guid-2"}))
    now = pulse.read()
    assert (now.verdicts, now.p50_seconds, now.p95_seconds) == (3, 2, 30)
    assert (now.waiting, now.stuck, now.missed, now.recovered) == (1, 0, 2, 1)
    store.clock.forward(seconds=361)
    assert pulse.read().stuck == 1, "past its deadline"
    store.runs.decide(waiting.run_id, SUCCESS)
    assert (pulse.read().waiting, pulse.read().stuck) == (0, 0)
    store.clock.forward(seconds=61)
    assert pulse.read().stuck == 1, "GitHub does not show it"
    store.clock.forward(days=8)
    later = pulse.read()
    assert (later.verdicts, later.stuck, later.missed) == (0, 0, 0)
