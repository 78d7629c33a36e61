"""What is stored of an account is found whichever table it is in, and goes."""

from __future__ import annotations

from dataclasses import replace

from lintbot.model.ids import AccountId
from lintbot.model.lint_run import Conclusion, Verdict
from lintbot.model.plans import PlanState
from lintbot.store.erasure import StoredErasure
from lintbot.store.plans import StoredPlans
from lintbot.store.tables import metadata
from tests.store.conftest import Store
from tests.store.values import a_judgement, a_result
from tests.support.deliveries import START, a_repository, a_sha

SHARED = {"delivery", "chore", "missed_delivery", "executor", "explanation"}
"""Nothing in these names an account: ids of deliveries, the clock of workers, rules of tools."""
PACKAGES = {"advisory", "package", "package_event", "package_report"}
"""Of the package index, whoever asked."""


def fill(store: Store, number: int, owner: str) -> None:
    repository = replace(a_repository(number, owner=owner), private=True)
    job = store.push(number, repository=repository)
    verdict = Verdict(conclusion=Conclusion.SUCCESS)
    store.runs.decide(job.run_id, verdict, a_judgement())
    store.runs.save_result(repository.id, a_sha(number), "key", a_result())
    store.runs.save_excerpts(repository.id, a_sha(number), {})
    state = PlanState(
        account_id=repository.account.id,
        subscription=None,
        plan_since=START,
        ended_at=None,
        read_at=START,
    )
    StoredPlans(store.database).save(state)


def test_one_account_goes_and_the_other_stays(store: Store):
    fill(store, 1, "Ann")
    fill(store, 2, "Bob")
    erasure = StoredErasure(store.database)
    ann, bob = erasure.find("ann"), erasure.find("20")
    assert ann is not None
    assert bob is not None
    assert (ann.account_id, ann.repositories, ann.installed) == (AccountId(10), (1,), True)
    before, others = erasure.count(ann), erasure.count(bob)
    assert {"repository", "lint_run", "lint_result", "excerpt", "alias", "branch_head",
            "account_plan", "installation"} <= set(before)  # fmt: skip
    assert erasure.delete(ann) == before
    assert erasure.count(ann) == {}
    others.pop("installation", None)
    assert {k: v for k, v in erasure.count(bob).items() if k != "installation"} == others
    assert erasure.find("ann") is None
    assert erasure.find("nobody") is None


def test_a_table_that_names_neither_account_nor_repository_is_known_to():
    named = {
        table.name
        for table in metadata.sorted_tables
        if not {"repository_id", "account_id", "person_id"} & set(table.c.keys())
    }
    assert named <= SHARED | PACKAGES | {"person"}, (
        "can `lintbot admin forget` find what is in there?"
    )
