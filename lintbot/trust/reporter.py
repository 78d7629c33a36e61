"""Shell: makes the trust report of one repository or package, and stores it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name

from lintbot.errors import LintbotError, PermanentError, SandboxUnavailableError
from lintbot.model.counts import Counts
from lintbot.model.history import History
from lintbot.model.ids import InstallationId, Sha
from lintbot.model.package import Observation, Project
from lintbot.model.requirement import DependencyAlarm, Requirements
from lintbot.model.trust import TrustJob, TrustReport
from lintbot.ports import Checkout, Clock, Forge, Histories, Sandbox, Target, Trees
from lintbot.trust.advisories import Affected
from lintbot.trust.facts import Facts, read_pyproject
from lintbot.trust.judge import Known, judge_all, make_alarms
from lintbot.trust.measure import measure
from lintbot.trust.ports import Index, OpenFolder, Reports, Unpack
from lintbot.trust.score import assess
from lintbot.trust.signals.metadata import read_setup_cfg
from lintbot.trust.toml import get
from lintbot.trust.tree import Tree, read_tree, read_tree_requirements
from lintbot.trust.watcher import Watcher

_PRIVATE = "the repository is private, and its owner has not agreed that names are asked for"
_AT_A_PUSH, _SECONDS_AT_A_PUSH = 10, 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """Makes reports.

    Attributes:
        index_url: of the package index; empty when there is none.
        agrees: tells whether the owner of a private repository lets names be asked for. Blocking.
        affected: known vulnerabilities; None without local data.
    """

    sandbox: Sandbox
    forge: Forge
    trees: Trees
    histories: Histories
    reports: Reports
    watcher: Watcher
    clock: Clock
    index_url: str
    agrees: Callable[[Checkout], bool]
    affected: Affected | None = None

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
        source = await self.forge.git_source(target)
        async with self.trees.checkout(source, Sha(job.sha)) as checkout:
            tree = await asyncio.to_thread(read_tree, checkout.root, checkout.files, self.index_url)
            mailmap = checkout.root / ".mailmap" if ".mailmap" in checkout.files else None
            now = self.clock.now()
            history = await self.histories.read(source, Sha(job.sha), now, mailmap)
            counts = await _count(self.sandbox, checkout.root)
            may_ask = not job.private or await asyncio.to_thread(self.agrees, checkout)
        report, names = await self._assess(job, tree, history, counts, may_ask=may_ask)
        await asyncio.to_thread(self.reports.save, job, report, names if may_ask else ())

    async def _assess(
        self,
        job: TrustJob,
        tree: Tree,
        history: History,
        counts: Counts | None,
        *,
        may_ask: bool,
    ) -> tuple[TrustReport, Sequence[str]]:
        pyproject = read_pyproject(tree.texts)
        own = own_name(pyproject)
        names = askable(tree.requirements)
        asked = [*([own] if own else []), *names]
        seen = await self.watcher.see(asked, may_ask=may_ask)
        facts = Facts(
            now=self.clock.now(),
            paths=tree.paths,
            texts=tree.texts,
            counts=counts,
            history=history,
            requirements=tree.requirements,
            dependencies=judge_all(
                tree.requirements.found, self._known(seen, withheld="" if may_ask else _PRIVATE)
            ),
            package=seen[own].project if own in seen else None,
            pyproject=pyproject,
            setup_cfg=read_setup_cfg(tree.texts.get("setup.cfg", "")),
        )
        return assess(facts, job.sha, job.letter), asked

    async def find_alarms(
        self,
        checkout: Checkout,
        private: bool,
    ) -> tuple[DependencyAlarm, ...]:
        """Return what a push's check run says on lines of requirements; it never takes long.

        New names are looked up at once, a few of them; what is known answers for the others.
        """
        requirements = await asyncio.to_thread(
            read_tree_requirements, checkout.root, checkout.files, self.index_url
        )
        may_ask = not private
        names = askable(requirements)
        try:
            async with asyncio.timeout(_SECONDS_AT_A_PUSH):
                seen = await self.watcher.see(names, may_ask=may_ask, at_once=_AT_A_PUSH)
        except TimeoutError:
            seen = await self.watcher.see(names, may_ask=False)
        return make_alarms(judge_all(requirements.found, self._known(seen, withheld="")))

    def _known(self, seen: dict[str, Observation], *, withheld: str) -> Known:
        return Known(
            now=self.clock.now(), observations=seen, affected=self.affected, withheld=withheld
        )


def askable(requirements: Requirements) -> list[str]:
    """Return the names that may be asked for at our index, direct ones first, each once."""
    ordered = sorted(requirements.found, key=lambda it: it.locked)
    return list(dict.fromkeys(it.name for it in ordered if not it.elsewhere))


def own_name(pyproject: object) -> str:
    """Return the normalised name of the project that a repository makes; empty: undeclared."""
    name = get(pyproject, "project", "name", default="") or get(
        pyproject, "tool", "poetry", "name", default=""
    )
    return canonicalize_name(name[:200]) if name else ""


async def _count(sandbox: Sandbox, root: Path) -> Counts | None:
    """Count what is in the sources; without a sandbox nobody knows."""
    try:
        return await measure(sandbox, root)
    except SandboxUnavailableError:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageReporter:
    """Makes reports of packages from their newest source distribution; nothing is built."""

    sandbox: Sandbox
    index: Index | None
    watcher: Watcher
    clock: Clock
    open_folder: OpenFolder
    unpack: Unpack
    index_url: str
    affected: Affected | None = None

    async def make(self, name: str) -> tuple[TrustReport | None, str]:
        """Return the report of a package, or None and why there is none, in words."""
        if self.index is None:
            return None, "There is no package index to ask."
        seen = await self.watcher.see([name], may_ask=True)
        project = seen[name].project
        if project is None:
            return None, f"The index does not show it: {seen[name].trouble or seen[name].presence}."
        if project.source is None:
            return None, "It has no source distribution, so there is nothing to read."
        try:
            return await self._read(self.index, project), ""
        except LintbotError as error:
            return None, f"Its source distribution could not be read: {error}"

    async def _read(self, index: Index, project: Project) -> TrustReport:
        source = project.source
        if source is None:
            raise PermanentError("there is no source distribution")
        async with self.open_folder() as folder:
            archive, root = folder / "archive", folder / "source"
            root.mkdir(mode=0o755)
            await index.download(source, archive)
            files = await asyncio.to_thread(self.unpack, archive, root)
            archive.unlink()
            tree = await asyncio.to_thread(read_tree, root, files, self.index_url)
            counts = await _count(self.sandbox, root)
        seen = await self.watcher.see(askable(tree.requirements), may_ask=True, at_once=30)
        known = Known(now=self.clock.now(), observations=seen, affected=self.affected)
        facts = Facts(
            now=self.clock.now(),
            paths=tree.paths,
            texts=tree.texts,
            counts=counts,
            requirements=tree.requirements,
            dependencies=judge_all(tree.requirements.found, known),
            package=project,
            pyproject=read_pyproject(tree.texts),
            setup_cfg=read_setup_cfg(tree.texts.get("setup.cfg", "")),
        )
        return assess(facts, f"{project.name} {source.version}")
