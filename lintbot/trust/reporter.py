"""Shell: makes the trust report of one repository or package, and stores it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from lintbot.errors import SandboxUnavailableError, TransientError, UserError
from lintbot.model.counts import Counts
from lintbot.model.history import History
from lintbot.model.ids import InstallationId, Sha
from lintbot.model.package import Observation
from lintbot.model.repository_settings import RepositorySettings
from lintbot.model.requirement import DependencyAlarm, Requirements
from lintbot.model.trust import TrustJob, TrustReport
from lintbot.ports import (
    Checkout,
    Clock,
    Forge,
    GitSource,
    Histories,
    Sandbox,
    Target,
    Trees,
    TrustReports,
)
from lintbot.requirements.documents import get
from lintbot.requirements.names import normalise
from lintbot.trust.facts import Facts, read_pyproject
from lintbot.trust.judge import Known, find_advisories, find_doubtful, judge_all, make_alarms
from lintbot.trust.local_advisories import LocalAdvisories
from lintbot.trust.measure import measure
from lintbot.trust.score import assess
from lintbot.trust.signals.metadata import read_setup_cfg
from lintbot.trust.tree import Tree, read_tree, read_tree_requirements
from lintbot.trust.watcher import AT_ONCE, Watcher

_log = logging.getLogger(__name__)

_PRIVATE = "the repository is private, and its owner has not agreed that names are asked for"
_AT_A_PUSH, _SECONDS_AT_A_PUSH = 10, 3.0
_SECONDS_IN_ALL = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """Makes reports.

    Attributes:
        own_indexes: addresses of the package index that the watcher asks.
        read_settings: reads the repository's own settings. Blocking.
        advisories: known vulnerabilities.
        keep_issue: makes GitHub show the issue about dependencies; gives what prevents it.
        may_fetch: tells whether a repository may be fetched today.
    """

    sandbox: Sandbox
    forge: Forge
    trees: Trees
    histories: Histories
    reports: TrustReports
    watcher: Watcher
    clock: Clock
    own_indexes: frozenset[str]
    read_settings: Callable[[Checkout], RepositorySettings]
    advisories: LocalAdvisories
    keep_issue: Callable[[Target, TrustReport], Awaitable[tuple[str, ...]]]
    may_fetch: Callable[[Target], Awaitable[bool]]

    async def refresh(self, job: TrustJob) -> None:
        """Make and store the report of a repository's default branch.

        Raises:
            LintbotError: the repository cannot be read now, or not at all.
        """
        target = Target(
            installation_id=InstallationId(job.installation_id),
            repository_id=job.repository_id,
            owner=job.owner,
            name=job.name,
        )
        if not await self.may_fetch(target):
            raise UserError("the repository is private and its account has no plan for it")
        source = await self.forge.git_source(target)
        archived = await self.forge.is_archived(target)
        async with self.trees.checkout(source, Sha(job.sha)) as checkout:
            tree = await asyncio.to_thread(
                read_tree, checkout.root, checkout.files, self.own_indexes
            )
            mailmap = checkout.root / ".mailmap" if ".mailmap" in checkout.files else None
            now = self.clock.now()
            history = await self._read_history(source, Sha(job.sha), now, mailmap)
            counts = await count(self.sandbox, checkout.root)
            settings = await asyncio.to_thread(self.read_settings, checkout)
        may_ask = not job.private or settings.watch_private_dependencies
        facts = await asyncio.to_thread(read_facts, tree, now, counts)
        own = own_name(facts)
        names = [*([own] if own else []), *askable(tree.requirements)]
        seen = await self._see(names, tree.requirements, may_ask=may_ask)
        known = self._known(seen, withheld="" if may_ask else _PRIVATE)
        package = seen[own].project if own in seen else None
        facts = replace(
            facts,
            owners=await self.watcher.count_owners(own) if package and may_ask else None,
            history=history,
            archived=archived,
            seeks_since=await self._seeks_since(job) if settings.seeks_maintainer else None,
            package=package,
            dependencies=await asyncio.to_thread(judge_all, tree.requirements.found, known),
            advised_at=self.advisories.made_at,
        )
        report = replace(
            await asyncio.to_thread(assess, facts, job.sha, job.letter),
            advisories=await asyncio.to_thread(
                find_advisories, tree.requirements.found, self.advisories.find
            ),
        )
        if settings.dependency_issue:
            notes = await self.keep_issue(target, report)
            report = replace(report, notes=(*report.notes, *notes))
        await asyncio.to_thread(self.reports.save, job, report, names if may_ask else ())

    async def _seeks_since(self, job: TrustJob) -> datetime:
        """Return since when it seeks a co-maintainer: as the report before says, or now."""
        before = await asyncio.to_thread(self.reports.load, job.repository_id)
        return (before.seeks_since if before else None) or self.clock.now()

    async def _read_history(
        self, source: GitSource, sha: Sha, now: datetime, mailmap: Path | None
    ) -> History | None:
        """Return the history; None where it cannot be read now: then nobody knows it."""
        try:
            return await self.histories.read(source, sha, now, mailmap)
        except TransientError as error:
            _log.warning("no history: %s", error, extra={"repository_id": source.repository_id})
            return None

    async def find_alarms(self, checkout: Checkout, private: bool) -> tuple[DependencyAlarm, ...]:
        """Return what a push's check run says on lines of requirements.

        It takes seconds at most and raises nothing: the verdict must not suffer. New names are
        looked up at once, a few of them; what is known answers for the others.
        """
        try:
            async with asyncio.timeout(_SECONDS_IN_ALL):
                return await self._find_alarms(checkout, may_ask=not private)
        except Exception:  # noqa: BLE001  the verdict must not suffer
            _log.exception("dependencies were not judged")
            return ()

    async def _find_alarms(
        self, checkout: Checkout, *, may_ask: bool
    ) -> tuple[DependencyAlarm, ...]:
        requirements = await asyncio.to_thread(
            read_tree_requirements, checkout.root, checkout.files, self.own_indexes
        )
        names = askable(requirements)
        try:
            async with asyncio.timeout(_SECONDS_AT_A_PUSH):
                seen = await self._see(names, requirements, may_ask=may_ask, at_once=_AT_A_PUSH)
        except TimeoutError:
            seen = await self.watcher.see(names, may_ask=False)
        known = self._known(seen, withheld="")
        return make_alarms(await asyncio.to_thread(judge_all, requirements.found, known))

    async def _see(
        self,
        names: list[str],
        requirements: Requirements,
        *,
        may_ask: bool,
        at_once: int = AT_ONCE,
    ) -> dict[str, Observation]:
        """Return what is known of names; what a requirement wants may be newer: look again."""
        seen = await self.watcher.see(names, may_ask=may_ask, at_once=at_once)
        if may_ask:
            now = self.clock.now()
            doubtful = await asyncio.to_thread(find_doubtful, requirements.found, seen, now)
            for name in doubtful[:at_once]:
                seen[name] = await self.watcher.look(seen[name])
        return seen

    def _known(self, seen: dict[str, Observation], *, withheld: str) -> Known:
        return Known(
            now=self.clock.now(),
            observations=seen,
            affected=self.advisories.find,
            withheld=withheld,
        )


def read_facts(tree: Tree, now: datetime, counts: Counts | None) -> Facts:
    """Return what a tree alone tells."""
    return Facts(
        now=now,
        paths=tree.paths,
        texts=tree.texts,
        counts=counts,
        requirements=tree.requirements,
        pyproject=read_pyproject(tree.texts),
        setup_cfg=read_setup_cfg(tree.texts.get("setup.cfg", "")),
    )


def askable(requirements: Requirements) -> list[str]:
    """Return the names that may be asked for at our index, direct ones first, each once."""
    ordered = sorted(requirements.found, key=lambda it: it.locked)
    return list(dict.fromkeys(it.name for it in ordered if not it.elsewhere))


def own_name(facts: Facts) -> str:
    """Return the normalised name of the project that a repository makes; empty: undeclared."""
    name = (
        get(facts.pyproject, "project", "name", default="")
        or get(facts.pyproject, "tool", "poetry", "name", default="")
        or facts.setup_cfg.get("name", "")
    )
    return normalise(name)


async def count(sandbox: Sandbox, root: Path) -> Counts | None:
    """Count what is in the sources; without a sandbox nobody knows."""
    try:
        return await measure(sandbox, root)
    except SandboxUnavailableError:
        return None
