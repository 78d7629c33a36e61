"""Shell: looks packages up, once a day each for all repositories, and at once when one is new."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from lintbot.model.package import Answer, Missing, Observation, Owners, Presence, Unanswered
from lintbot.ports import Clock, Index, Packages
from lintbot.trust.watch import begin, observe

_log = logging.getLogger(__name__)

EVERY = timedelta(hours=24)
AGAIN = timedelta(hours=1)
"""After an answer that could not be used."""
AT_ONCE = 200
"""Packages that one report looks up while it waits; the rest follow in the daily round."""
_SEEN = {Presence.FOUND, Presence.EMPTIED, Presence.MISSING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """The dependency watch.

    Attributes:
        index: None when there is no index to ask; then everything is unknown.
    """

    index: Index | None
    packages: Packages
    clock: Clock

    async def see(
        self, names: Iterable[str], *, may_ask: bool, at_once: int = AT_ONCE
    ) -> dict[str, Observation]:
        """Return what is known of these names; those never looked up are asked for, if they may.

        Args:
            names: normalised.
            may_ask: the names may leave this server.
            at_once: so many of them at most.
        """
        wanted = list(dict.fromkeys(names))
        known = dict(await asyncio.to_thread(self.packages.load, wanted))
        if may_ask and self.index is not None:
            new = [n for n in wanted if n not in known or known[n].presence is Presence.UNKNOWN]
            for name in new[:at_once]:
                known[name] = await self.look(known.get(name) or begin(name))
        return known

    async def count_owners(self, name: str) -> Owners | None:
        """Return how many own a project; None: nobody knows."""
        return await self.index.count_owners(name) if self.index is not None else None

    async def look(self, before: Observation) -> Observation:
        """Ask the index about one package and store what came of it."""
        if self.index is None:
            return before
        answer = await self._ask(self.index, before)
        now = self.clock.now()
        after, events = observe(before, answer, now)
        due = now + (AGAIN if isinstance(answer, Unanswered) else EVERY)
        await asyncio.to_thread(self.packages.save, after, events, due)
        for event in events:
            _log.info("package event", extra={"package": event.name, "kind": event.kind.value})
        return after

    async def look_at_due(self) -> bool:
        """Look at the package that has waited longest; tell whether there was one."""
        if self.index is None:
            return False
        due = await asyncio.to_thread(self.packages.claim, self.clock.now())
        if due is None:
            return False
        await self.look(due)
        return True

    async def _ask(self, index: Index, before: Observation) -> Answer:
        """Ask; do not believe that a package is gone while another that was there is gone too."""
        answer = await index.look(before.name, before.etag)
        if isinstance(answer, Missing) and before.presence in _SEEN:
            other = await asyncio.to_thread(self.packages.find_other, before.name)
            if other is not None and isinstance(await index.look(other), Missing | Unanswered):
                return Unanswered("the index does not find other packages either")
        return answer
