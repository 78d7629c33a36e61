"""Shell: what ``lintbot doctor`` asks, joined from the adapters."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime

from lintbot.doctor import Registration, Tools
from lintbot.git.command import find_git, read_version
from lintbot.github.manifest import EVENTS, PERMISSIONS
from lintbot.github.registration import Hook, read_registration, try_hook
from lintbot.sandbox.tiers import Tier
from lintbot.settings import Settings
from lintbot.store.migrate import describe_schema
from lintbot.wiring.parts import (
    configure_sandbox,
    describe_sandbox,
    make_credentials,
    make_folders,
)


def make_doctor_tools() -> Tools:
    """Return what the doctor asks."""
    return Tools(
        describe_git=_describe_git,
        describe_database=lambda settings: describe_schema(settings.database_url),
        describe_sandbox=_describe_sandbox,
        read_registration=_read_registration,
        try_hook=_try_hook,
        permissions=PERMISSIONS,
        events=EVENTS,
    )


def _describe_git() -> str:
    program = find_git(os.environ)
    return f"{read_version(program)} at {program}"


async def _describe_sandbox(settings: Settings) -> tuple[str, bool]:
    sandbox = configure_sandbox(settings, make_folders(settings), warm=False)
    try:
        await sandbox.start()
        return describe_sandbox(sandbox), sandbox.tier is Tier.A
    finally:
        await sandbox.aclose()


async def _read_registration(settings: Settings) -> Registration:
    return await read_registration(make_credentials(settings), settings.github_api_url)


async def _try_hook(settings: Settings) -> Hook:
    credentials, now = make_credentials(settings), datetime.now(UTC)
    return await try_hook(credentials, settings.github_api_url, now=now, sleep=asyncio.sleep)
