"""Shell: makes the trust report of a package of the index, from its newest source distribution."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from lintbot.errors import LintbotError, PermanentError
from lintbot.model.package import Project
from lintbot.model.trust import TrustReport
from lintbot.ports import Clock, Index, OpenFolder, Sandbox, Unpack
from lintbot.trust.judge import Known, judge_all
from lintbot.trust.local_advisories import LocalAdvisories
from lintbot.trust.reporter import askable, count, read_facts
from lintbot.trust.score import assess
from lintbot.trust.tree import read_tree
from lintbot.trust.watcher import Watcher


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageReporter:
    """Makes reports of packages from their newest source distribution; nothing is built."""

    sandbox: Sandbox
    index: Index | None
    watcher: Watcher
    clock: Clock
    open_folder: OpenFolder
    unpack: Unpack
    own_indexes: frozenset[str]
    advisories: LocalAdvisories

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
            tree = await asyncio.to_thread(read_tree, root, files, self.own_indexes)
            counts = await count(self.sandbox, root)
        seen = await self.watcher.see(askable(tree.requirements), may_ask=True, at_once=30)
        known = Known(now=self.clock.now(), observations=seen, affected=self.advisories.find)
        facts = replace(
            await asyncio.to_thread(read_facts, tree, known.now, counts),
            package=project,
            dependencies=await asyncio.to_thread(judge_all, tree.requirements.found, known),
            advised_at=self.advisories.made_at,
        )
        return await asyncio.to_thread(assess, facts, f"{project.name} {source.version}")
