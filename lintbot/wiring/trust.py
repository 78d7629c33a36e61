"""Shell: trust reports and the dependency watch, joined from their stages and adapters."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from lintbot.billing.desk import Desk
from lintbot.git.folders import job_folder
from lintbot.git.histories import GitHistories
from lintbot.git.trees import GitTrees
from lintbot.github.forge import GitHubForge
from lintbot.index.client import open_index
from lintbot.index.osv import read_records
from lintbot.index.pip_default import find_default_index
from lintbot.index.unpack import unpack
from lintbot.pipeline.sources import read_settings
from lintbot.ports import Sandbox
from lintbot.report.dependency_issue import DependencyIssues
from lintbot.settings import Settings
from lintbot.store.advisories import StoredAdvisories
from lintbot.store.database import Database
from lintbot.store.packages import StoredPackages
from lintbot.store.trust import StoredTrust
from lintbot.trust.keeper import Keeper
from lintbot.trust.local_advisories import LocalAdvisories
from lintbot.trust.package_reporter import PackageReporter
from lintbot.trust.reporter import Reporter
from lintbot.trust.watcher import Watcher
from lintbot.wiring.parts import Folders, SystemClock


@asynccontextmanager
async def open_keeper(  # noqa: PLR0913  each is one part
    settings: Settings,
    folders: Folders,
    database: Database,
    *,
    forge: GitHubForge,
    trees: GitTrees,
    sandbox: Sandbox,
    desk: Desk,
) -> AsyncIterator[Keeper]:
    """Join what makes trust reports; connections to the package index last as the context does."""
    clock = SystemClock()
    index_url, own_indexes = await asyncio.to_thread(_find_index, settings.package_index_url)
    packages, reports = StoredPackages(database, clock), StoredTrust(database, clock)
    advisories = LocalAdvisories(settings.osv_file, read_records)
    async with AsyncExitStack() as stack:
        index = await stack.enter_async_context(open_index(index_url)) if index_url else None
        watcher = Watcher(index=index, packages=packages, clock=clock)
        reporter = Reporter(
            sandbox=sandbox,
            forge=forge,
            trees=trees,
            histories=GitHistories(git=trees.git, mirrors=trees.mirrors),
            reports=reports,
            watcher=watcher,
            clock=clock,
            own_indexes=own_indexes,
            advisories=advisories,
            read_settings=lambda checkout: read_settings(checkout).settings,
            keep_issue=DependencyIssues(forge=forge, public_url=settings.public_url).keep,
            may_fetch=desk.may_fetch,
        )
        package_reporter = PackageReporter(
            sandbox=sandbox,
            index=index,
            watcher=watcher,
            clock=clock,
            open_folder=lambda: job_folder(folders.jobs.resolve()),
            unpack=unpack,
            own_indexes=own_indexes,
            advisories=advisories,
        )
        yield Keeper(
            reporter=reporter,
            package_reporter=package_reporter,
            watcher=watcher,
            reports=reports,
            packages=packages,
            package_reports=packages,
            advisories=advisories,
            known_advisories=StoredAdvisories(database, clock),
            clock=clock,
        )


def _find_index(setting: str | None) -> tuple[str, frozenset[str]]:
    """Return the index to ask, empty for none, and every address that names the same packages.

    Lock files name the public index that pip knows, also where the index to ask is a mirror of
    it. Blocking.
    """
    if setting is None:
        return "", frozenset()
    url = (setting or find_default_index()).rstrip("/")
    return url, frozenset([url, find_default_index(isolated=True)]) - {""}
