"""Shell: the parts that more than one command is made of."""

from __future__ import annotations

import logging
import os
import platform
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lintbot.errors import SandboxUnavailableError, UserError
from lintbot.git.command import Git, find_git
from lintbot.git.limits import MirrorLimits
from lintbot.git.trees import GitTrees
from lintbot.github.as_app import AppCredentials
from lintbot.pipeline.lint import Linter
from lintbot.sandbox import LayeredSandbox, Limits, make_sandbox
from lintbot.sandbox.limits import MIB
from lintbot.settings import Settings
from lintbot.store.database import Database
from lintbot.store.memories import MemoryLimits, StoredMemories

SET_WAIT_SECONDS = 45.0
"""For pinned versions and plugins to be prepared, the first time that somebody asks for them."""
_log = logging.getLogger(__name__)


class SystemClock:
    """Implements ``ports.Clock``."""

    def now(self) -> datetime:
        """Return the present moment, aware UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """What lies where in the data folder."""

    root: Path

    @property
    def jobs(self) -> Path:
        """Checkouts; the only part of the disk's data that a sandboxed job sees."""
        return self.root / "jobs"

    @property
    def mirrors(self) -> Path:
        """Bare git mirrors."""
        return self.root / "mirrors"

    @property
    def tools(self) -> Path:
        """The linters' own environments."""
        return self.root / "tools"

    @property
    def memories(self) -> Path:
        """What linters remember of each repository."""
        return self.root / "memories"

    @property
    def slots(self) -> Path:
        """Which executor names are taken on this machine."""
        return self.root / "executors"


def make_folders(settings: Settings) -> Folders:
    """Make every folder of the data folder.

    Raises:
        UserError: the data folder cannot be written.
    """
    folders = Folders(root=settings.data_dir)
    try:
        folders.root.mkdir(parents=True, exist_ok=True)
        for folder in (folders.mirrors, folders.tools, folders.memories, folders.slots):
            folder.mkdir(exist_ok=True)
    except OSError as error:
        raise UserError(
            f"the data folder {folders.root} cannot be written ({error.strerror}): "
            "set LINTBOT_DATA_DIR to a folder that can"
        ) from error
    return folders


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """Open the database, and close it in the end."""
    database = Database(settings.database_url)
    try:
        yield database
    finally:
        database.close()


def configure_sandbox(settings: Settings, folders: Folders, *, warm: bool = True) -> LayeredSandbox:
    """Return a sandbox as the settings want it, not yet started."""
    return make_sandbox(
        mode=settings.sandbox,
        jobs_root=folders.jobs,
        tools_root=folders.tools,
        limits=Limits(memory_bytes=settings.sandbox_memory_mb * MIB),
        warm=warm,
        index_url=settings.package_index_url or "",
    )


@asynccontextmanager
async def open_linter(
    settings: Settings, folders: Folders, *, warm: bool = True
) -> AsyncIterator[tuple[Linter, LayeredSandbox]]:
    """Start the sandbox; without a tier that holds, every run is refused, and says so."""
    sandbox = configure_sandbox(settings, folders, warm=warm)
    try:
        try:
            await sandbox.start()
        except SandboxUnavailableError as error:
            _log.error("no linters: %s", error)
        except OSError as error:
            raise UserError(
                f"the linters cannot be put into {folders.tools} ({_why(error)}): free 1 GiB "
                "there, or set LINTBOT_DATA_DIR to a folder on a larger disk"
            ) from error
        linter = Linter(
            sandbox=sandbox,
            versions=sandbox.tool_versions,
            python_version=platform.python_version(),
            tool_sets=None if settings.package_index_url is None else sandbox.tool_sets,
            wait_seconds=SET_WAIT_SECONDS,
        )
        yield linter, sandbox
    finally:
        await sandbox.aclose()


def _why(error: OSError) -> str:
    """Return what the system says; of many files that could not be copied, of the first."""
    if isinstance(error, shutil.Error) and error.args and error.args[0]:
        return str(error.args[0][0][-1])
    return error.strerror or str(error)


def describe_sandbox(sandbox: LayeredSandbox) -> str:
    """Return which tier holds and its layers, in plain words.

    Raises:
        SandboxUnavailableError: none does; the text names each with its reason.
    """
    tier = sandbox.tier
    reports = sandbox.describe()
    if tier is None:
        words = "; ".join(f"{report.tier}: {report.words}" for report in reports)
        raise SandboxUnavailableError(f"no sandbox holds, nothing is linted ({words})")
    layers = next((report.words for report in reports if report.tier is tier), "")
    return f"tier {tier}: {layers}"


def make_trees(settings: Settings, folders: Folders) -> GitTrees:
    """Return the trees, with what dead processes left swept away. Blocking.

    Raises:
        UserError: there is no git that is new enough.
    """
    trees = GitTrees(
        git=Git(find_git(os.environ), environ=os.environ),
        mirrors=folders.mirrors.resolve(),
        jobs=folders.jobs.resolve(),
        mirror_limits=MirrorLimits(total_bytes=settings.mirror_megabytes * MIB),
    )
    trees.sweep()
    return trees


def make_memories(settings: Settings, folders: Folders) -> StoredMemories:
    """Return what linters remember of each repository."""
    limits = MemoryLimits(total_bytes=settings.reuse_megabytes * MIB)
    return StoredMemories(folder=folders.memories, limits=limits)


def make_credentials(settings: Settings) -> AppCredentials:
    """Return what the App signs in to GitHub with."""
    return AppCredentials(
        app_id=settings.app_id,
        issuer=settings.client_id or str(settings.app_id),
        private_keys=settings.private_keys,
    )
