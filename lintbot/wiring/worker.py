"""Shell: the worker, joined from stages and adapters."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from lintbot.actions import Actions
from lintbot.billing.desk import Desk
from lintbot.firewall import Firewall
from lintbot.fixer import Fixer
from lintbot.git.patches import GitPatches
from lintbot.git.trees import GitTrees
from lintbot.github.forge import GitHub, open_github
from lintbot.jobs.client import QueueClient
from lintbot.linting import CommitLinter
from lintbot.model.ids import AccountId
from lintbot.pipeline.lint import Linter
from lintbot.pipeline.patch import Mender
from lintbot.pipeline.remembered import RememberedResults
from lintbot.ports import Clock
from lintbot.recovery import Recovery
from lintbot.report.publish import Publisher
from lintbot.settings import Settings
from lintbot.store.attempts import StoredAttempts
from lintbot.store.baselines import StoredBaselines
from lintbot.store.catalog import StoredCatalog
from lintbot.store.database import Database
from lintbot.store.inbox import StoredInbox
from lintbot.store.lint_runs import StoredLintRuns
from lintbot.store.memories import StoredMemories
from lintbot.store.patches import StoredPatches
from lintbot.store.recovery import StoredRecovery
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
    github: GitHub,
    keeper: Keeper,
    memories: StoredMemories,
    desk: Desk,
    clock: Clock,
) -> AsyncIterator[tuple[Worker, Recovery]]:
    """Open a connection to the queue, and join what a worker does."""
    async with AsyncExitStack() as stack:
        queue = QueueClient(settings.database_url)
        stack.callback(queue.destroy)
        forge = github.forge
        recovery = Recovery(
            log=github.deliveries,
            census=github.census,
            book=StoredRecovery(database, clock),
            inbox=StoredInbox(database, clock, queue),
            clock=clock,
        )
        runs, patches = StoredLintRuns(database, clock), StoredPatches(database, clock)
        attempts = StoredAttempts(database, clock, queue)
        baselines = StoredBaselines(database, clock, attempts)
        publisher = Publisher(
            forge=forge,
            runs=runs,
            patches=patches,
            public_url=settings.public_url,
            plans_url=settings.marketplace_url,
        )
        patient = linter.giving_way()
        mender = Mender(
            sandbox=patient.sandbox,
            tool_sets=patient.tool_sets,
            lint_tree=patient.lint_tree,
            maker=GitPatches(git=trees.git, jobs=trees.jobs),
            seconds=min(MEND_SECONDS, settings.job_timeout_seconds),
        )
        fixer = Fixer(
            forge=forge,
            runs=runs,
            trees=trees,
            patches=patches,
            memories=memories,
            mender=mender,
        )
        actions = Actions(
            forge=forge, runs=runs, attempts=attempts, baselines=baselines, publisher=publisher
        )
        firewall = Firewall(
            catalog=StoredCatalog(database), trees=trees, lint_again=linter.lint_tree, clock=clock
        )
        results = RememberedResults(runs=runs, key=linter.results_key)

        async def count_slots(account_id: AccountId) -> int:
            return settings.account_slots * await desk.share(account_id)

        commits = CommitLinter(
            runs=runs,
            trees=trees,
            lint_tree=linter.lint_tree,
            lint_backlog=patient.lint_tree,
            count_slots=count_slots,
            memories=memories,
            results=results,
            clock=clock,
            timeout_seconds=settings.job_timeout_seconds,
        )
        worker = Worker(
            runs=runs,
            forge=forge,
            trees=trees,
            commits=commits,
            find_alarms=keeper.reporter.find_alarms,
            results=results,
            spare_upgrades=firewall.spare,
            publisher=publisher,
            plans=desk,
            carry_out=actions.carry_out,
            compare_installation=recovery.compare,
            make_patch=fixer.fix,
            baselines=baselines,
        )
        yield worker, recovery


def open_as_app(settings: Settings, clock: Clock) -> AbstractAsyncContextManager[GitHub]:
    """Open connections to GitHub as the App."""
    return open_github(
        make_credentials(settings),
        api_url=settings.github_api_url,
        web_url=settings.github_url,
        clock=clock,
    )
