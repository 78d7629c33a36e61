"""Deliveries and plans for the tests of store and queue."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from lintbot.intake.decide import HUGE_FILES
from lintbot.model.events import Delivery, Push
from lintbot.model.ids import (
    AccountId,
    DeliveryId,
    InstallationId,
    RepositoryId,
    Sha,
    make_lint_run_id,
)
from lintbot.model.intake import BranchMove, Known, Plan
from lintbot.model.jobs import HUGE_PRIORITY, LintJob, Trigger
from lintbot.model.repository import Account, Repository

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_numbers = itertools.count(1)


class StoppedClock:
    """A clock that moves when told."""

    def __init__(self, moment: datetime = START) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def forward(self, **delta: float) -> None:
        self.moment += timedelta(**delta)


class RealClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def a_sha(number: int) -> Sha:
    return Sha(f"{number:040x}")


def a_repository(number: int = 1, *, name: str = "app", owner: str = "Ann") -> Repository:
    return Repository(
        id=RepositoryId(number),
        account=Account(id=AccountId(number * 10), login=owner),
        name=name,
        private=False,
        default_branch="main",
    )


def a_push(
    sha: int,
    *,
    before: int | None = None,
    branch: str = "main",
    repository: Repository | None = None,
    changed_files: int = 1,
) -> Delivery:
    return a_delivery(
        Push(
            installation_id=InstallationId(7),
            repository=repository or a_repository(),
            branch=branch,
            before=a_sha(before) if before is not None else None,
            after=a_sha(sha),
            forced=False,
            changed_files=changed_files,
        )
    )


def a_delivery(event: object, name: str = "push") -> Delivery:
    return Delivery(id=DeliveryId(f"delivery-{next(_numbers)}"), name=name, event=event)  # type: ignore[arg-type]


def a_job(delivery: Delivery, *, attempt: int = 1, received_at: datetime = START) -> LintJob:
    push = delivery.event
    assert isinstance(push, Push)
    return LintJob(
        run_id=make_lint_run_id(push.repository.id, push.after, attempt),
        repository_id=push.repository.id,
        account_id=push.repository.account.id,
        installation_id=push.installation_id,
        head_sha=push.after,
        branch=push.branch,
        before=push.before,
        pull_number=None,
        attempt=attempt,
        trigger=Trigger.PUSH,
        priority=HUGE_PRIORITY if push.changed_files > HUGE_FILES else 1,
        received_at=received_at,
    )


def decide_push(delivery: Delivery, received_at: datetime = START) -> Callable[[Known], Plan]:
    """What intake does for a push: one lint run a commit, superseding the branch's last one."""

    def decide(known: Known) -> Plan:
        push = delivery.event
        assert isinstance(push, Push)
        return Plan(
            outcome="queued",
            repository=push.repository,
            branch=BranchMove(repository_id=push.repository.id, branch=push.branch, sha=push.after),
            job=None if known.runs else a_job(delivery, received_at=received_at),
            supersede=(known.head_run,) if known.head_run else (),
        )

    return decide
