"""Shell: web and worker, joined from stages and adapters."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from lintbot.errors import SandboxUnavailableError, TransientError, UserError
from lintbot.git.folders import job_folder
from lintbot.github.marketplace import MarketplaceWebhook
from lintbot.github.registration import read_registration
from lintbot.github.webhook import Webhook
from lintbot.intake.accept import Acceptor
from lintbot.jobs.bell import Bell
from lintbot.jobs.client import QueueClient
from lintbot.jobs.engine import Engine, EngineOptions, migrate_queue
from lintbot.jobs.names import POST_QUEUE
from lintbot.pipeline.explain import keep_explanations
from lintbot.recovery import Recovery
from lintbot.sandbox.jail.kernel import hide_process
from lintbot.sandbox.layered import LayeredSandbox
from lintbot.settings import Settings
from lintbot.store.backlog import StoredBacklog
from lintbot.store.catalog import StoredCatalog
from lintbot.store.database import Database
from lintbot.store.inbox import StoredInbox
from lintbot.store.migrate import migrate
from lintbot.store.packages import StoredPackages
from lintbot.store.pulse import StoredPulse
from lintbot.store.reports import StoredExplanations, StoredReports
from lintbot.store.trust import StoredTrust
from lintbot.web.app import Parts, make_app
from lintbot.web.express import listen
from lintbot.web.health import Probe
from lintbot.web.hooks import OpenDelivery
from lintbot.wiring.disk import Disk, forget_code, prune
from lintbot.wiring.parts import (
    Folders,
    SystemClock,
    make_credentials,
    make_folders,
    make_memories,
    make_trees,
    open_database,
    open_linter,
)
from lintbot.wiring.people import open_entrance
from lintbot.wiring.plans import make_find_histories, make_read_statement, open_desk
from lintbot.wiring.trust import open_keeper
from lintbot.wiring.worker import make_worker, open_as_app

_log = logging.getLogger(__name__)

STOP_GRACE_SECONDS = 20.0
"""For jobs under way when the process is asked to stop; the next worker takes over the rest."""
RECOVER_EVERY_SECONDS = 10.0
"""How often a worker asks whether it is its turn to look for what was missed."""
PROBE_EVERY_SECONDS = 600.0
"""How often the sandbox attacks itself again, and mirrors are pruned."""


def migrate_all(settings: Settings) -> None:
    """Bring our tables and the queue's up to date."""
    if settings.database_url.startswith("sqlite"):
        make_folders(settings)
    migrate(settings.database_url)
    migrate_queue(settings.database_url)


@asynccontextmanager
async def open_worker(settings: Settings, bell: Bell | None = None) -> AsyncIterator[Probe]:
    """Run jobs while the context lasts; gives the sandbox's probe for ``/readyz``.

    Args:
        settings: of this process.
        bell: that its web half rings, if it has one.
    """
    folders = make_folders(settings)
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        database = stack.enter_context(open_database(settings))
        trees = await asyncio.to_thread(make_trees, settings, folders)
        linter, sandbox = await stack.enter_async_context(open_linter(settings, folders))
        github = await stack.enter_async_context(open_as_app(settings, clock))
        forge = github.forge
        desk = await stack.enter_async_context(
            open_desk(settings, database, forge=forge, clock=clock)
        )
        keeper = await stack.enter_async_context(
            open_keeper(
                settings, folders, database, forge=forge, trees=trees, sandbox=sandbox, desk=desk
            )
        )
        memories = make_memories(settings, folders)
        worker, recovery = await stack.enter_async_context(
            make_worker(
                settings,
                database,
                linter=linter,
                trees=trees,
                github=github,
                keeper=keeper,
                memories=memories,
                desk=desk,
                clock=clock,
            )
        )
        backlog = StoredBacklog(database, make_find_histories(settings, database))
        engine = Engine(_engine_options(settings, folders), worker, backlog, clock, bell)
        await engine.start()
        explanations = StoredExplanations(database, clock)
        disks = (trees, memories)
        chores = (
            asyncio.create_task(_chores(sandbox, folders, explanations, disks)),
            asyncio.create_task(forget_code(disks, backlog)),
            asyncio.create_task(keeper.run()),
            asyncio.create_task(_recover(recovery)),
        )
        try:
            yield lambda: _tell_sandbox(sandbox)
        finally:
            for chore in chores:
                chore.cancel()
            await engine.stop(STOP_GRACE_SECONDS)


def _engine_options(settings: Settings, folders: Folders) -> EngineOptions:
    return EngineOptions(
        url=settings.database_url,
        folder=folders.slots,
        executor_id=settings.executor_id,
        slots=settings.slots,
        account_slots=settings.account_slots,
        billed=settings.billing != "off",
        timeout_seconds=settings.job_timeout_seconds,
    )


