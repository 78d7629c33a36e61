"""Shell: the worker, joined from stages and adapters."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from lintbot.actions import Actions
from lintbot.fixer import Fixer
from lintbot.git.patches import GitPatches
from lintbot.git.trees import GitTrees
from lintbot.github.forge import GitHubForge, open_forge
from lintbot.jobs.client import QueueClient
from lintbot.pipeline.lint import Linter
from lintbot.pipeline.patch import Mender
from lintbot.ports import Clock
from lintbot.report.publish import Publisher
from lintbot.settings import Settings
from lintbot.store.attempts import StoredAttempts
from lintbot.store.baselines import StoredBaselines
from lintbot.store.database import Database
from lintbot.store.lint_runs import StoredLintRuns
from lintbot.store.patches import StoredPatches
from lintbot.trust.keeper import Keeper
from lintbot.wiring.parts import make_credentials
from lintbot.worker import Worker

MEND_SECONDS = 120.0
"""For linting once more with a patch; nobody waits for it."""


@asynccontextmanager
async def make_worker(  # noqa: PLR0913  each is one part
    settings: Settings,
    database: Database,
    *,
    linter: Linter,
    trees: GitTrees,
    forge: GitHubForge,
    keeper: Keeper,
    clock: Clock,
) -> AsyncIterator[Worker]:
    """Open a connection to the queue, and join the worker."""
    async with AsyncExitStack() as stack:
        queue = QueueClient(settings.database_url)
        stack.callback(queue.destroy)
        runs, patches = StoredLintRuns(database, clock), StoredPatches(database, clock)
        attempts = StoredAttempts(database, clock, queue)
        baselines = StoredBaselines(database, clock, attempts)
        publisher = Publisher(
            forge=forge, runs=runs, patches=patches, public_url=settings.public_url
        )
        mender = Mender(
            sandbox=linter.sandbox,
            lint_tree=linter.lint_tree,
            maker=GitPatches(git=trees.git, jobs=trees.jobs),
            seconds=min(MEND_SECONDS, settings.job_timeout_seconds),
        )
        fixer = Fixer(forge=forge, runs=runs, trees=trees, patches=patches, mender=mender)
        actions = Actions(
            forge=forge, runs=runs, attempts=attempts, baselines=baselines, publisher=publisher
        )
        yield Worker(
            runs=runs,
            forge=forge,
            trees=trees,
            lint_tree=linter.lint_tree,
            find_alarms=keeper.reporter.find_alarms,
            results_key=linter.results_key,
            publisher=publisher,
            carry_out=actions.carry_out,
            make_patch=fixer.fix,
            baselines=baselines,
            clock=clock,
            timeout_seconds=settings.job_timeout_seconds,
        )


def open_app_forge(settings: Settings, clock: Clock) -> AbstractAsyncContextManager[GitHubForge]:
    """Open connections to GitHub as the App."""
    return open_forge(
        make_credentials(settings),
        api_url=settings.github_api_url,
        web_url=settings.github_url,
        clock=clock,
    )
