"""Shell: what got lost on the way is found again, by asking GitHub and comparing.

GitHub sends no webhook twice by itself. So its log of deliveries is read three times a minute and
what failed is asked for again; now and then, and whenever an installation comes within reach,
branches and open pull requests are compared with what is stored. What nobody told of becomes an
event like any other, and goes the same way.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lintbot.errors import LintbotError, PermanentError
from lintbot.intake.decide import decide
from lintbot.intake.missed import (
    CLOCKS_DIFFER,
    compare_branches,
    compare_pulls,
    settle,
    sort_deliveries,
)
from lintbot.model.events import (
    Delivery,
    Event,
    InstallationChanged,
    RepositoriesChanged,
    RepositoryChanged,
)
from lintbot.model.ids import DeliveryId, InstallationId, Sha
from lintbot.model.intake import pull_ref
from lintbot.model.recovery import KnownHeads, ListedRepository
from lintbot.model.repository import InstallationState
from lintbot.ports import Census, Clock, DeliveryLog, Inbox, RecoveryBook, Target

_log = logging.getLogger(__name__)

DELIVERIES_EVERY = timedelta(seconds=20)
COMPARE_EVERY = timedelta(minutes=30)
LOG_KEPT = timedelta(days=3)
"""GitHub forgets deliveries after this long; GitHub Enterprise Server after 7 days."""
FOUND = "found"
"""What stands for GitHub's name of the event where there was none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """Looks for what was missed. Any number of processes may do so: chores are claimed."""

    log: DeliveryLog
    census: Census
    book: RecoveryBook
    inbox: Inbox
    clock: Clock

    async def look(self) -> None:
        """Do whatever is due; what cannot be done now is done the next time."""
        await self._do_if_due("deliveries", DELIVERIES_EVERY, self._ask_again)
        await self._do_if_due("compare", COMPARE_EVERY, self._look_for_installations)

    async def _do_if_due(
        self, chore: str, every: timedelta, work: Callable[[datetime], Awaitable[None]]
    ) -> None:
        begun_at = self.clock.now()
        try:
            last = await asyncio.to_thread(self.book.claim, chore, every)
            if last is not None:
                await work(last)
                await asyncio.to_thread(self.book.finish, chore, begun_at)
        except LintbotError as error:
            _log.warning("cannot look for what was missed (%s): %s", chore, error)

    async def _ask_again(self, last: datetime) -> None:
        """Have GitHub send again what did not reach us since the last time, or still does not."""
        since = max(last - CLOCKS_DIFFER, self.clock.now() - LOG_KEPT)
        missed, received = sort_deliveries(await self.log.list_since(since))
        await asyncio.to_thread(self.book.note_deliveries, missed, received)
        for id_ in await asyncio.to_thread(self.book.take_due):
            try:
                await self.log.redeliver(id_)
            except PermanentError as error:
                _log.warning("a delivery cannot be had again: %s", error)
            else:
                _log.info("a missed delivery is asked for again", extra={"attempt": id_})

    async def _look_for_installations(self, _last: datetime) -> None:
        """Learn which installations there are, and have each compared in its turn."""
        thought = await asyncio.to_thread(self.book.list_installations)
        listed = await self.census.list_installations()
        for it in listed:
            await self._accept(InstallationChanged(installation=it, action=FOUND))
        there = {it.id for it in listed}
        for it in thought:
            if it.id not in there and not await self.census.has_installation(it.id):
                gone = replace(it, state=InstallationState.DELETED)
                await self._accept(InstallationChanged(installation=gone, action="deleted"))

    async def compare(self, id_: InstallationId) -> None:
        """Compare all repositories of an installation with what is stored.

        Raises:
            TransientError: GitHub or the database could not be asked; run it again.
        """
        installation = await asyncio.to_thread(self.book.load_installation, id_)
        if installation is None or installation.state is not InstallationState.ACTIVE:
            return
        thought = await asyncio.to_thread(self.book.list_repositories, id_)
        begun_at = self.clock.now()
        try:
            listed = await self.census.list_repositories(id_)
        except PermanentError as error:
            _log.warning("an installation cannot be compared: %s", error)
            return
        left = tuple(thought - {it.repository.id for it in listed})
        if left:
            await self._accept(
                RepositoriesChanged(installation=installation, added=(), removed=left)
            )
        for it in listed:
            await self._compare_one(id_, it, begun_at)

    async def _compare_one(
        self, id_: InstallationId, listed: ListedRepository, begun_at: datetime
    ) -> None:
        repository = listed.repository
        known = await asyncio.to_thread(self.book.load_heads, repository.id)
        await self._accept(
            RepositoryChanged(installation_id=id_, repository=repository, action=FOUND)
        )
        try:
            events, heads = await self._find_unseen(id_, listed, known)
        except PermanentError as error:
            _log.warning("a repository cannot be compared: %s", error)
            return
        for event in events:
            await self._accept(event)
        unknown = {name: sha for name, sha in heads.items() if name not in known.heads}
        pushed_at = settle(listed.pushed_at, begun_at)
        await asyncio.to_thread(self.book.set_compared, repository.id, pushed_at, unknown)

    async def _find_unseen(
        self, id_: InstallationId, listed: ListedRepository, known: KnownHeads
    ) -> tuple[list[Event], dict[str, Sha]]:
        """Return what nobody told of, and where all branches and forks' pull requests are."""
        repository = listed.repository
        place = (id_, repository)
        target = Target(
            installation_id=id_,
            repository_id=repository.id,
            owner=repository.account.login,
            name=repository.name,
        )
        events: list[Event] = []
        heads: dict[str, Sha] = {}
        if known.compared_at is None or listed.pushed_at != known.pushed_at:
            branches = await self.census.list_branches(target)
            if branches is not None:
                heads |= branches
                events += compare_branches(place, known, branches)
        pulls = await self.census.list_open_pulls(target)
        shas = [pull.head_sha for pull in pulls]
        linted = await asyncio.to_thread(self.book.find_linted, repository.id, shas)
        heads |= {pull_ref(it.number): it.head_sha for it in pulls if it.from_fork}
        events += compare_pulls(place, known, pulls, linted)
        return events, heads

    async def _accept(self, event: Event) -> None:
        delivery = Delivery(id=DeliveryId(f"{FOUND}:{uuid.uuid4()}"), name=FOUND, event=event)
        now = self.clock.now()
        plan = await asyncio.to_thread(
            self.inbox.accept, delivery, lambda known: decide(event, known, now)
        )
        if plan is not None and plan.job is not None:
            _log.warning("nobody told of this commit", extra={"run_id": plan.job.run_id})