async def _chores(
    sandbox: LayeredSandbox,
    folders: Folders,
    explanations: StoredExplanations,
    disks: tuple[Disk, ...],
) -> None:
    """Ask the tools for their rules, attack the sandbox again and make room, now and then."""
    while True:
        with suppress(SandboxUnavailableError, TransientError):  # else the next time
            async with job_folder(folders.jobs.resolve()) as empty:
                await keep_explanations(sandbox, empty, sandbox.tool_versions, explanations)
        await asyncio.sleep(PROBE_EVERY_SECONDS)
        await sandbox.probe()
        await prune(disks)


async def _recover(recovery: Recovery) -> None:
    """Look now and then for what was missed; workers agree among them who does."""
    while True:
        try:
            await recovery.look()
        except Exception:  # noqa: BLE001  a bug must not end the looking for good
            _log.exception("looking for what was missed failed, will try again")
        await asyncio.sleep(RECOVER_EVERY_SECONDS)


def _tell_sandbox(sandbox: LayeredSandbox) -> str:
    """Say for everybody which tier holds; why another does not is in the log.

    Raises:
        SandboxUnavailableError: none does.
    """
    if sandbox.tier is None:
        raise SandboxUnavailableError("no sandbox holds on this server, so nothing is linted")
    return f"tier {sandbox.tier}"


@asynccontextmanager
async def open_web(
    settings: Settings,
    host: str,
    sandbox_probe: Probe | None = None,
    on_queued: Callable[[], None] = lambda: None,
) -> AsyncIterator[str]:
    """Answer HTTP while the context lasts; gives the address that was bound.

    Args:
        settings: of this process.
        host: to listen at.
        sandbox_probe: of a worker in this process.
        on_queued: called when a webhook has left work.
    """
    hide_process()  # a worker's jobs may run on this machine, as this user
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        database = stack.enter_context(open_database(settings))
        queue = QueueClient(settings.database_url)
        stack.callback(queue.destroy)
        acceptor = Acceptor(StoredInbox(database, clock, queue), clock, on_queued=on_queued)
        stack.callback(acceptor.close)
        parts = Parts(
            hooks=_make_hooks(settings),
            acceptor=acceptor,
            catalog=StoredCatalog(database),
            trust=StoredTrust(database, clock),
            packages=StoredPackages(database, clock),
            reports=StoredReports(database),
            public_url=settings.public_url,
            github_url=settings.github_url,
            find_slug=lambda: _find_slug(settings),
            example=settings.home_repository,
            probes=_probes(database, sandbox_probe),
            read_figures=StoredPulse(database, clock, settings.job_timeout_seconds).read,
            read_statement=make_read_statement(settings, database, clock),
            entrance=await stack.enter_async_context(
                open_entrance(settings, database, clock, queue)
            ),
        )
        try:
            await stack.enter_async_context(listen(make_app(parts), host, settings.port))
        except OSError as error:
            raise UserError(
                f"port {settings.port} of {host} cannot be opened ({error.strerror}): "
                "set PORT to a free one"
            ) from error
        _log.info("listening", extra={"host": host, "port": settings.port})
        yield f"http://{host}:{settings.port}"


async def _find_slug(settings: Settings) -> str:
    return (await read_registration(make_credentials(settings), settings.github_api_url)).slug


def _make_hooks(settings: Settings) -> dict[str, OpenDelivery]:
    hooks: dict[str, OpenDelivery] = {
        "github": Webhook(secrets=settings.webhook_secrets, app_id=settings.app_id).open
    }
    if settings.marketplace_webhook_secrets:
        secrets = settings.marketplace_webhook_secrets
        hooks["marketplace"] = MarketplaceWebhook(secrets=secrets).open
    return hooks


def _probes(database: Database, sandbox_probe: Probe | None) -> dict[str, Probe]:
    def ask_database() -> str:
        database.ping()
        return "reachable"

    probes: dict[str, Probe] = {"database": ask_database}
    return probes if sandbox_probe is None else probes | {"sandbox": sandbox_probe}


@asynccontextmanager
async def open_server(settings: Settings) -> AsyncIterator[str]:
    """Run web and worker in this process; on SQLite the schema is brought up to date first.

    The web half opens first: GitHub sends no delivery again, and the worker takes its time to
    prove the sandbox.
    """
    make_folders(settings)
    if settings.database_url.startswith("sqlite"):
        await asyncio.to_thread(migrate_all, settings)
    probes: list[Probe] = []

    def ask_sandbox() -> str:
        if not probes:
            raise SandboxUnavailableError("the sandbox is being tested")
        return probes[0]()

    bell = Bell()
    async with (
        open_web(
            settings, settings.host or "127.0.0.1", ask_sandbox, lambda: bell.ring(POST_QUEUE)
        ) as url,
        open_worker(settings, bell) as sandbox_probe,
    ):
        probes.append(sandbox_probe)
        yield url
